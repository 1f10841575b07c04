import { sines } from "../../src/lab/media/tone.ts";
import { heard, next } from "./freeswitch-kit.ts";
import { attached, command, event, pcmOf, promptFile, scenario, stack, tell, together, tone, until } from "./freeswitch-scenario.ts";

scenario("play_and_get_digits: enough digits, barge-in, terminator, no input, no match, last digit before the end of the execute", async (test) => {
  const { endpoint, telephone } = await attached();
  const order: string[] = [];
  endpoint.on("dtmf", ({ dtmf }: { dtmf: string }) => order.push(dtmf));
  const pressed = async (keys: string) => {
    for (const key of keys) {
      const came = next(endpoint, "dtmf");
      telephone.stream.press(key);
      await came;
    }
  };
  const collect = (options: Record<string, unknown>) =>
    endpoint.playCollect({ min: 1, tries: 1, timeout: 4000, digitTimeout: 3000, ...options }).then((result) => {
      order.push("collected");
      return result;
    });

  const started = next(endpoint, "playback-start");
  const two = collect({ max: 2, file: tone(9000) });
  await started;
  const stopped = next(endpoint, "playback-stop");
  await pressed("4");
  await stopped;
  await pressed("2");
  test.match(await two, { digits: "42", invalidDigits: null, terminatorUsed: null });
  test.same(order, ["4", "2", "collected"]);

  const short = next(endpoint, "playback-stop");
  const ended = collect({ max: 5, file: "silence_stream://100" });
  await short;
  await pressed("7#");
  test.match(await ended, { digits: "7", terminatorUsed: "#" });

  const invalid = next<{ file: string }>(endpoint, "playback-start", ({ file }) => file === tone(100, 300));
  test.match(await collect({ max: 1, timeout: 1000, digitTimeout: 800, file: "silence_stream://20", invalidFile: tone(100, 300) }), {
    digits: null,
    invalidDigits: null,
    terminatorUsed: "#",
  });
  await invalid;

  const again = next(endpoint, "playback-stop");
  const wrong = collect({ max: 1, file: "silence_stream://20", regexp: "^[1-3]$" });
  await again;
  await pressed("9");
  test.match(await wrong, { digits: null, invalidDigits: "9" });
});

scenario("executes nest, and uuid_break ends them all; terminators end one", async (test) => {
  const { endpoint, telephone } = await attached();
  const ends: string[] = [];
  const outerStarted = next(endpoint, "playback-start");
  const outer = endpoint.execute("playback", tone(9000, 440)).then((event) => ends.push(`outer ${event.getHeader("Application-Response")}`));
  await outerStarted;
  const innerStarted = next(endpoint, "playback-start");
  const inner = endpoint.execute("playback", tone(300, 600)).then(() => ends.push("inner"));
  await innerStarted;
  await inner;
  test.same(ends, ["inner"], "the inner one completes first and the outer goes on");
  await telephone.until(() => heard(telephone, pcmOf(300, 600)));
  const third = next(endpoint, "playback-start");
  const last = endpoint.execute("playback", tone(9000, 800)).then(() => ends.push("third"));
  await third;
  test.equal(await stack.ms.api(`uuid_break ${endpoint.uuid} all`), "+OK\n");
  await Promise.all([outer, last]);
  test.same(ends, ["inner", "third", "outer FILE PLAYED"]);
  await endpoint.set({ playback_terminators: "#" });
  const playing = next(endpoint, "playback-start");
  const cut = endpoint.execute("playback", tone(9000));
  await playing;
  telephone.stream.press("1");
  telephone.stream.press("#");
  test.equal((await cut).getHeader("variable_playback_terminator_used"), "#");
  const sent = next(endpoint, "playback-start");
  test.equal(await stack.ms.api(`uuid_broadcast ${endpoint.uuid} ${tone(100, 700)} aleg`), "+OK Message sent\n");
  await sent;
  await endpoint.execute("send_dtmf", "12#@100");
  await telephone.until((hearing) => hearing.digitsHeard === "12#");
  test.same(stack.freeswitch.unknownCommands, []);
});

scenario("with sensitive_dtmf keys are collected, and neither an event, the other leg nor the end of the call tells of them", async (test) => {
  const [agent, lead] = [await attached(), await attached()];
  const { uuid } = lead.endpoint;
  const told: string[] = [];
  lead.endpoint.on("dtmf", ({ dtmf }: { dtmf: string }) => told.push(dtmf));
  const collect = async (keys: string) => {
    const waits = next(lead.endpoint, "playback-stop");
    const collected = lead.endpoint.playCollect({ min: keys.length, max: keys.length, tries: 1, timeout: 4000, file: "silence_stream://20" });
    await waits;
    for (const key of keys) lead.telephone.stream.press(key);
    return collected;
  };
  test.match(await collect("12"), { digits: "12" });
  await stack.ms.api(`uuid_setvar ${uuid} sensitive_dtmf true`);
  test.match(await collect("4711"), { digits: "4711" });
  await agent.endpoint.bridge(lead.endpoint);
  await together(agent.endpoint, lead.endpoint);
  await new Promise<void>((sent) => lead.telephone.stream.press("5", 100, sent));
  await tell(lead.telephone, sines([400], 200), agent.telephone);
  test.equal(agent.telephone.hearing.digitsHeard, "");
  const over = event("CHANNEL_HANGUP_COMPLETE", { "Unique-ID": uuid });
  await lead.endpoint.destroy();
  test.equal((await over).event["variable_digits_dialed"], "12");
  test.same(told, ["1", "2"]);
});

