import { createSocket } from "node:dgram";
import { once } from "node:events";
import { heard, next, openStack } from "./freeswitch-kit.ts";
import { attached, goodbye, goodbyeFile, pcmOf, prompt, promptFile, scenario, stack, tone, until } from "./freeswitch-scenario.ts";

scenario("drachtio-fsmrf makes an endpoint, plays on it and lets it go", async (test) => {
  const { endpoint, telephone } = await attached();
  test.match(endpoint.local.sdp, /m=audio \d+ RTP\/AVP 0 101 13/);
  test.ok(endpoint.remote.sdp.includes(telephone.sdp().split("\r\n")[5] ?? "?"), "it knows the telephone's port");
  test.same(await endpoint.play(tone(600)), { playbackSeconds: "0", playbackMilliseconds: "600", playbackLastOffsetPos: "4800" });
  await telephone.until(() => heard(telephone, pcmOf(600)));
  await endpoint.play(promptFile);
  await telephone.until(() => heard(telephone, prompt));
  await test.rejects(endpoint.play("/nonexistent.wav"), /File Not Found/);
  await endpoint.play(`${promptFile}!${goodbyeFile}`);
  await telephone.until(() => heard(telephone, goodbye));
  test.same(await endpoint.play([tone(200), "silence_stream://200"]), {
    playbackSeconds: "0",
    playbackMilliseconds: "200",
    playbackLastOffsetPos: "3200",
  });
  await endpoint.set({ a_var: "1", b_var: "two" });
  const variables = await endpoint.getChannelVariables(true);
  test.equal(variables["variable_a_var"], "1");
  test.ok(Number(variables["variable_rtp_audio_out_packet_count"]) > 50);
  const gone = next<{ reason?: string }>(endpoint, "channelCallState");
  await endpoint.destroy();
  test.same(await gone, { state: "HANGUP" });
  await until(() => endpoint.conn === null);
  await test.rejects(endpoint.play(promptFile), /no longer active/);
  test.same(stack.freeswitch.unknownCommands, []);
});

scenario("hold: nothing is sent while inactive", async (test) => {
  const { endpoint, telephone } = await attached();
  await telephone.until((hearing) => hearing.packets > 3);
  await endpoint.modify(telephone.sdp("inactive"));
  test.match(endpoint.local.sdp, /a=inactive/);
  const { packets } = telephone.hearing;
  await endpoint.play("silence_stream://200");
  test.equal(telephone.hearing.packets, packets, "silence on hold");
  await endpoint.modify(telephone.sdp());
  await telephone.until((hearing) => hearing.packets > packets + 3);
});

scenario("the switch tells of its channels", async (test) => {
  const { endpoint } = await attached();
  const shown = JSON.parse(await stack.ms.api("show channels as json"));
  test.match(shown, {
    row_count: 1,
    rows: [{ uuid: endpoint.uuid, state: "CS_EXECUTE", callstate: "ACTIVE", application: "socket", read_codec: "PCMU" }],
  });
  const [names, row, , count] = (await stack.ms.api("show channels")).split("\n");
  test.equal(names?.split(",").length, 38);
  test.equal(row?.split(",")[0], endpoint.uuid);
  test.equal(count, "1 total.");
  test.match(await stack.ms.api("status"), /\n1 session\(s\) - peak \d+/);
  test.equal(await stack.ms.api(`uuid_setvar ${endpoint.uuid} foo bar`), "+OK\n");
  test.equal(await stack.ms.api(`uuid_getvar ${endpoint.uuid} foo`), "bar");
  test.equal(await stack.ms.api(`uuid_getvar ${endpoint.uuid} nosuchvar`), "_undef_");
  test.equal(await stack.ms.api(`uuid_send_dtmf ${endpoint.uuid} 7@100`), `+OK ${endpoint.uuid} sent DTMF 7@100.\n`);
  test.equal(await stack.ms.api("global_setvar colour=green"), "+OK");
  test.equal(await stack.ms.api("global_getvar colour"), "green");
  await endpoint.execute("set", ["shade=", "{colour} and ", "{foo}"].join("$"));
  await endpoint.execute("unset", "foo");
  await endpoint.execute("sleep", "40");
  const variables = await endpoint.getChannelVariables(false);
  test.match(variables, { variable_shade: "green and bar", variable_foo: undefined });
  const bye = next<{ get(name: string): string }>(endpoint.dialog, "destroy");
  test.equal(await stack.ms.api(`sched_hangup +1 ${endpoint.uuid} allotted_timeout`), "+OK\n");
  test.match((await bye).get("Reason"), /SIP;cause=802;text="ALLOTTED_TIMEOUT"/);
});

