import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import t from "tap";
import { systemClock as clock } from "../../src/adapter/system/clock.ts";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { FliteRenderer, separated, toAscii } from "../../src/adapter/tts/flite.ts";
import { DiskPromptStore, type PromptStoreOptions } from "../../src/adapter/tts/prompt-store.ts";
import { levelOf } from "../../src/adapter/tts/telephone.ts";
import { readWav, wholeDurationMs } from "../../src/adapter/tts/wav.ts";
import { goodbyeText } from "../../src/ivr/goodbye.ts";
import { lint } from "../../src/ivr/lint.ts";
import type { PromptRef, PromptRenderer } from "../../src/ivr/ports.ts";
import { readScript } from "../../src/ivr/read.ts";
import { recordingsOf } from "../../src/ivr/recordings.ts";
import { recordingFindings, recordingReports } from "../../src/ivr/recordings-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openPrompts, prunePrompts } from "../../src/start/prompts.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { english, fileOf, folder, foreignWav, powerAt, tone } from "./speech-kit.ts";

const dayMs = 86_400_000;

async function pathsOf(store: DiskPromptStore, refs: readonly PromptRef[]): Promise<string[]> {
  const book = await store.ensure(refs);
  return refs.map((ref) => fileOf(book, ref).path);
}

t.test("what Flite is given is plain ASCII", async (t) => {
  const table: [string, string][] = [
    ["Hello Zoë Müller-Łódź", "Hello Zoe Muller-Lodz"],
    ["It’s “due” – today…", 'It\'s "due" - today...'],
    ["€12.50 or £9", "euros12.50 or pounds9"],
    ["a\u00a0b\u200bc", "a bc"],
    ["你好 Ann", "Ann"],
    ["ＡＢＣ１", "ABC1"],
  ];
  for (const [text, plain] of table) t.equal(toAscii(text), plain);
  t.equal(separated("It is A, B, dash, C, one. I, too."), "It is A, , B, , dash, C, , one. I, , too.", "spelled letters are kept apart");
});

