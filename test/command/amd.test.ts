import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import t from "tap";
import { writeWav } from "../../src/adapter/tts/wav.ts";
import { detect } from "../../src/command/amd.ts";
import { join, quiet, speech, tone } from "../voice/amd/sound-kit.ts";

t.test("carillon amd says who answered, why and when, and draws it", async (t) => {
  const dir = await mkdtemp(path(tmpdir(), "carillon-amd-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const person = path(dir, "person.wav");
  const machine = path(dir, "machine <1>.wav");
  await writeFile(person, writeWav(join(quiet(500), speech(600), quiet(3000))));
  await writeFile(machine, writeWav(join(quiet(300), speech(6000), quiet(700), tone([1000], 400), quiet(1000))));
  await writeFile(path(dir, "cut.wav"), writeWav(quiet(300)));
  await writeFile(path(dir, "text.wav"), "hello");

  const printed = t.capture(console, "log", () => {});
  await detect([person, machine, path(dir, "cut.wav")], { profile: "b2b", plot: true });
  const lines = printed.args().join("\n");
  t.match(lines, /person\.wav: human \(quiet-after-greeting\) after 1\.\d\d s, treated as a person\n +0\.50 s {2}sound for/);
  t.match(lines, /machine <1>\.wav: machine-beep \(beep\) after 7\.\d\d s, treated as a machine/);
  t.match(lines, /machine \(long-greeting\)[\s\S]*beep for 0\.4\d s[\s\S]*a message may begin \(beep\)/);
  t.match(lines, /cut\.wav: no verdict; the recording ends after 0\.30 s/);
  const picture = await readFile(path(dir, "machine <1>.svg"), "utf8");
  t.match(picture, /^<svg [\s\S]*machine-beep: beep[\s\S]*<\/svg>\n$/);
  t.match(picture, "machine &lt;1&gt;.wav (b2b)", "a file's name is text, never markup");

  await detect([person], { profile: "b2c", json: true });
  const last = JSON.parse(String(printed.args().at(-1)?.[0]));
  t.match(last, { file: person, profile: "b2c", verdicts: [{ outcome: "human", cause: "quiet-after-greeting" }] });
  printed.restore();
});

t.test("a recording that cannot be used keeps nobody from the others, and one that is cut is said to be", async (t) => {
  const dir = t.testdir({ "text.wav": "hello" });
  const whole = writeWav(join(quiet(500), speech(600), quiet(3000)));
  await writeFile(path(dir, "person.wav"), whole);
  await writeFile(path(dir, "half.wav"), whole.subarray(0, 44 + 2 * 8000));
  const printed = t.capture(console, "log", () => {});
  const complained = t.capture(console, "error", () => {});
  const files = ["none.wav", "text.wav", "half.wav", "person.wav"].map((name) => path(dir, name));
  t.equal(await detect(files, { profile: "b2b" }), 1);
  t.match(
    printed.args().join("\n"),
    /^judged by the profile b2b, for businesses\n.*half\.wav: [\s\S]*cut: 1\.00 s of the 4\.10 s[\s\S]*person\.wav: human/,
  );
  t.match(complained.args().join("\n"), /none\.wav cannot be read: .*\n.*text\.wav: it is not a WAV file/);
  t.equal(await detect(files.slice(1, 2), { profile: "b2c", json: true }), 1);
  t.match(JSON.parse(String(printed.args().at(-1)?.[0])), { fault: { code: "recording-unplayable" } });
  t.equal(await detect(files.slice(3), { profile: "b2c", json: true }), 0);
});
