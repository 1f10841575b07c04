import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { CommandRenderer } from "../../src/adapter/tts/command.ts";
import { FliteRenderer, toAscii } from "../../src/adapter/tts/flite.ts";
import { DiskPromptStore, type PromptStoreOptions } from "../../src/adapter/tts/prompt-store.ts";
import { levelled, levelOf, resample } from "../../src/adapter/tts/telephone.ts";
import { readWav, wholeDurationMs, writeWav } from "../../src/adapter/tts/wav.ts";
import { type PromptBook, type PromptFile, type PromptRef, type PromptRenderer, promptKey } from "../../src/ivr/ports.ts";
import { goodbyeText } from "../../src/ivr/prompt.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";

const clock: Clock = {
  now: () => Date.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

async function folder(test: { teardown(work: () => unknown): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "carillon-speech-test-"));
  test.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function fileOf(book: PromptBook, ref: PromptRef): PromptFile {
  const file = book.get(promptKey(ref));
  if (!file) throw new Error(`no ${promptKey(ref)}`);
  return file;
}

/** The share of a tone's power at a frequency, by the Goertzel algorithm. */
function powerAt(samples: Float32Array, rate: number, hertz: number): number {
  const turn = (2 * Math.PI * hertz) / rate;
  let cosine = 0;
  let sine = 0;
  for (const [index, sample] of samples.entries()) {
    cosine += sample * Math.cos(turn * index);
    sine += sample * Math.sin(turn * index);
  }
  return (4 * (cosine * cosine + sine * sine)) / samples.length ** 2;
}

function tone(rate: number, hertz: number, seconds: number, level = 0.5): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, index) => level * Math.sin((2 * Math.PI * hertz * index) / rate));
}

/** A WAV file as another program would write it. */
function foreignWav(samples: Float32Array, rate: number, channels: number, bits: 8 | 16 | 24 | 32 | "float"): Buffer {
  const bytes = bits === "float" ? 4 : bits / 8;
  const data = Buffer.alloc(samples.length * channels * bytes);
  for (const [index, sample] of samples.entries()) {
    for (let channel = 0; channel < channels; channel++) {
      const at = (index * channels + channel) * bytes;
      if (bits === "float") data.writeFloatLE(sample, at);
      else if (bits === 8) data.writeUInt8(Math.round(sample * 127) + 128, at);
      else data.writeIntLE(Math.round(sample * (2 ** (bits - 1) - 1)), at, bytes);
    }
  }
  const head = Buffer.alloc(20);
  head.writeUInt32LE(16, 0);
  head.writeUInt16LE(bits === "float" ? 3 : 1, 4);
  head.writeUInt16LE(channels, 6);
  head.writeUInt32LE(rate, 8);
  head.writeUInt32LE(rate * channels * bytes, 12);
  head.writeUInt16LE(channels * bytes, 16);
  head.writeUInt16LE(bytes * 8, 18);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  const list = Buffer.from("LIST\u0003\u0000\u0000\u0000abc\u0000", "latin1");
  return Buffer.concat([
    Buffer.from("RIFF\u0000\u0000\u0000\u0000WAVE", "latin1"),
    list,
    Buffer.from("fmt "),
    head,
    Buffer.from("data"),
    length,
    data,
  ]);
}

