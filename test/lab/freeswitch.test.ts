import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { pause } from "../../src/kernel/clock.ts";
import { sines, toneStream } from "../../src/lab/media/tone.ts";
import { readWav, writeWav } from "../../src/lab/media/wav.ts";
import { type Endpoint, heard, next, openStack, type Stack, seed } from "./freeswitch-kit.ts";
import type { Telephone } from "./telephone.ts";

t.comment(`SEED=${seed}`);
const folder = mkdtempSync(join(tmpdir(), "lab-freeswitch-"));
const goodbyeFile = join(folder, "goodbye.wav");
const goodbye = sines([620], 700);
writeFileSync(goodbyeFile, writeWav(goodbye));
const promptFile = join(folder, "prompt.wav");
const prompt = sines([440, 550], 400);
writeFileSync(promptFile, writeWav(prompt));
const tone = (ms: number, hz = 440) => `tone_stream://%(${ms},0,${hz})`;
const pcmOf = (ms: number, hz = 440) => toneStream(tone(ms, hz)).pcm;

let stack: Stack;
t.before(async () => {
  stack = await openStack({ goodbyeFile });
});
t.teardown(async () => {
  await stack.close();
  rmSync(folder, { recursive: true });
});

/** Resolves when it holds; the test's own time limit is the end of its patience. */
async function vanished(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(systemClock, 5);
}

/** Says something until the other has heard it without a gap: on a busy machine a packet may come too late for the bridge. */
async function tell(from: Telephone, pcm: Int16Array, ear: Telephone): Promise<void> {
  while (!heard(ear, pcm)) await from.say(pcm);
}

/** A test that leaves no channel, timer or stream behind. */
function scenario(name: string, run: (test: Test) => Promise<void>): void {
  t.test(name, async (test) => {
    await run(test);
    await stack.ms.api("hupall");
    await vanished(() => stack.freeswitch.open.channels === 0);
    test.same({ ...stack.freeswitch.open, sockets: 0 }, { channels: 0, sockets: 0, tasks: 0, streams: 0 }, "nothing is left");
  });
}

/** Resolves when sound passes between the two. */
function together(...legs: Endpoint[]): Promise<void> {
  return vanished(() => legs.every((leg) => stack.freeswitch.find(leg.uuid)?.media.relay !== undefined));
}

async function attached(): Promise<{ endpoint: Endpoint; telephone: Telephone }> {
  const endpoint = await stack.endpoint();
  return { endpoint, telephone: await stack.telephone(endpoint) };
}

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
  await vanished(() => endpoint.conn === null);
  await test.rejects(endpoint.play(promptFile), /no longer active/);
  test.same(stack.freeswitch.unknownCommands, []);
});

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
      await vanished(() => (stack.freeswitch.find(endpoint.uuid)?.media.taps ?? 0) > 0);
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