t.test("with Flite", async (t) => {
  const dir = await folder(t);
  const pool = new AudioPool({ clock });
  const flite = new FliteRenderer(pool);
  t.teardown(() => flite.close());
  let renders = 0;
  const counting: PromptRenderer = {
    identity: flite.identity,
    languages: flite.languages,
    render(text, language, urgent) {
      renders += 1;
      return flite.render(text, language, urgent);
    },
    close: async () => {},
  };
  const recordings = join(dir, "recordings");
  await mkdir(join(recordings, "hold"), { recursive: true });
  const options: PromptStoreOptions = { dir: join(dir, "prompts"), recordingsDir: recordings, voices: [counting], pool, clock };
  const store = new DiskPromptStore(options);
  const hello = english("Hello Ann. Your payment of $120.50 was due on May first.");

  await t.test("speaks", async (t) => {
    const progress: number[] = [];
    const book = await store.ensure([hello, english(goodbyeText), hello], { onProgress: ({ done, total }) => progress.push(done, total) });
    t.same(progress, [1, 2, 2, 2], "the same text counts once");
    const spoken = fileOf(book, hello);
    t.ok(spoken.durationMs > 2_500 && spoken.durationMs < 7_000, `${spoken.durationMs} ms`);
    const bye = fileOf(book, english(goodbyeText));
    t.ok(bye.durationMs > 1_500 && bye.durationMs < 3_000, `the goodbye takes ${bye.durationMs} ms`);
    const file = await readFile(spoken.path);
    t.equal(wholeDurationMs(file, file.length), spoken.durationMs);
    const sound = readWav(file);
    t.equal(sound.sampleRate, 8000);
    const { rmsDb, peakDb } = levelOf(sound.samples);
    t.ok(rmsDb > -30 && peakDb > -12 && peakDb <= 0, `level ${rmsDb} dB, peak ${peakDb} dB`);
    const ends = [sound.samples.subarray(0, 2400), sound.samples.subarray(-2400)];
    for (const end of ends) t.ok(levelOf(end).peakDb > -45, "speech begins and ends within 0.3 s of the file");
    t.not((await readFile(bye.path)).toString("base64"), file.toString("base64"));
    t.equal((await stat(spoken.path)).mode & 0o777, 0o644 & ~process.umask(), "the media server may read it");
  });

  await t.test("keeps spelled letters apart", async (t) => {
    const [joined, apart] = [english("B C D E B C D E."), english("B, C, D, E, B, C, D, E.")];
    const book = await store.ensure([joined, apart]);
    t.ok(fileOf(book, apart).durationMs > fileOf(book, joined).durationMs + 800, "a pause after each");
  });

  await t.test("renders once, whoever asks", async (t) => {
    const before = renders;
    const text = english(`Once only, ${randomBytes(4).toString("hex")}.`);
    const books = await Promise.all(Array.from({ length: 8 }, () => store.ensure([text])));
    t.equal(new Set(books.map((book) => fileOf(book, text).path)).size, 1);
    t.equal(renders, before + 1, "eight at once");
    let rendered = -1;
    const later = new DiskPromptStore(options);
    const book = await later.ensure([text, hello], {
      onProgress(progress) {
        rendered = progress.rendered;
      },
    });
    t.equal(rendered, 0, "found on disk by another store");
    t.equal(renders, before + 1);
    t.equal(fileOf(book, hello).durationMs, fileOf(await store.ensure([hello]), hello).durationMs);
    const other = new DiskPromptStore({ ...options, voices: [{ ...counting, identity: "another voice", render: counting.render }] });
    t.not(fileOf(await other.ensure([text]), text).path, fileOf(book, text).path, "another voice is another file");
    t.notOk(
      (await readdir(options.dir, { recursive: true })).some((name) => name.endsWith(".part")),
      "nothing half written is left",
    );
  });

  await t.test("a file cut short is made anew", async (t) => {
    const text = english("Cut me short.");
    const { path, durationMs } = fileOf(await store.ensure([text]), text);
    const samples = readWav(await readFile(path)).samples.length;
    await truncate(path, 1000);
    const again = fileOf(await new DiskPromptStore(options).ensure([text]), text);
    t.same(again, { path, durationMs });
    t.equal((await stat(path)).size, 44 + samples * 2);
  });

  await t.test("the event loop runs on while it speaks", async (t) => {
    let turns = 0;
    let speaking = true;
    const turn = () => {
      turns += 1;
      if (speaking) setImmediate(turn);
    };
    setImmediate(turn);
    await store.ensure(Array.from({ length: 6 }, (_, index) => english(`A sentence that nobody has heard before, number ${index}, ${Date.now()}.`)));
    speaking = false;
    t.ok(turns > 200, `${turns} turns`);
  });

  await t.test("names the text that cannot be spoken", async (t) => {
    await t.rejects(store.ensure([hello, english("你好")]), { code: "prompt-unspeakable" });
    await t.rejects(store.ensure([english("...")]), { code: "prompt-unspeakable" });
    await t.rejects(store.ensure([english("a ".repeat(1500))]), { code: "prompt-unspeakable" });
  });

  await t.test("names files as the media server sees them", async (t) => {
    const asSeen = new DiskPromptStore({ ...options, mediaDir: "/media/prompts" });
    t.match(fileOf(await asSeen.ensure([hello]), hello).path, /^\/media\/prompts\/[0-9a-f]{2}\/[0-9a-f]{62}\.wav$/);
  });

  await t.test("recordings are converted, and only those in their folder", async (t) => {
    await writeFile(join(recordings, "hold/music.wav"), foreignWav(tone(44100, 440, 1.5), 44100, 2, 16));
    await writeFile(join(recordings, "silent.wav"), foreignWav(new Float32Array(8000), 8000, 1, 16));
    await writeFile(join(recordings, "text.wav"), "this is no sound");
    await writeFile(join(dir, "outside.wav"), foreignWav(tone(8000, 440, 1), 8000, 1, 16));
    await symlink(join(dir, "outside.wav"), join(recordings, "link.wav"));
    const music = { file: "hold/music.wav" };
    const first = fileOf(await store.ensure([music]), music);
    t.equal(first.durationMs, 1500);
    const sound = readWav(await readFile(first.path));
    t.equal(sound.sampleRate, 8000);
    t.ok(powerAt(sound.samples, 8000, 440) > 0.2);
    for (const [file, code] of [
      ["silent.wav", "prompt-unplayable"],
      ["text.wav", "prompt-unplayable"],
      ["gone.wav", "prompt-missing"],
      ["link.wav", "prompt-missing"],
      ["../outside.wav", "prompt-missing"],
      ["hold", "prompt-unplayable"],
    ] as const) {
      await t.rejects(store.ensure([{ file }]), { code, message: new RegExp(file.replaceAll(".", "\\.")) }, file);
    }
    await t.rejects(new DiskPromptStore({ dir: options.dir, voices: [counting], pool, clock }).ensure([music]), { code: "prompt-missing" });
    await writeFile(join(recordings, "hold/music.wav"), foreignWav(tone(44100, 880, 2), 44100, 1, 16));
    const second = fileOf(await store.ensure([music]), music);
    t.not(second.path, first.path, "a new recording under the old name");
    t.equal(second.durationMs, 2000);
  });

  await t.test("says what is wrong with a recording before anybody hears it", async (t) => {
    await writeFile(join(recordings, "quiet.wav"), foreignWav(tone(44100, 440, 1.5, 0.01), 44100, 2, 16));
    await writeFile(join(recordings, "odd.wav"), foreignWav(tone(11025, 440, 1, 0.3), 11025, 2, 8));
    t.same(await store.check("odd.wav"), { durationMs: 1000, findings: [] }, "another rate and a second channel are only converted");
    t.match(await store.check("quiet.wav"), {
      durationMs: 1500,
      findings: [{ code: "recording-quiet", severity: "warning", message: /^is very quiet: -4\d dB/ }],
    });
    for (const [file, code, message] of [
      ["silent.wav", "prompt-unplayable", /^is silent/],
      ["text.wav", "prompt-unplayable", /^cannot be played: it is not a WAV file/],
      ["hold", "prompt-unplayable", /is no file/],
      ["gone.wav", "prompt-missing", /^is not in /],
      ["link.wav", "prompt-missing", /outside/],
      ["../outside.wav", "prompt-missing", /outside/],
      ["a\0b.wav", "prompt-missing", /^is not in /],
    ] as const) {
      t.match(await store.check(file), { findings: [{ code, severity: "error", message }] }, JSON.stringify(file));
    }
  });

  await t.test("publishing tells the place of a bad recording, and has the good ones ready", async (t) => {
    const source = `script: a
language: en-US
start: { human: begin, machine: begin }
steps:
  begin: { play: [{ file: odd.wav }, { file: quiet.wav }, { file: silent.wav }, { file: gone.wav }], end: done }
`;
    const { script } = readScript(source, "a.yaml");
    const own = new DiskPromptStore({ ...options, dir: join(dir, "published") });
    if (!script) throw new Error("it can be read");
    const { findings } = lint(source, "a.yaml", { recordings: await recordingReports(own, recordingsOf(script)) });
    t.match(
      findings.filter(({ code }) => code !== "opt-out-unreachable"),
      [
        { code: "recording-quiet", severity: "warning", line: 5, column: 46, message: /^the recording quiet.wav is very quiet/ },
        { code: "prompt-unplayable", severity: "error", column: 67 },
        { code: "prompt-missing", severity: "error", column: 89 },
      ],
    );
    t.match(await recordingFindings(own, recordingsOf(script), "a.yaml", source), [
      { code: "prompt-unplayable", severity: "error", line: 5, column: 67 },
      { code: "prompt-missing", severity: "error", column: 89 },
    ]);
    t.equal(
      (await readdir(join(dir, "published"), { recursive: true })).filter((name) => name.endsWith(".wav")).length,
      2,
      "what can be played is ready",
    );
  });

  await t.test("prunes what nobody used, and never what was used lately", async (t) => {
    const own = { ...options, dir: join(dir, "pruned") };
    let lateMs = 0;
    const store = new DiskPromptStore({ ...own, clock: { ...clock, now: () => Date.now() + lateMs } });
    const texts = ["One.", "Two.", "Three."].map(english);
    const [one, two, three] = await pathsOf(store, texts);
    const age = async (path: string | undefined, ms: number) => utimes(path ?? "", (Date.now() - ms) / 1000, (Date.now() - ms) / 1000);
    await writeFile(join(own.dir, "goodbye.wav"), "somebody else's");
    await age(join(own.dir, "goodbye.wav"), 40 * dayMs);
    await age(one, 29 * dayMs);
    await age(two, 31 * dayMs);
    await writeFile(`${three}.1.0.part`, "half");
    await age(`${three}.1.0.part`, 31 * dayMs);
    t.match(await store.prune(30 * dayMs), { removed: 2 }, "the unused one, and what was left half written");
    const left = (await readdir(own.dir, { recursive: true })).filter((name) => name.includes("."));
    t.same(left.sort(), [one, three, join(own.dir, "goodbye.wav")].map((path) => relative(own.dir, path ?? "")).sort());

    // A campaign goes on with the first one, so it is marked as used; the third one's last day is over.
    lateMs = 2 * 3_600_000;
    await age(one, dayMs + 60_000);
    await pathsOf(store, texts.slice(0, 1));
    await age(three, 2 * dayMs);
    t.match(await store.prune(0), { removed: 1 }, "what was used within a day stays, whatever is asked");
    await stat(one ?? "");
    t.same(await pathsOf(store, texts), [one, two, three], "and what went comes back when it is wanted");
    t.same(await new DiskPromptStore({ ...own, dir: join(dir, "nowhere") }).prune(0), { removed: 0, bytes: 0 });
  });

  await t.test("pruned while everybody asks for it: whoever is given a prompt has it", async (t) => {
    const own = { ...options, dir: join(dir, "contested") };
    const text = english("Wanted and old.");
    const [path = ""] = await pathsOf(new DiskPromptStore(own), [text]);
    for (let round = 0; round < 40; round++) {
      await utimes(path, 1, 1);
      const stores = Array.from({ length: 4 }, () => new DiskPromptStore(own));
      await Promise.all([stores[0]?.prune(0), ...stores.map((store) => pathsOf(store, [text])), stores[1]?.prune(0)]);
      t.ok((await stat(path)).size > 44, `round ${round}`);
    }
  });
});