t.test("sound files: every form read, tones kept, aliases gone", async (t) => {
  for (const [rate, channels, bits] of [
    [8000, 1, 16],
    [16000, 1, 8],
    [22050, 1, 16],
    [44100, 2, 24],
    [48000, 2, 32],
    [48000, 1, "float"],
  ] as const) {
    const sound = readWav(foreignWav(tone(rate, 1000, 0.5), rate, channels, bits));
    t.equal(sound.sampleRate, rate);
    const at8k = resample(sound);
    t.ok(Math.abs(at8k.length - 4000) <= 1, `${rate}: half a second at 8 kHz`);
    t.ok(Math.abs(powerAt(at8k, 8000, 1000) - 0.25) < 0.02, `${rate} ${bits}: 1 kHz as loud as before`);
    t.ok(
      levelOf(resample({ sampleRate: rate, samples: tone(rate, 6000, 0.5) })).rmsDb < -45 || rate <= 8000,
      `${rate}: 6 kHz does not come back as an alias`,
    );
  }
  const samples = Int16Array.from([0, 100, -100, 32767, -32768]);
  const file = writeWav(samples);
  t.equal(file.length, 54);
  t.equal(readWav(file).samples.length, 5);
  t.equal(wholeDurationMs(writeWav(new Int16Array(8000)), 16044), 1000);
  t.equal(wholeDurationMs(writeWav(new Int16Array(8000)), 16043), undefined, "cut short");
  t.equal(wholeDurationMs(Buffer.alloc(44), 44), undefined);
  t.ok(
    Math.abs(levelOf(Float32Array.from(levelled(tone(8000, 500, 0.1, 0.05)), (v) => v / 32768)).peakDb + 3) < 0.2,
    "quiet speech is raised to -3 dB",
  );
  t.ok(Math.abs(levelOf(Float32Array.from(levelled(tone(8000, 500, 0.1, 0.5)), (v) => v / 32768)).peakDb + 6) < 0.2, "ordinary speech is left alone");
});

