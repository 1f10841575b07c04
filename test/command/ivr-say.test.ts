import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { readWav, wholeDurationMs } from "../../src/adapter/tts/wav.ts";
import { say } from "../../src/command/ivr-say.ts";
import { testScripts } from "../../src/command/ivr-test.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { folder, foreignWav, powerAt, tone } from "../ivr/speech-kit.ts";

const script = `script: example
language: en-US
languages: [es-US]
language_from: lang
needs: [amount, first_name]
start: { human: ask, machine: bye }
steps:
  ask:
    play:
      - file: jingle.wav
      - say: { en-US: "{first_name}, you owe", es-US: "{first_name}, usted debe" }
      - { say_as: money, value: "{amount}", currency: USD }
    next: go
  go:
    menu: [{ say: { en-US: "To end press 1. To stop these calls press 9.", es-US: "Marque 1. Para no recibir llamadas marque 9." } }]
    retry: [{ say: { en-US: "Sorry.", es-US: "Perdón." } }]
    keys: { "1": bye, "9": opt }
    no_input: bye
  bye: { end: done }
  opt: { suppress: { scope: account }, end: opted_out }
`;

t.test("carillon ivr say", async (t) => {
  const dir = await folder(t);
  const file = join(dir, "example.yaml");
  const out = join(dir, "step.wav");
  await writeFile(file, script);
  await writeFile(join(dir, "jingle.wav"), foreignWav(tone(44100, 1000, 1.5, 0.5), 44100, 2, 16));
  await writeFile(join(dir, "bad.yaml"), script.replace("next: go", "next: og"));
  await writeFile(join(dir, "contacts.csv"), "First Name,Mobile,Amount\nMarco,(212) 555-0100,75.50\nRosa,(312) 555-0101,19.90\n");
  await writeFile(join(dir, "carillon.yaml"), `prompts: { dir: ${dir}/rendered }\n`);
  const common = { config: join(dir, "carillon.yaml"), recordings: dir, out };
  const heard = async (options: Partial<Parameters<typeof say>[1]>) => {
    const printed = t.capture(console, "log", () => {});
    await say(file, { step: "ask", ...common, ...options });
    printed.restore();
    const bytes = await readFile(out);
    return { lines: printed.args().map(([line]) => String(line)), bytes, durationMs: wholeDurationMs(bytes, bytes.length) ?? 0 };
  };

  const asked = await heard({ contact: join(dir, "contacts.csv") });
  t.same(asked.lines.slice(0, 3), ["says: [jingle.wav]", "says: “Marco, you owe”", "says: “seventy-five dollars and fifty cents”"]);
  t.match(asked.lines[3], new RegExp(`^${(asked.durationMs / 1000).toFixed(1)} s in en-US, written to ${out}$`));
  t.ok(asked.durationMs > 3_500 && asked.durationMs < 8_000, `${asked.durationMs} ms`);
  const sound = readWav(asked.bytes).samples;
  t.ok(powerAt(sound.subarray(2000, 10_000), 8000, 1000) > 0.2, "first the recording");
  t.ok(powerAt(sound.subarray(13_000), 8000, 1000) < 0.01, "then speech");

  const other = await heard({ contact: join(dir, "contacts.csv"), field: ["First Name=Zoë", "amount=$12"] });
  t.equal(other.lines[1], "says: “Zoë, you owe”", "a field goes over the contact's");
  t.equal(other.lines[3], "note: “$12” is not an amount in USD like 240.50; it is spoken as it stands");

  const menu = await heard({ step: "go" });
  t.same(menu.lines.slice(0, 2), ["asks: “To end press 1. To stop these calls press 9.”", "before it asks again: “Sorry.”"]);

  await writeFile(join(dir, "other.yaml"), script.replace("script: example", "script: other").replace("To end press 1", "To leave press 1"));
  await writeFile(file, `${script}  away: { script: other }\n`);
  t.equal((await heard({ step: "other/go" })).lines[0], "asks: “To leave press 1. To stop these calls press 9.”", "a step of a script it goes to");

  const known = ["first_name=Ann", "amount=1"];
  const faults: [Partial<Parameters<typeof say>[1]>, string, RegExp][] = [
    [{ step: "aks" }, "step-unknown", /has no step aks; did you mean ask\?$/],
    [{ step: "__proto__" }, "step-unknown", /it has ask, go, bye, opt, away$/],
    [{ step: "bye" }, "step-silent", /says nothing$/],
    [
      {},
      "contact-lacks-field",
      /^step ask speaks first_name, amount, which have no value: give --contact FILE, or --field first_name=… --field amount=…$/,
    ],
    [{ field: ["amount=1"] }, "contact-lacks-field", /first_name, which has no value/],
    [{ field: ["amount"] }, "field-form", /name=value/],
    [{ contact: join(dir, "none.csv") }, "import-file", /none\.csv/],
    [{ contact: file }, "import-columns", /./],
    [{ field: known, language: "de" }, "language-unknown", /it speaks en-US, es-US$/],
    [{ field: known, language: "ES-us" }, "voice-missing", /no voice speaks es-US/],
    [{ field: [...known, "lang=es"] }, "voice-missing", /no voice speaks es-US/],
    [{ field: known, recordings: join(dir, "none") }, "prompt-missing", /jingle\.wav/],
    [{ field: known, out: join(dir, "none/x.wav") }, "out-unwritable", /none\/x\.wav/],
  ];
  for (const [options, code, message] of faults) {
    await t.rejects(say(file, { step: "ask", ...common, ...options }), { code, message }, `${code} ${message.source}`);
  }
  await t.rejects(say(join(dir, "bad.yaml"), { step: "ask", ...common }), { code: "script-invalid", message: /bad\.yaml:13:11: error step-unknown/ });
  await t.rejects(say(join(dir, "none.yaml"), { step: "ask", ...common }), { code: "file-unreadable" });

  const run = spawnSync(process.execPath, ["src/cli.ts", "ivr", "say", file, "--step", "go", "--config", common.config, "--out", out], {
    encoding: "utf8",
  });
  t.match(run, { status: 0, stdout: /s in en-US, written to / }, run.stderr);
  const failed = spawnSync(process.execPath, ["src/cli.ts", "ivr", "say", file, "--step", "og", "--config", common.config], { encoding: "utf8" });
  t.equal(failed.status, 1);
  t.match(failed.stderr, /^carillon: script example has no step og; did you mean go\?\n$/, "one line");
});