t.test("the server prunes soon after its start, and then once a day", async (t) => {
  const dir = await folder(t);
  const virtual = new VirtualClock(Date.now());
  const { store, close } = openPrompts({ prompts: { dir, engine: "flite", command: [], voices: [], keepDays: 30 } }, virtual);
  t.teardown(close);
  let told = () => {};
  const pruned = () => new Promise<void>((resolve) => (told = resolve));
  const stop = prunePrompts(store, 30, virtual, { ...silentLog, info: (_: object, message: string) => message.startsWith("prompts") && told() });
  const file = join(dir, "ab", `${"0".repeat(62)}.wav`);
  const leave = async (ageMs: number) => {
    await mkdir(join(dir, "ab"), { recursive: true });
    await writeFile(file, "x");
    await utimes(file, (virtual.now() - ageMs) / 1000, (virtual.now() - ageMs) / 1000);
  };
  for (const [name, afterMs] of [
    ["ten minutes", 600_000],
    ["a day", dayMs],
    ["another day", dayMs],
  ] as const) {
    await leave(31 * dayMs);
    const done = pruned();
    await virtual.advance(afterMs);
    await done;
    await t.rejects(stat(file), { code: "ENOENT" }, name);
    await new Promise(setImmediate);
  }
  await leave(29 * dayMs);
  await virtual.advance(dayMs - 1);
  await stop();
  t.equal(virtual.pending, 0, "no timer is left");
  await stat(file);
});
