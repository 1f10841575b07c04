import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { examineRecordings } from "../../src/command/doctor-prompts.ts";
import { addPrompt, dropPrompt, getPrompt, listPrompts, showPrompt } from "../../src/command/prompt.ts";
import { loadConfig } from "../../src/config/load.ts";
import { lintFile } from "../../src/ivr/lint-engine.ts";
import { openPrompts } from "../../src/start/prompts.ts";
import { openWorld } from "../adapter/stores-kit.ts";
import { tone, wavOf } from "../api/prompt-kit.ts";
import { script } from "../api/world.ts";

t.setTimeout(280_000);

t.test("prompt: added, listed, shown, given back and removed at the command line; doctor and lint know them", async (t) => {
  const { stores, url } = await openWorld(t);
  const folder = t.testdir({ recordings: { "old.wav": wavOf(tone(300)) }, "no.wav": "no WAV at all", "hello.wav": wavOf(tone(500)) });
  const recordings = join(folder, "recordings");
  const set = [`database.url=${url}`, `prompts.dir=${join(folder, "prompts")}`, `prompts.recordingsDir=${recordings}`];
  const file = (name: string) => join(folder, name);

  t.match(await listPrompts({ set }), /No prompt is uploaded yet\. Upload one with: carillon prompt add FILE/);
  await t.rejects(addPrompt(file("none.wav"), { set }), { code: "prompt-file", message: /none\.wav cannot be read: .*Check its name/ });
  await t.rejects(addPrompt(file("no.wav"), { set }), { code: "prompt-unplayable", message: /it is not a WAV file\. Save it as WAV.*sox/ });
  await t.rejects(addPrompt(file("hello.wav"), { set, as: "../hello.wav" }), { code: "prompt-invalid", message: /hold\/please-wait\.wav/ });
  await t.rejects(async () => addPrompt(file("hello.wav"), { set, language: "English" }), { code: "prompt-invalid", message: /such as es or es-US/ });
  writeFileSync(file("large.wav"), Buffer.alloc(16 * 1024 * 1024 + 1));
  await t.rejects(addPrompt(file("large.wav"), { set }), { code: "prompt-file", message: /has 17 MiB, and 16 are taken/ });

  t.match(
    await addPrompt(file("hello.wav"), { set, language: "en-US", note: "first" }),
    /^hello\.wav version 1 is uploaded: 0\.5 s, pcm-16, 8 kHz\./,
  );
  t.match(await addPrompt(file("hello.wav"), { set, language: "en-US" }), /^hello\.wav version 1 is this recording already/);
  t.match(await addPrompt(file("hello.wav"), { set, as: "old.wav" }), /^warning: .*a file old\.wav too.*\nold\.wav version 1/);
  t.match(JSON.parse(await addPrompt(join(recordings, "old.wav"), { set, json: true })), {
    name: "old.wav",
    version: 2,
    fresh: true,
    durationMs: 300,
  });
  t.match((await listPrompts({ set })).split("\n"), [/^PROMPT/, /^hello\.wav +1 +0\.5 s +pcm-16, 8 kHz +en-US .*user .* first$/, /^old\.wav +2 /]);
  t.match(JSON.parse(await listPrompts({ set, language: "en-US", json: true })), [{ name: "hello.wav", soundKept: true }]);

  const config = loadConfig({ env: {}, flags: { "prompts.recordingsDir": recordings }, purpose: "admin", cwd: folder });
  t.match(await examineRecordings(url, config), [{ grade: "warning", seen: /^old\.wav of the folder not heard/ }]);
  await stores.scripts.publish(
    "greeting",
    script.replace('play: [{ say: "You will', 'play: [{ file: hello.wav }, { file: lost.wav }, { say: "You will'),
    { by: "t" },
  );
  t.match(await examineRecordings(url, config), [
    { grade: "fault", seen: "lost.wav of greeting version 1 neither uploaded nor in prompts.recordingsDir", advice: /carillon prompt add/ },
    { grade: "warning" },
  ]);

  const prompts = openPrompts(config, systemClock, stores.prompts);
  t.teardown(() => prompts.close());
  mkdirSync(file("flows"));
  writeFileSync(file("flows/a.yaml"), script.replace('play: [{ say: "You will', 'play: [{ file: hello.wav }, { file: lost.wav }, { say: "You will'));
  t.match(
    (await lintFile(file("flows/a.yaml"), { recordings: prompts.store })).map(({ code, message }) => [code, message]),
    [["prompt-missing", /lost\.wav is not in the folder of recordings, and nobody has uploaded it/]],
  );

  const shown = await showPrompt("hello.wav", { set });
  t.match(shown, /^hello\.wav version 1: 0\.5 s, pcm-16, 8 kHz, 8044 bytes, en-US\nsha256 [0-9a-f]{64}\n/);
  t.match(shown, /Played by greeting version 1\.$/);
  t.match(JSON.parse(await showPrompt("hello.wav", { set, json: true })), {
    versions: [{ version: 1 }],
    scripts: [{ script: "greeting", current: true }],
  });
  await t.rejects(showPrompt("hallo.wav", { set }), { code: "prompt-unknown", message: /carillon prompt list/ });

  t.match(await getPrompt("old.wav", { set, version: 1, to: file("back.wav") }), /back\.wav is old\.wav version 1: 0\.5 s/);
  t.ok(readFileSync(file("back.wav")).equals(readFileSync(file("hello.wav"))), "as it was sent");
  await t.rejects(getPrompt("old.wav", { set, to: file("back.wav") }), {
    code: "prompt-file",
    message: /is there already; name another file with --to/,
  });
  await t.rejects(dropPrompt("hello.wav", { set }), { code: "prompt-in-use", message: /played by greeting version 1/ });
  t.match(await dropPrompt("old.wav", { set }), /^Removed old\.wav/);
  t.same([...(await stores.prompts.current()).keys()], ["hello.wav"]);
});
