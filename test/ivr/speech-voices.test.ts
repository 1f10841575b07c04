import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { lutimes, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { systemClock as clock } from "../../src/adapter/system/clock.ts";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { CommandRenderer } from "../../src/adapter/tts/command.ts";
import { FliteRenderer } from "../../src/adapter/tts/flite.ts";
import { DiskPromptStore } from "../../src/adapter/tts/prompt-store.ts";
import { sweepScratch } from "../../src/adapter/tts/scratch.ts";
import { levelOf } from "../../src/adapter/tts/telephone.ts";
import { Turns } from "../../src/adapter/tts/turns.ts";
import { voiceFor } from "../../src/adapter/tts/voices.ts";
import { readWav } from "../../src/adapter/tts/wav.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { PromptRenderer } from "../../src/ivr/ports.ts";
import { sayAs } from "../../src/ivr/say-as.ts";
import { openPrompts } from "../../src/start/prompts.ts";
import { fileOf, folder, foreignWav, powerAt, tone } from "./speech-kit.ts";

const hasEspeak = spawnSync("espeak-ng", ["--version"]).status === 0;

t.test("any engine that is a command", async (t) => {
  const dir = await folder(t);
  const pool = new AudioPool({ clock });
  t.teardown(() => pool.close());
  const tonePath = join(dir, "tone.wav");
  await writeFile(tonePath, foreignWav(tone(22050, 700, 1), 22050, 1, 16));
  const heard = join(dir, "heard.txt");
  const from = {
    textFile: `fs.copyFileSync(process.argv[1], ${JSON.stringify(heard)})`,
    stdin: `fs.writeFileSync(${JSON.stringify(heard)}, fs.readFileSync(0))`,
  };
  const engine = (code: string, ...args: string[]) => [process.execPath, "-e", `const fs=require("fs");${code}`, ...args];
  const copy = (index: number) => `;fs.copyFileSync(${JSON.stringify(tonePath)}, process.argv[${index}])`;
  const renderer = (argv: readonly string[], timeoutMs?: number) =>
    new CommandRenderer({ argv, languages: ["*"], clock, pool, ...(timeoutMs ? { timeoutMs } : {}) });
  const evil = "Zoë says: $(touch x); `id` \"quoted\" 'too' | > & -rf --help\n";

  const byFile = await renderer(engine(from.textFile + copy(2), "{text_file}", "{out_file}")).render(evil, "en-US");
  t.equal(await readFile(heard, "utf8"), evil, "the text arrives as it is, through a file");
  t.ok(Math.abs(byFile.samples.length - 8000) < 400, "a second at 8 kHz");
  t.ok(
    powerAt(
      Float32Array.from(byFile.samples, (v) => v / 32768),
      8000,
      700,
    ) > 0.1,
  );
  await rm(heard);
  await renderer(engine(from.stdin + copy(1), "{out_file}")).render(evil, "en-US");
  t.equal(await readFile(heard, "utf8"), evil, "or on standard input");

  const failing: [string, readonly string[], { code: string; retryable?: boolean; message?: RegExp }][] = [
    [
      "it fails",
      engine("console.error('no such voice');process.exit(3)", "{out_file}"),
      { code: "prompt-engine", retryable: true, message: /ended with 3: no such voice/ },
    ],
    ["it writes nothing", engine("", "{out_file}"), { code: "prompt-engine", message: /no sound/ }],
    ["it writes rubbish", engine("fs.writeFileSync(process.argv[1],'x'.repeat(99))", "{out_file}"), { code: "prompt-unplayable" }],
    ["it is not there", ["/nonexistent/piper", "{out_file}"], { code: "prompt-engine", retryable: false, message: /cannot be run/ }],
  ];
  for (const [name, argv, fault] of failing) await t.rejects(renderer(argv).render("Hello.", "en-US"), fault, name);
  await t.rejects(renderer(engine("setInterval(()=>{},1000)", "{out_file}"), 300).render("Hello.", "en-US"), {
    code: "prompt-engine",
    retryable: true,
    message: /took longer/,
  });
  t.throws(() => renderer(["piper"]), { code: "prompt-engine" });
  t.throws(() => renderer([]), { code: "prompt-engine" });
  t.not(renderer(["a", "{out_file}"]).identity, renderer(["b", "{out_file}"]).identity);
});

t.test("an engine that hangs, and one that is closed", async (t) => {
  const pool = new AudioPool({ clock, workers: 1, jobTimeoutMs: 1 });
  const flite = new FliteRenderer(pool);
  const both = await Promise.allSettled([flite.render("a ".repeat(900), "en-US"), flite.render("b ".repeat(900), "en-US")]);
  t.ok(
    both.every((end) => end.status === "rejected"),
    "both are given up, and the thread with them",
  );
  await flite.close();
  await t.rejects(flite.render("Hello.", "en-US"), { code: "prompt-engine" });
  const closing = new FliteRenderer(new AudioPool({ clock }));
  const ends = Promise.allSettled(Array.from({ length: 6 }, (_, index) => closing.render(`Sentence ${index}.`, "en-US")));
  await closing.close();
  for (const end of await ends) t.equal(end.status, "rejected", "nobody waits for ever");
});

t.test(
  "nothing is left in the folder of temporary files: not while nobody speaks, not by a thread that is ended, not by a process that was killed",
  async (t) => {
    const temporary = await folder(t);
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = temporary;
    t.teardown(() => {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    });
    const pool = new AudioPool({ clock, workers: 1 });
    const flite = new FliteRenderer(pool);
    t.teardown(() => pool.close());
    t.ok((await flite.render("Hello.", "en-US")).samples.length > 0);
    t.same(await readdir(temporary), [], "spoken, and gone, while the engine waits for more");
    let spoken = false;
    const long = flite.render("a ".repeat(900), "en-US").finally(() => (spoken = true));
    const lost = t.rejects(long, { code: "prompt-engine" });
    while (!spoken && (await readdir(temporary)).length === 0) await new Promise(setImmediate);
    await pool.close();
    await lost;
    t.same(await readdir(temporary), [], "ended in the middle of a word");
    const argv = [process.execPath, "-e", "fs.writeFileSync('begun','');setInterval(()=>{},1000)", "{out_file}"];
    const command = new CommandRenderer({ argv, languages: ["*"], clock, pool });
    const ended = t.rejects(command.render("Hello.", "en-US"), { code: "prompt-engine" });
    while (!(await readdir(temporary, { recursive: true })).some((path) => path.endsWith("/begun"))) await new Promise(setImmediate);
    await command.close();
    t.same(await readdir(temporary), [], "a program that was ended while it spoke");
    await ended;

    const hourMs = 3_600_000;
    const leave = async (name: string, agedMs: number) => {
      await mkdir(join(temporary, name));
      await writeFile(join(temporary, name, "speech.wav"), "half");
      const at = (Date.now() - agedMs) / 1000;
      await utimes(join(temporary, name), at, at);
    };
    const old = `carillon-speech-${"0a".repeat(12)}`;
    const young = `carillon-speech-${"0b".repeat(12)}`;
    await leave(old, hourMs + 1000);
    await leave("carillon-speech-a1B2c3", hourMs + 1000);
    await leave(young, hourMs - 60_000);
    await leave("carillon-speech-of-mine", 100 * hourMs);
    await symlink(join(temporary, "carillon-speech-of-mine"), join(temporary, "carillon-speech-linked"));
    await lutimes(join(temporary, "carillon-speech-linked"), 1, 1);
    t.equal(await sweepScratch(Date.now()), 2, "as this version names them, and as older ones did");
    t.same((await readdir(temporary)).sort(), [young, "carillon-speech-linked", "carillon-speech-of-mine"].sort());
    process.env["TMPDIR"] = join(temporary, "nowhere");
    t.equal(await sweepScratch(Date.now()), 0);
  },
);

t.test("a voice for each language", async (t) => {
  const voice = (identity: string, ...languages: string[]): PromptRenderer => ({
    identity,
    languages,
    render: async () => ({ samples: Int16Array.from(tone(8000, 440, 0.1), (sample) => sample * 20_000) }),
    close: async () => {},
  });
  const voices = [voice("any", "*"), voice("spain", "es-ES"), voice("spanish", "es"), voice("mexico", "es-MX"), voice("flite", "en")];
  const table: [string, string][] = [
    ["es-MX", "mexico"],
    ["es-mx", "mexico"],
    ["es-ES", "spain"],
    ["es", "spanish"],
    ["es-US", "spanish"],
    ["en-GB", "flite"],
    ["de", "any"],
    ["est", "any"],
  ];
  for (const [language, identity] of table) t.equal(voiceFor(voices, language).identity, identity, language);
  t.equal(
    voiceFor([voice("flite", "en"), voice("mexico", "es-MX")], "es-US").identity,
    "mexico",
    "as it is spoken elsewhere, rather than not at all",
  );
  t.throws(() => voiceFor([voice("flite", "en")], "es-US"), { code: "voice-missing", message: /no voice speaks es-US.*prompts\.voices/ });

  const pool = new AudioPool({ clock });
  t.teardown(() => pool.close());
  const store = new DiskPromptStore({ dir: await folder(t), voices: [voice("one", "en"), voice("two", "es")], pool, clock });
  const inBoth = [
    { say: "No", language: "en-US" },
    { say: "No", language: "es-US" },
  ];
  const book = await store.ensure(inBoth);
  t.equal(new Set(inBoth.map((ref) => fileOf(book, ref).path)).size, 2, "the same text in another language is another file");
  await t.rejects(store.ensure([{ say: "Nein", language: "de" }]), { code: "voice-missing" });
});

t.test("who waits on the line goes first", async (t) => {
  const turns = new Turns(1);
  const order: string[] = [];
  let letGo = () => {};
  const first = turns.take(() => new Promise<void>((resolve) => (letGo = resolve)), false);
  const others = ["later", "later too"].map((name) => turns.take(async () => order.push(name), false));
  const urgent = [turns.take(async () => order.push("urgent"), true), turns.take(() => Promise.reject(new Error("no")), true)];
  letGo();
  await Promise.allSettled([first, ...others, ...urgent]);
  t.same(order, ["urgent", "later", "later too"], "and who fails holds nobody up");

  const pool = new AudioPool({ clock, workers: 1 });
  t.teardown(() => pool.close());
  const samples = Int16Array.from(tone(8000, 440, 0.1), (sample) => sample * 20_000);
  let rendered = () => {};
  const slow: PromptRenderer = {
    identity: "slow unless somebody waits",
    languages: ["*"],
    render: (_text, _language, urgent) => (urgent ? Promise.resolve({ samples }) : new Promise((resolve) => (rendered = () => resolve({ samples })))),
    close: async () => {},
  };
  const store = new DiskPromptStore({ dir: await folder(t), voices: [slow], pool, clock });
  const ref = { say: "Wanted now.", language: "en-US" };
  const forLater = store.ensure([ref]);
  t.equal((await store.ensure([ref], { urgent: true })).size, 1, "what is in the queue of later calls is not waited for");
  rendered();
  t.equal((await forLater).size, 1);
  const heard: string[] = [];
  const flite = new FliteRenderer(pool);
  const say = async (name: string, isUrgent: boolean) => {
    await flite.render(`${name}.`, "en-US", isUrgent);
    heard.push(name);
  };
  await Promise.all([say("one", false), say("two", false), say("three", false), say("four", true)]);
  t.equal(heard.length, 4);
  t.ok(heard.indexOf("four") <= 1, `in the order ${heard.join(", ")}`);
});

t.test("Spanish by espeak-ng", { skip: hasEspeak ? false : "espeak-ng is not installed (apt-get install espeak-ng)" }, async (t) => {
  const pool = new AudioPool({ clock });
  t.teardown(() => pool.close());
  const [, example = ""] = /```yml\n(prompts:.*?)```/s.exec(readFileSync("docs/ivr.md", "utf8")) ?? [];
  const { prompts } = loadConfig({ env: {}, purpose: "admin", cwd: "/", readText: (path) => (path === "/carillon.yaml" ? example : undefined) });
  t.equal(prompts.voices.length, 1, "as docs/ivr.md has it");
  const { store, languages, close } = openPrompts({ prompts: { ...prompts, dir: await folder(t) } }, clock);
  t.teardown(close);
  t.same(languages, ["es", "en"]);
  const said = sayAs("money", "240.50", "es-US");
  const refs = [
    { say: `Hola, señora Núñez. Debe usted ${"text" in said ? said.text : ""}.`, language: "es-US" },
    { say: "--help", language: "es-US" },
    { say: "Hello Ann.", language: "en-US" },
  ];
  const book = await store.ensure(refs);
  const [long, option] = refs.map((ref) => fileOf(book, ref));
  t.ok((long?.durationMs ?? 0) > 3_000 && (long?.durationMs ?? 0) < 9_000, `${long?.durationMs} ms`);
  t.ok((option?.durationMs ?? 0) < 2_000, "a text is no option");
  const sound = readWav(await readFile(long?.path ?? ""));
  t.equal(sound.sampleRate, 8000);
  const { rmsDb, peakDb } = levelOf(sound.samples);
  t.ok(rmsDb > -30 && peakDb > -12, `level ${rmsDb} dB, peak ${peakDb} dB`);
  const any = new CommandRenderer({ argv: ["espeak-ng", "-v", "{language}", "-w", "{out_file}"], languages: ["*"], clock, pool });
  t.ok((await any.render("Guten Tag.", "de-DE")).samples.length > 4000, "one command for every language");
  await t.rejects(any.render("?", "tlh"), { code: "prompt-engine", message: /voice does not exist/ });
});