t.test("damaged sound files are refused, nothing worse", async (t) => {
  const seed = 8000;
  const random = seededRandom(seed);
  const good = foreignWav(tone(8000, 500, 0.02), 8000, 1, 16);
  let read = 0;
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(good.subarray(0, Math.floor(random.next() * good.length) + 1));
    for (let hits = Math.floor(random.next() * 6); hits > 0; hits--)
      bytes[Math.floor(random.next() * Math.min(70, bytes.length))] = Math.floor(random.next() * 256);
    try {
      if (readWav(bytes).samples.every(Number.isFinite)) read += 1;
    } catch (error) {
      if (!(error instanceof RangeError)) t.fail(`seed ${seed} round ${round}: ${String(error)}`);
    }
  }
  t.ok(read > 100 && read < 2000, `${read} could be read`);
});

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
    render(text) {
      renders += 1;
      return flite.render(text);
    },
    close: async () => {},
  };
  const recordings = join(dir, "recordings");
  await mkdir(join(recordings, "hold"), { recursive: true });
  const options: PromptStoreOptions = { dir: join(dir, "prompts"), recordingsDir: recordings, renderer: counting, pool, clock };
  const store = new DiskPromptStore(options);
  const hello = { say: "Hello Ann. Your payment of $120.50 was due on May first." };

  await t.test("speaks", async (t) => {
    const progress: number[] = [];
    const book = await store.ensure([hello, { say: goodbyeText }, hello], ({ done, total }) => progress.push(done, total));
    t.same(progress, [1, 2, 2, 2], "the same text counts once");
    const spoken = fileOf(book, hello);
    t.ok(spoken.durationMs > 2_500 && spoken.durationMs < 7_000, `${spoken.durationMs} ms`);
    const bye = fileOf(book, { say: goodbyeText });
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

  await t.test("renders once, whoever asks", async (t) => {
    const before = renders;
    const text = { say: `Once only, ${randomBytes(4).toString("hex")}.` };
    const books = await Promise.all(Array.from({ length: 8 }, () => store.ensure([text])));
    t.equal(new Set(books.map((book) => fileOf(book, text).path)).size, 1);
    t.equal(renders, before + 1, "eight at once");
    let rendered = -1;
    const later = new DiskPromptStore(options);
    const book = await later.ensure([text, hello], (progress) => {
      rendered = progress.rendered;
    });
    t.equal(rendered, 0, "found on disk by another store");
    t.equal(renders, before + 1);
    t.equal(fileOf(book, hello).durationMs, fileOf(await store.ensure([hello]), hello).durationMs);
    const other = new DiskPromptStore({ ...options, renderer: { ...counting, identity: "another voice", render: counting.render } });
    t.not(fileOf(await other.ensure([text]), text).path, fileOf(book, text).path, "another voice is another file");
    t.notOk(
      (await readdir(options.dir, { recursive: true })).some((name) => name.endsWith(".part")),
      "nothing half written is left",
    );
  });

  await t.test("a file cut short is made anew", async (t) => {
    const text = { say: "Cut me short." };
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
    await store.ensure(
      Array.from({ length: 6 }, (_, index) => ({ say: `A sentence that nobody has heard before, number ${index}, ${Date.now()}.` })),
    );
    speaking = false;
    t.ok(turns > 200, `${turns} turns`);
  });

  await t.test("names the text that cannot be spoken", async (t) => {
    await t.rejects(store.ensure([hello, { say: "你好" }]), { code: "prompt-unspeakable" });
    await t.rejects(store.ensure([{ say: "..." }]), { code: "prompt-unspeakable" });
    await t.rejects(store.ensure([{ say: "a ".repeat(1500) }]), { code: "prompt-unspeakable" });
  });

  await t.test("places the goodbye where the dialplan looks for it", async (t) => {
    const asSeen = new DiskPromptStore({ ...options, mediaDir: "/media/prompts" });
    const placed = await asSeen.place("goodbye", { say: goodbyeText });
    t.equal(placed.path, "/media/prompts/goodbye.wav");
    const bytes = await readFile(join(options.dir, "goodbye.wav"));
    t.equal(wholeDurationMs(bytes, bytes.length), placed.durationMs);
    t.match(fileOf(await asSeen.ensure([hello]), hello).path, /^\/media\/prompts\/[0-9a-f]{2}\/[0-9a-f]{62}\.wav$/);
    await t.rejects(store.place("../goodbye", { say: goodbyeText }), { code: "prompt-missing" });
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
    await t.rejects(new DiskPromptStore({ dir: options.dir, renderer: counting, pool, clock }).ensure([music]), { code: "prompt-missing" });
    await writeFile(join(recordings, "hold/music.wav"), foreignWav(tone(44100, 880, 2), 44100, 1, 16));
    const second = fileOf(await store.ensure([music]), music);
    t.not(second.path, first.path, "a new recording under the old name");
    t.equal(second.durationMs, 2000);
  });

  await t.test("prunes what nobody used, and never what was used lately", async (t) => {
    const own = { ...options, dir: join(dir, "pruned") };
    const pruned = new DiskPromptStore(own);
    const texts = ["One.", "Two.", "Three."].map((say) => ({ say }));
    const book = await pruned.ensure(texts);
    const [one, two, three] = texts.map((text) => fileOf(book, text).path);
    const longAgo = Date.now() / 1000 - 90_000;
    await utimes(one ?? "", longAgo, longAgo);
    await utimes(two ?? "", longAgo - 10, longAgo - 10);
    await writeFile(`${three}.1.0.part`, "half");
    await utimes(`${three}.1.0.part`, longAgo, longAgo);
    const size = (await stat(one ?? "")).size + (await stat(three ?? "")).size;
    t.match(await pruned.prune(size, 86_400_000), { removed: 2, bytes: size });
    t.same((await readdir(own.dir, { recursive: true })).filter((name) => name.includes(".")).length, 2);
    t.match(await pruned.prune(0, 86_400_000), { removed: 1 }, "the unused one goes when nothing may stay, the used one stays");
    const again = await pruned.ensure(texts);
    for (const text of texts) t.ok((await stat(fileOf(again, text).path)).size > 44, "and comes back when it is wanted");
  });
});

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

  const byFile = await renderer(engine(from.textFile + copy(2), "{text_file}", "{out_file}")).render(evil);
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
  await renderer(engine(from.stdin + copy(1), "{out_file}")).render(evil);
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
  for (const [name, argv, fault] of failing) await t.rejects(renderer(argv).render("Hello."), fault, name);
  await t.rejects(renderer(engine("setInterval(()=>{},1000)", "{out_file}"), 300).render("Hello."), {
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
  const both = await Promise.allSettled([flite.render("a ".repeat(900)), flite.render("b ".repeat(900))]);
  t.ok(
    both.every((end) => end.status === "rejected"),
    "both are given up, and the thread with them",
  );
  await flite.close();
  await t.rejects(flite.render("Hello."), { code: "prompt-engine" });
  const closing = new FliteRenderer(new AudioPool({ clock }));
  const ends = Promise.allSettled(Array.from({ length: 6 }, (_, index) => closing.render(`Sentence ${index}.`)));
  await closing.close();
  for (const end of await ends) t.equal(end.status, "rejected", "nobody waits for ever");
});
