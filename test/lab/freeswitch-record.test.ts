import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { findSound } from "../../src/lab/carrier/match.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { join, silence, sines } from "../../src/lab/media/tone.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { heard, next } from "./freeswitch-kit.ts";
import { attached, event, folder, goodbye, pcmOf, scenario, stack, tone, until } from "./freeswitch-scenario.ts";

/** Words, and a moment for the last of them to arrive. */
const words = join([sines([500], 600), silence(100)]);
/** Whether all of what was said is in the file. */
const holds = (file: string, pcm = words) => findSound(encode("PCMU", readWav(readFileSync(file))), "PCMU", pcm).complete;

scenario("record ends by silence, by a key and by its limit, and says how long the file is", async (test) => {
  const { endpoint, telephone } = await attached();
  const file = joinPath(folder, "message.wav");
  await endpoint.play(tone(200, 1000));
  await telephone.until(() => heard(telephone, pcmOf(200, 1000)));
  const started = event("RECORD_START");
  const bySilence = endpoint.execute("record", `${file} 60 200 1`);
  await started;
  test.equal(readFileSync(file).length, 44, "a header until it stops");
  await telephone.say(words);
  const complete = await bySilence;
  const samples = readWav(readFileSync(file)).length;
  // A turn without a frame counts as silence too, and the last frames may still be on their way when it has lasted long enough.
  test.ok(samples >= 4800 + 8000 - 3 * 160, "what was said, and the silence after it");
  const expected: Record<string, string> = {
    silence_hits_exhausted: "true",
    record_samples: String(samples),
    record_ms: String(samples / 8),
    record_seconds: String(Math.floor(samples / 8000)),
    record_file_size: String(44 + samples * 2),
    record_record_file_size: String(44 + samples * 2),
    read_codec: "PCMU",
  };
  for (const [name, value] of Object.entries(expected)) test.equal(complete.getHeader(`variable_${name}`), value, name);
  test.equal(complete.getHeader("Application-Response"), "_none_");
  test.ok(holds(file));

  await endpoint.set({ playback_terminators: "#" });
  const again = event("RECORD_START");
  const byKey = endpoint.record(joinPath(folder, "key.wav"), { timeLimitSecs: 60 });
  await again;
  await telephone.say(words);
  telephone.stream.press("1");
  telephone.stream.press("#");
  test.match(await byKey, { terminatorUsed: "#" });
  test.ok(holds(joinPath(folder, "key.wav")));

  const limited = await endpoint.record(joinPath(folder, "limit.wav"), { timeLimitSecs: 1 });
  test.ok(Number(limited["recordMilliseconds"]) > 900, "whole seconds of the clock: between one and two");
  test.equal(limited["terminatorUsed"], null, "of this recording, not of the one before");
});

scenario("a hang-up in the middle keeps what was said", async (test) => {
  const { endpoint, telephone } = await attached();
  const file = joinPath(folder, "cut.wav");
  const started = event("RECORD_START");
  const stopped = event("RECORD_STOP");
  void endpoint.execute("record", `${file} 60 200 5`).catch(() => {});
  await started;
  await telephone.say(words);
  await endpoint.dialog.destroy();
  test.match((await stopped).event, { "Record-File-Path": file, variable_silence_hits_exhausted: "false" });
  await until(() => stack.freeswitch.open.channels === 0);
  test.ok(holds(file));
});

scenario("what ends the call: a file that cannot be opened, and a transfer in the middle of a recording", async (test) => {
  const one = await attached();
  const refused = next<{ get(name: string): string }>(one.endpoint.dialog, "destroy");
  void one.endpoint.execute("record", "/nonexistent/dir/x.wav 5").catch(() => {});
  test.match((await refused).get("Reason"), /Q\.850;cause=27/);

  const two = await attached();
  const file = joinPath(folder, "moved.wav");
  const started = event("RECORD_START");
  void two.endpoint.execute("record", `${file} 60`).catch(() => {});
  await started;
  await two.telephone.say(words);
  const moved = next<{ get(name: string): string }>(two.endpoint.dialog, "destroy");
  await stack.ms.api(`uuid_transfer ${two.endpoint.uuid} goodbye XML mrf`);
  test.match((await moved).get("Reason"), /Q\.850;cause=27/);
  test.notOk(heard(two.telephone, goodbye), "the extension is not run");
  test.ok(holds(file), "and the file is kept");
});

scenario("uuid_record and record_session run beside the call", async (test) => {
  const { endpoint } = await attached();
  await endpoint.set({ RECORD_READ_ONLY: "true" });
  const second = joinPath(folder, "call.wav");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start ${second}`), "+OK Success\n");
  test.equal(readFileSync(second).length, 44, "only a header until it stops");
  await endpoint.play(tone(200, 1000));
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} stop ${second}`), "+OK Success\n");
  test.ok(
    readWav(readFileSync(second)).every((sample) => Math.abs(sample) < 100),
    "read-only: our prompt is not in it",
  );
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} stop ${second}`), "-ERR Cannot stop record session!\n");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start ${joinPath(folder, "x.badext")}`), "-ERR Cannot record session!\n");
  test.equal(await stack.ms.api(`uuid_record ${endpoint.uuid} start /nonexistent/dir/x.wav`), "+OK Success\n");
  test.equal(await stack.ms.api(`uuid_record 0000 start ${second}`), "-ERR Cannot locate session!\n");
  const third = joinPath(folder, "session.wav");
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