scenario("record and uuid_record write what is heard", async (test) => {
  const { endpoint, telephone } = await attached();
  const file = join(folder, "message.wav");
  const recording = endpoint.record(file, { timeLimitSecs: 1 });
  const words = sines([500], 300);
  await telephone.say(words);
  test.match(await recording, { recordSeconds: "1", recordMilliseconds: "1000", recordSamples: "8000" });
  const pcm = readWav(readFileSync(file));
  test.ok(pcm.some((sample) => Math.abs(sample) > 5000));
  await endpoint.set({ RECORD_READ_ONLY: "true" });
  const second = join(folder, "call.wav");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start ${second}`), "+OK Success\n");
  test.equal(readFileSync(second).length, 44, "only a header until it stops");
  await endpoint.play(tone(200, 1000));
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} stop ${second}`), "+OK Success\n");
  test.ok(
    readWav(readFileSync(second)).every((sample) => Math.abs(sample) < 100),
    "read-only: our prompt is not in it",
  );
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} stop ${second}`), "-ERR Cannot stop record session!\n");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start ${join(folder, "x.badext")}`), "-ERR Cannot record session!\n");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start /nonexistent/dir/x.wav`), "+OK Success\n");
  test.equal(await stack.ms.api(`uuid_record 0000 start ${second}`), "-ERR Cannot locate session!\n");
  const third = join(folder, "session.wav");
  await endpoint.set({ RECORD_READ_ONLY: "false", RECORD_STEREO: "true" });
  await endpoint.execute("record_session", third);
  await endpoint.play(tone(200, 1000));
  await endpoint.execute("stop_record_session", third);
  test.equal(readFileSync(third).readUInt16LE(22), 2, "two channels");
  test.ok(
    readWav(readFileSync(third)).some((sample) => Math.abs(sample) > 1000),
    "both directions",
  );
});

scenario("nobody is left in silence when the app's socket closes", async (test) => {
  /** As if the app had been killed: its sockets close without a word. */
  const die = (endpoint: Endpoint) => endpoint.conn?.socket.destroy();

  await test.test("in a prompt: it is cut, the goodbye is heard to its end, then BYE with cause 16", async (sub) => {
    const { endpoint, telephone } = await attached();
    const bye = next<{ get(name: string): string }>(endpoint.dialog, "destroy");
    const started = next(endpoint, "playback-start");
    void endpoint.play(tone(60_000)).catch(() => {});
    await started;
    die(endpoint);
    sub.match((await bye).get("Reason"), /Q\.850;cause=16/);
    sub.ok(heard(telephone, goodbye));
    sub.notOk(heard(telephone, pcmOf(10_000)), "the prompt did not go on");
  });

  await test.test("idle: the goodbye follows too", async (sub) => {
    const { endpoint, telephone } = await attached();
    const bye = next(endpoint.dialog, "destroy");
    die(endpoint);
    await bye;
    sub.ok(heard(telephone, goodbye));
  });

  await test.test("two in conversation go on talking; the one left over is watched by FreeSWITCH itself", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    die(agent.endpoint);
    die(lead.endpoint);
    await vanished(() => stack.freeswitch.channels().every((channel) => channel.control === undefined));
    const words = sines([400], 300);
    await tell(agent.telephone, words, lead.telephone);
    await lead.endpoint.dialog.destroy();
    await vanished(() => stack.freeswitch.open.tasks === 1);
    sub.equal(stack.freeswitch.find(agent.endpoint.uuid)?.profile.destination, "alone", "parked, with a watchdog of FreeSWITCH's own");
    const left = next(agent.endpoint.dialog, "destroy");
    await stack.ms.api(`uuid_transfer ${agent.endpoint.uuid} goodbye XML mrf`);
    await left;
    sub.ok(heard(agent.telephone, goodbye));
    sub.notOk(heard(lead.telephone, goodbye));
  });

  await test.test("alone again after a conversation: the goodbye follows what is playing", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    await stack.ms.api(`uuid_transfer ${lead.endpoint.uuid} -both alone XML mrf`);
    const started = next(lead.endpoint, "playback-start");
    void lead.endpoint.play(promptFile).catch(() => {});
    await started;
    const bye = next(lead.endpoint.dialog, "destroy");
    die(lead.endpoint);
    await bye;
    sub.ok(heard(lead.telephone, Int16Array.from([...prompt])));
    sub.ok(heard(lead.telephone, goodbye));
  });

  await test.test("a bridge with socket_resume on is torn apart, as the source says; that is why the dialplan switches it off", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    sub.equal(await stack.ms.api(`uuid_getvar ${agent.endpoint.uuid} socket_resume`), "false");
    await stack.ms.api(`uuid_setvar ${agent.endpoint.uuid} socket_resume true`);
    die(agent.endpoint);
    await vanished(() => stack.freeswitch.find(lead.endpoint.uuid)?.partner === undefined);
  });
});

scenario("the watchdog: sched_transfer to the goodbye fires, sched_del takes it back", async (test) => {
  const { endpoint, telephone } = await attached();
  test.equal(await stack.ms.api(`sched_transfer +1 ${endpoint.uuid} goodbye XML mrf`), "+OK\n");
  test.equal(await stack.ms.api(`sched_del ${endpoint.uuid}`), "+OK Deleted: 1\n");
  test.equal(await stack.ms.api(`sched_del ${endpoint.uuid}`), "+OK Deleted: 0\n");
  await endpoint.play("silence_stream://1200");
  test.notOk(heard(telephone, goodbye), "taken back");
  const started = next(endpoint, "playback-start");
  void endpoint.play(tone(60_000)).catch(() => {});
  await started;
  const bye = next(endpoint.dialog, "destroy");
  test.equal(await stack.ms.api(`sched_transfer +1 ${endpoint.uuid} goodbye XML mrf`), "+OK\n");
  await bye;
  test.ok(heard(telephone, goodbye), "fired, while the app was there and did nothing");
  test.equal(await stack.ms.api("sched_transfer +1 0000 goodbye XML mrf"), "-ERR No such channel!\n");
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
  await vanished(() => stack.freeswitch.find(one.endpoint.uuid) === undefined);
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