t.test("say and test --call hear what was uploaded, in place of the folder's file, as calls do", async (t) => {
  const dir = await folder(t);
  const { url } = await openTestDatabase(t);
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "n1", poolSize: 2 });
  t.teardown(() => stores.close());
  const sound = foreignWav(tone(8000, 2000, 1.5, 0.5), 8000, 1, 16);
  const sha256 = createHash("sha256").update(sound).digest("hex");
  const format = { encoding: "pcm-16", sampleRate: 8000, channels: 1, durationMs: 1500 } as const;
  await stores.prompts.put({
    name: "jingle.wav",
    sha256,
    bytes: sound.length,
    ...format,
    language: undefined,
    note: undefined,
    uploadedBy: "ann",
    sound,
  });
  await writeFile(join(dir, "jingle.wav"), foreignWav(tone(8000, 1000, 1.5, 0.5), 8000, 1, 16));
  const file = join(dir, "ring.yaml");
  await writeFile(file, "script: ring\nlanguage: en-US\nstart: { human: ask }\nsteps:\n  ask: { play: [{ file: jingle.wav }], end: heard }\n");
  await writeFile(join(dir, "ring.test.yaml"), "tests: ring\ncases:\n  - { case: listens, expect: { outcome: heard } }\n");
  await writeFile(join(dir, "carillon.yaml"), `prompts: { dir: ${dir}/rendered }\ndatabase: { url: "${url}" }\n`);
  const common = { config: join(dir, "carillon.yaml"), out: join(dir, "out.wav") };
  const pitch = async (options: { readonly uploaded?: boolean; readonly recordings?: string }) => {
    await say(file, { step: "ask", ...common, ...options });
    const { samples } = readWav(await readFile(common.out));
    return [1000, 2000].filter((hz) => powerAt(samples.subarray(2000, 10_000), 8000, hz) > 0.2);
  };
  const printed = t.capture(console, "log", () => {});
  t.same(await pitch({ recordings: dir }), [1000], "the file");
  t.same(await pitch({ recordings: dir, uploaded: true }), [2000], "what was uploaded");
  t.same(await pitch({ uploaded: true }), [2000], "without a file");
  await t.rejects(say(file, { step: "ask", ...common }), { code: "prompt-missing" });

  const code = await testScripts([file], { ...common, call: true, uploaded: true });
  const told = printed.args().flat().join("\n");
  t.equal(code, 0, told);
  t.match(told, /1 of 1 case passed, 1 of them played as calls/);
  await t.rejects(testScripts([file], { ...common, uploaded: true }), { code: "option-alone", message: /--uploaded is for the calls of --call/ });
});