scenario("calls end from either side; an unknown application ends one too and is noted", async (test) => {
  const one = await attached();
  await one.endpoint.dialog.destroy();
  await until(() => stack.freeswitch.find(one.endpoint.uuid) === undefined);
  const two = await attached();
  const bye = next<{ get(name: string): string }>(two.endpoint.dialog, "destroy");
  test.equal(await stack.ms.api("hupall"), "+OK hangup all channels with cause MANAGER_REQUEST\n");
  test.match((await bye).get("Reason"), /SIP;cause=703;text="MANAGER_REQUEST"/);
  const three = await attached();
  const end = next<{ get(name: string): string }>(three.endpoint.dialog, "destroy");
  void three.endpoint.execute("no_such_application", "x").catch(() => {});
  test.match((await end).get("Reason"), /Q\.850;cause=27/);
  test.same(stack.freeswitch.unknownCommands.splice(0), ["application no_such_application x"]);
  test.equal(await stack.ms.api("no_such_command"), "-ERR no_such_command Command not found!\n");
  test.same(stack.freeswitch.unknownCommands.splice(0), ["api no_such_command"]);
});

scenario("sessions beyond the limit are refused with 503; close leaves nothing open", async (test) => {
  const small = await openStack({ maxSessions: 1 });
  const endpoint = await small.endpoint();
  await test.rejects(small.endpoint(), /503/);
  await endpoint.destroy();
  const cut = await small.endpoint();
  await small.close();
  test.same(small.freeswitch.open, { channels: 0, sockets: 0, tasks: 0, streams: 0 }, "closed with a channel up");
  test.ok(cut.uuid);
});

scenario("a channel whose ACK has not come yet can be hung up", async (test) => {
  const app = createSocket("udp4");
  app.bind(0, "127.0.0.1");
  await once(app, "listening");
  const came: string[] = [];
  app.on("message", (bytes) => came.push(bytes.toString()));
  const { port } = app.address();
  const lines = [
    `INVITE sip:drachtio@127.0.0.1:${stack.freeswitch.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${port}`,
    `From: <sip:app@127.0.0.1:${port}>;tag=dead`,
    `To: <sip:drachtio@127.0.0.1>`,
    `Call-ID: dead-${port}`,
    "CSeq: 1 INVITE",
    `Contact: <sip:app@127.0.0.1:${port}>`,
    "Content-Length: 0",
  ];
  const saw = (start: string) => until(() => came.some((text) => text.startsWith(start)));
  app.send(`${lines.join("\r\n")}\r\n\r\n`, stack.freeswitch.sipPort, "127.0.0.1");
  await saw("SIP/2.0 200");
  const [channel] = stack.freeswitch.channels();
  test.equal(channel?.state, "CS_HIBERNATE");
  test.equal(await stack.ms.api("show channels count"), "\n0 total.\n", "not listed yet");
  test.equal(await stack.ms.api(`uuid_kill ${channel?.uuid}`), "+OK\n");
  await until(() => stack.freeswitch.open.channels === 0);
  test.notOk(
    came.some((text) => text.startsWith("BYE ")),
    "no BYE before the ACK, or its time, has come",
  );
  app.send(
    [...lines.map((line) => line.replace(/^INVITE|INVITE$/, "ACK")), "", ""].join("\r\n").replace("To: <sip:drachtio@127.0.0.1>", toOf(came)),
    stack.freeswitch.sipPort,
    "127.0.0.1",
  );
  await saw("BYE ");
  app.close();
  await once(app, "close");
});

function toOf(came: readonly string[]): string {
  return (
    came
      .filter((text) => text.startsWith("SIP/2.0 200"))
      .map((text) => /^To: .*$/m.exec(text)?.[0].trim())
      .find((to) => to !== undefined) ?? ""
  );
}