scenario("a bridge carries sound and keys, takes a playback, comes apart and together again", async (test) => {
  const [agent, lead] = [await attached(), await attached()];
  const bridged = next<{ state: string }>(lead.endpoint, "channelCallState", ({ state }) => state === "ACTIVE");
  await agent.endpoint.bridge(lead.endpoint);
  await together(agent.endpoint, lead.endpoint);
  const said = sines([400], 200);
  await tell(agent.telephone, said, lead.telephone);
  const reply = sines([500], 200);
  await tell(lead.telephone, reply, agent.telephone);
  const key = next<{ dtmf: string }>(lead.endpoint, "dtmf");
  lead.telephone.stream.press("9");
  test.match(await key, { dtmf: "9" });
  await agent.telephone.until((hearing) => hearing.digitsHeard === "9");
  // The end packets of the key still take the place of sound.
  await agent.endpoint.play("silence_stream://100");
  await agent.endpoint.play(tone(200));
  await agent.telephone.until(() => heard(agent.telephone, pcmOf(200)));
  test.notOk(heard(lead.telephone, pcmOf(200)), "only the leg it is played on hears it");
  await agent.endpoint.unbridge();
  await bridged;
  await lead.endpoint.play(tone(200, 700));
  test.ok(heard(lead.telephone, pcmOf(200, 700)));
  await agent.endpoint.bridge(lead.endpoint);
  await together(agent.endpoint, lead.endpoint);
  await lead.endpoint.destroy();
  test.ok(agent.endpoint.connected, "the one whose partner left is still there");
  await agent.endpoint.play(tone(200, 900));
  test.ok(heard(agent.telephone, pcmOf(200, 900)));
  test.equal(await stack.ms.api(`uuid_bridge ${agent.endpoint.uuid} 2222`), "-ERR Invalid uuid\n");
});

scenario(
  "native_eavesdrop: read hears the person, write what the person hears; it ends with the tapped call, and hangup waits for it",
  async (test) => {
    const { endpoint, telephone } = await attached();
    const tapOf = async (direction: string) => {
      const carrier = await attached();
      const tap = await stack.ms.createEndpoint({ remoteSdp: carrier.telephone.sdp("recvonly") });
      tap.conn?.socket.setNoDelay(true);
      await carrier.endpoint.destroy();
      const ended = tap.execute("native_eavesdrop", `${endpoint.uuid} ${direction}`);
      await until(() => (stack.freeswitch.find(endpoint.uuid)?.media.taps ?? 0) > 0);
      return { tap, ear: carrier.telephone, ended };
    };
    const read = await tapOf("read");
    const words = sines([500], 300);
    await telephone.say(words);
    await read.ear.until(() => heard(read.ear, words));
    await endpoint.play(tone(200, 950));
    test.notOk(heard(read.ear, pcmOf(200, 950)), "our own prompt is not in it");
    void read.tap.destroy();
    test.equal(await stack.ms.api(`uuid_exists ${read.tap.uuid}`), "true", "its hangup is queued behind the tap");
    await stack.ms.api(`uuid_kill ${read.tap.uuid}`);
    test.equal(await stack.ms.api(`uuid_exists ${endpoint.uuid}`), "true");
    const write = await tapOf("write");
    await endpoint.play(tone(200, 900));
    await write.ear.until(() => heard(write.ear, pcmOf(200, 900)));
    const nobody = await attached();
    const complete = await nobody.endpoint.execute("native_eavesdrop", "00000000-0000-0000-0000-000000000000 read");
    test.equal(complete.getHeader("Application-Response"), "_none_", "an unknown uuid completes at once");
    await endpoint.destroy();
    await write.ended;
    test.ok(write.tap.connected, "the tap itself stays up");
  },
);

scenario("a prompt is repeated as often as `loops` says, and endless_playback until uuid_break finds the call over", async (test) => {
  const { endpoint, telephone } = await attached();
  const message = ["call-command: execute", "execute-app-name: playback", `execute-app-arg: ${tone(600, 640)}`, "loops: 3"];
  const before = telephone.hearing.soundMs;
  test.equal(await command(`sendmsg ${endpoint.uuid}\n${message.join("\n")}`), "+OK");
  await telephone.until((hearing) => hearing.soundMs >= before + 1800);
  await endpoint.play("silence_stream://200");
  test.equal(telephone.hearing.soundMs, before + 1800, "three times and no more");
  const again = next(endpoint, "playback-stop");
  void endpoint.execute("endless_playback", `file_string://${promptFile}!silence_stream://50`).catch(() => {});
  await again;
  const soFar = telephone.hearing.soundMs;
  await telephone.until((hearing) => hearing.soundMs > soFar + 900);
  await endpoint.dialog.destroy();
  test.same(stack.freeswitch.unknownCommands, []);
});
