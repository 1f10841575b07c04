import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { shippedConfiguration } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { elements, readXml, type XmlElement } from "../../src/lab/freeswitch/xml.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { client, EslClient, newFreeswitch, next, openStack, running, seed } from "./freeswitch-kit.ts";

t.comment(`SEED=${seed}`);
const fixture = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/freeswitch", name), "utf8"));
const headerLists: { blocks: Record<string, string>; events: Record<string, string> } = fixture("headers.json");

function namesOf(kind: string): string[] {
  return (headerLists.events[kind] ?? "").split(" ").flatMap((name) => headerLists.blocks[name]?.split(" ") ?? [name]);
}

/** Not in the lab: conference, video and accounting leftovers, and what depends on the app of that day. */
const withoutThese =
  /^(Content-|variable_(park_after_bridge|a_var|b_var|current_loop|total_loops|RECORD_|record_|read_terminator|last_sent_callee|rtp_use_|playback_|DP_MATCH$))/;
const restOfBridge =
  /^(Other-Leg-(Caller-ID-Number|Callee-ID-Name)|variable_(call_uuid|myDigitBuffer|read_result|original_caller_id_number|max_forwards|signal_bond|bridge_\w+))$/;

t.test("events carry the headers of the real ones, in the order of a real call", async (test) => {
  const stack = await openStack();
  const watcher = await client(stack.freeswitch);
  await watcher.command("event json ALL");
  const [agent, lead] = [await stack.endpoint(), await stack.endpoint()];
  // The offer of a real one for an INVITE without an offer (transcript 02).
  const offer =
    "v=0|o=freeSwitch 0 0 IN IP0 0|s=freeSwitch|c=IN IP0 0|t=0 0|m=audio 0 RTP/AVP 0 0 0 0|a=rtpmap:0 PCMU/0|a=rtpmap:0 PCMA/0|a=rtpmap:0 telephone-event/0";
  const masked = agent.local.sdp
    .trim()
    .replaceAll("\r\n", "|")
    .replace(/\d+(\.\d+)*/g, "0");
  test.equal(masked, `${offer}|a=fmtp:0 0-0|a=rtpmap:0 CN/0|a=ptime:0|a=sendrecv`);
  await stack.telephone(agent);
  const telephone = await stack.telephone(lead);
  const dump = (await stack.ms.api(`uuid_dump ${lead.uuid}`)).split("\n").map((line) => line.split(": ")[0] ?? "");
  await lead.play("tone_stream://%(60,0,440)");
  const prompted = next(lead, "playback-stop");
  const collected = lead.playCollect({ min: 1, max: 1, tries: 1, timeout: 4000, file: "silence_stream://40" });
  await prompted;
  telephone.stream.press("5");
  await collected;
  await agent.bridge(lead);
  await watcher.event("CHANNEL_BRIDGE");
  await watcher.event("CALL_UPDATE", { "Unique-ID": lead.uuid });
  await agent.unbridge();
  await watcher.event("CHANNEL_EXECUTE", { "Unique-ID": lead.uuid, Application: "park" });
  await lead.destroy();
  await watcher.event("CHANNEL_STATE", { "Unique-ID": lead.uuid, "Channel-State": "CS_DESTROY" });

  const own = watcher.messages.map((message) => message.event).filter((event) => event["Unique-ID"] === lead.uuid);
  const label = (event: Readonly<Record<string, string>>) => {
    const more = { CHANNEL_CALLSTATE: "Channel-Call-State", CHANNEL_EXECUTE: "Application", CHANNEL_EXECUTE_COMPLETE: "Application" }[
      event["Event-Name"] ?? ""
    ];
    const file = event["Playback-File-Type"];
    return [event["Event-Name"], more === undefined ? file : event[more]].filter((part) => part !== undefined).join(" ");
  };
  const kinds = [
    "CHANNEL_STATE",
    "CHANNEL_CREATE",
    "CHANNEL_ANSWER",
    "CHANNEL_PARK",
    "CHANNEL_UNPARK",
    "CHANNEL_EXECUTE answer",
    "CHANNEL_EXECUTE socket",
  ];
  kinds.push("CHANNEL_EXECUTE playback", "PLAYBACK_START tone_stream", "PLAYBACK_STOP tone_stream", "CHANNEL_EXECUTE_COMPLETE playback", "DTMF");
  kinds.push(
    "CHANNEL_EXECUTE_COMPLETE play_and_get_digits",
    "CHANNEL_EXECUTE uuid_bridge",
    "CHANNEL_CALLSTATE RINGING",
    "CHANNEL_EXECUTE_COMPLETE hangup",
  );
  kinds.push("CHANNEL_CALLSTATE HANGUP", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY");
  for (const kind of kinds) {
    const events = own.filter((event) => label(event) === kind);
    const last = events.at(/PARK$/.test(kind) ? 0 : -1) ?? {};
    const missing = namesOf(kind).filter((name) => !(name in last) && !withoutThese.test(name) && !restOfBridge.test(name));
    // Counters come with the first uuid_set_media_stats, caller and partner of the bridge with the bridge.
    test.same(
      missing.filter(
        (name) => !name.startsWith("variable_rtp_audio_") && !/^(Other-|Caller-Callee|Caller-Transfer|variable_(transfer|original))/.test(name),
      ),
      [],
      kind,
    );
  }
  test.same(
    namesOf("uuid_dump response").filter((name) => !dump.includes(name) && !withoutThese.test(name)),
    [],
    "uuid_dump",
  );

  const order = own
    .map(label)
    .filter((kind) => !/^(CHANNEL_STATE|CODEC|CHANNEL_CALLSTATE ACTIVE|CHANNEL_EXECUTE(_COMPLETE)? set|CALL_UPDATE)$/.test(kind));
  test.same(order, [
    "CHANNEL_ANSWER",
    "CHANNEL_CREATE",
    "CHANNEL_CALLSTATE RINGING",
    "CHANNEL_EXECUTE answer",
    "CHANNEL_EXECUTE_COMPLETE answer",
    "CHANNEL_EXECUTE socket",
    "CHANNEL_PARK",
    "CHANNEL_EXECUTE playback",
    "PLAYBACK_START tone_stream",
    "PLAYBACK_STOP tone_stream",
    "CHANNEL_EXECUTE_COMPLETE playback",
    "CHANNEL_EXECUTE play_and_get_digits",
    "PLAYBACK_START",
    "PLAYBACK_STOP",
    "DTMF",
    "CHANNEL_EXECUTE_COMPLETE play_and_get_digits",
    "CHANNEL_UNPARK",
    "CHANNEL_EXECUTE_COMPLETE socket",
    "CHANNEL_EXECUTE uuid_bridge",
    "CHANNEL_CALLSTATE RINGING",
    "CHANNEL_EXECUTE park",
    "CHANNEL_PARK",
    "CHANNEL_EXECUTE hangup",
    "CHANNEL_HANGUP",
    "CHANNEL_EXECUTE_COMPLETE hangup",
    "CHANNEL_UNPARK",
    "CHANNEL_EXECUTE_COMPLETE park",
    "CHANNEL_CALLSTATE HANGUP",
    "CHANNEL_HANGUP_COMPLETE",
    "CHANNEL_DESTROY",
  ]);
  const ids = own.filter((event) => event["Application"] === "playback").map((event) => event["Application-UUID"]);
  test.equal(new Set(ids).size, 1, "one Application-UUID, the one the app gave");
  await watcher.close();
  await stack.close();
});

t.test("the connection that FreeSWITCH opens answers connect as the real one", async (test) => {
  const app = createServer();
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const address = app.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const accepted = new Promise<EslClient>((resolve) => app.once("connection", (socket) => resolve(new EslClient(socket))));
  const freeswitch = await running();
  const caller = new SipAgent({ clock: systemClock, random: seededRandom(seed), host: "127.0.0.1", port: 0, transports: ["udp"] });
  await caller.listen();
  const sdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=inactive\r\n";
  const call = caller.invite({
    uri: `sip:drachtio@127.0.0.1:${freeswitch.sipPort}`,
    from: "<sip:127.0.0.1>",
    sdp,
    headers: { "User-Agent": "drachtio-fsmrf:1234", "X-esl-outbound": `127.0.0.1:${port}` },
  });
  const final = await call.final;
  test.ok(final.ok);
  const success = final.ok ? final.response : undefined;
  const sent = success?.headers.all().map(({ name }) => name) ?? [];
  const real = "Via From To Call-ID CSeq Contact User-Agent Accept Allow Supported Allow-Events Content-Type Content-Disposition".split(" ");
  test.same(
    real.filter((name) => !sent.includes(name)),
    [],
    "headers of the 200",
  );
  const control = await accepted;
  await control.command("connect");
  const info = control.messages[0]?.headers ?? new Map<string, string>();
  const wanted = namesOf("connect response (CHANNEL_DATA)").filter(
    (name) => !withoutThese.test(name) && !/^variable_sip_(reinvite_sdp|to_tag)$/.test(name),
  );
  test.same(
    wanted.filter((name) => !info.has(name)),
    [],
  );
  test.match(Object.fromEntries(info), {
    "Event-Name": "CHANNEL_DATA",
    "Content-Type": "command/reply",
    "Reply-Text": "%2BOK%0A",
    "Socket-Mode": "async",
    Control: "full",
    variable_sip_user_agent: "drachtio-fsmrf%3A1234",
    "variable_sip_h_X-esl-outbound": `127.0.0.1%3A${port}`,
    variable_read_codec: "PCMA",
  });
  test.equal(await control.command("event json CHANNEL_CALLSTATE"), "+OK event listener enabled json");
  test.equal(await control.command("linger 5"), "+OK will linger 5 seconds");
  test.equal(await control.command("nolinger"), "+OK will not linger");
  if (final.ok) await final.dialog.bye();
  const notice = await control.until((message) => message.headers.get("Content-Type") === "text/disconnect-notice");
  test.equal(notice.headers.get("Content-Disposition"), "disconnect");
  test.equal(notice.headers.get("Controlled-Session-UUID"), info.get("Unique-ID"));
  test.same((await control.event("CHANNEL_CALLSTATE")).event["Channel-Call-State"], "HANGUP");
  await control.closed;
  test.equal(
    (await caller.invite({ uri: `sip:x@127.0.0.1:${freeswitch.sipPort}`, from: "<sip:x@127.0.0.1>", sdp: "v=0\r\nno audio here" }).final).ok,
    false,
    "488",
  );
  await caller.close();
  await freeswitch.close();
  app.close();
});

t.test("the configuration we ship is well-formed and says what the code relies on", async (test) => {
  const read = (file: string): XmlElement => readXml(readFileSync(join(shippedConfiguration, file), "utf8"), file);
  const params = (file: string) =>
    new Map([...elements(read(file), "param")].map(({ attributes }) => [attributes.get("name"), attributes.get("value")]));
  const profile = params("sip_profiles/drachtio_mrf.xml");
  test.equal(read("sip_profiles/drachtio_mrf.xml").attributes.get("name"), "drachtio_mrf");
  for (const [name, value] of Object.entries({
    "enable-3pcc": "true",
    "rtp-timer-name": "soft",
    context: "mrf",
    "auth-calls": "false",
    "inbound-codec-prefs": "PCMU,PCMA",
  })) {
    test.equal(profile.get(name), value, name);
  }
  const socket = params("autoload_configs/event_socket.conf.xml");
  test.equal(socket.get("listen-ip"), "127.0.0.1");
  test.not(socket.get("password"), "ClueCon");
  const lists = [...elements(read("autoload_configs/acl.conf.xml"), "list")].map((list) => list.attributes.get("name"));
  for (const acl of [socket.get("apply-inbound-acl"), profile.get("apply-inbound-acl")]) test.ok(lists.includes(acl), `access list ${acl}`);
  const vars = [...elements(read("vars.xml"), "X-PRE-PROCESS")].map(({ attributes }) => attributes.get("data"));
  test.ok(vars.includes("rtp_secure_media=forbidden"));
  const modules = [...elements(read("autoload_configs/modules.conf.xml"), "load")].map(({ attributes }) => attributes.get("module"));
  for (const module of ["mod_event_socket", "mod_sofia", "mod_commands", "mod_dptools", "mod_dialplan_xml", "mod_sndfile", "mod_tone_stream"])
    test.ok(modules.includes(module), module);
  for (const file of ["autoload_configs/sofia.conf.xml", "autoload_configs/switch.conf.xml"]) test.ok(read(file));
  const freeswitch = newFreeswitch();
  const dialplan = read("dialplan/mrf.xml");
  test.same(
    [...elements(dialplan, "extension")].map(({ attributes }) => attributes.get("name")),
    ["goodbye", "alone", "together", "overhear", "carillon"],
  );
  for (const { attributes } of elements(dialplan, "action"))
    test.ok(freeswitch.application(attributes.get("application") ?? ""), attributes.get("application") ?? "no name");
  const file = freeswitch.core.globals.get("carillon_goodbye") ?? "";
  test.ok(existsSync(file));
  test.ok(readWav(readFileSync(file)).length > 8000);
  for (const broken of ["<a>", "<a></b>", "<a x=1/>", "<a/><b/>", "text", "<a x='1' x='2'/>", '<a x="&nbsp;"/>', ""])
    test.throws(() => readXml(broken, "x"), { code: "xml-broken" }, broken);
  const ghost = newFreeswitch();
  test.same(ghost.open, { channels: 0, sockets: 0, tasks: 0, streams: 0 });
});
