import t from "tap";
import { Value } from "typebox/value";
import { intBetween, pick, seededRandom } from "../../../src/kernel/random.ts";
import { isSettled, push, silenceAfter, startAmd } from "../../../src/voice/amd/amd.ts";
import { type AmdOptions, amdOptions, amdProfiles } from "../../../src/voice/amd/options.ts";
import { answeredBy, type Outcome, type Verdict } from "../../../src/voice/amd/verdict.ts";
import { join, mixed, quiet, speech, times, tone, word } from "./sound-kit.ts";

const { b2b, b2c } = amdProfiles;

/** The first and the last verdict on a sound that ends in ten seconds of quiet. */
function heard(sound: Int16Array, options: AmdOptions = b2b) {
  const state = startAmd(options);
  const whole = join(sound, quiet(10_000));
  let first: Verdict | undefined;
  for (let at = 0; at < whole.length; at += 160) {
    const verdict = push(state, whole.subarray(at, at + 160));
    first ??= verdict;
  }
  return { first, last: state.verdict, message: state.message };
}

const near = (value: number | undefined, wanted: number, byMs: number) => value !== undefined && Math.abs(value - wanted) <= byMs;

t.test("the profiles are what the schema wants", async (t) => {
  t.ok(Value.Check(amdOptions, b2b));
  t.ok(Value.Check(amdOptions, b2c));
  t.notOk(Value.Check(amdOptions, { ...b2b, greetingMs: 10 }));
  t.ok(b2c.greetingMs < b2b.greetingMs, "homes are judged sooner");
});

t.test("a greeting and quiet is a person, after as much quiet as its length asks for", async (t) => {
  for (const lengthMs of [300, 600, 860, 1000, 1600, 1840, 2200, 3000, 4000]) {
    const { first } = heard(join(quiet(400), speech(lengthMs)));
    t.match(first, { outcome: "human", cause: "quiet-after-greeting" }, `${lengthMs} ms`);
    const wanted = 400 + lengthMs + silenceAfter(b2b, lengthMs);
    t.ok(near(first?.atMs, wanted, 60), `${lengthMs} ms: at ${first?.atMs}, about ${wanted}`);
    t.ok(near(first?.speech?.startMs, 400, 40) && near(first?.speech?.endMs, 400 + lengthMs, 40), "the greeting is where it was");
  }
});

t.test("the boundary of each rule of time", async (t) => {
  t.equal(silenceAfter(b2b, 900), 840, "the limit of a row is in it");
  t.equal(silenceAfter(b2b, 901), 1020);
  t.equal(silenceAfter(b2b, 60_000), 1055);
  // The holes between words are pauses, too.
  const longestMs = b2b.greetingMs - 80;
  const paused = (lengthMs: number) => join(quiet(400), speech(lengthMs / 2), quiet(400), speech(lengthMs / 2));
  const cases: readonly [string, Int16Array, Outcome, string, AmdOptions?][] = [
    ["just under the longest greeting", join(quiet(400), speech(longestMs - 60)), "human", "quiet-after-greeting"],
    ["just over it", join(quiet(400), speech(longestMs + 60)), "machine", "long-greeting"],
    ["the same in a home", join(quiet(400), speech(longestMs - 40)), "machine", "long-greeting", b2c],
    ["a pause counts twice: just under", paused(b2b.greetingMs - 880), "human", "quiet-after-greeting"],
    ["a pause counts twice: just over", paused(b2b.greetingMs - 720), "machine", "long-greeting"],
    ["a pause shorter than the quiet", join(quiet(400), speech(600), quiet(480), speech(600)), "human", "quiet-after-greeting"],
    ["a click is no word", join(quiet(400), word(40)), "silence", "no-speech"],
    ["a short word is one", join(quiet(400), word(120)), "human", "quiet-after-greeting"],
    ["nothing at all", quiet(0), "silence", "no-speech"],
    ["a word before the initial silence is over", join(quiet(b2b.initialSilenceMs - 300), word(200)), "human", "quiet-after-greeting"],
    ["dial tone for ever", tone([350, 440], 20_000), "unknown", "no-decision"],
  ];
  for (const [name, sound, outcome, cause, options] of cases) t.match(heard(sound, options).first, { outcome, cause }, name);
  const split = heard(join(quiet(400), speech(600), quiet(480), speech(600))).first;
  t.ok(near(split?.speech?.endMs, 400 + 600 + 480 + 600, 40), "the greeting goes on after a pause");
  const soft = join(quiet(400), speech(1400), word(300, -41), quiet(900), speech(3000));
  t.match(heard(soft).first, { outcome: "machine" }, "the quiet begins after the soft end of a word");
  t.equal(heard(quiet(0)).first?.atMs, b2b.initialSilenceMs);
  t.equal(heard(mixed(quiet(30_000), tone([300], 30_000, -20))).first?.atMs, b2b.totalAnalysisMs, "a tone that never ends is not judged for ever");
});

t.test("noise is not speech, and does not keep a person waiting", async (t) => {
  const noise = word(14_000, -44);
  t.match(heard(noise).first, { outcome: "silence" });
  const { first } = heard(mixed(join(quiet(900), speech(700), quiet(12_000)), noise));
  t.match(first, { outcome: "human" });
  t.ok(near(first?.atMs, 900 + 700 + silenceAfter(b2b, 700), 100), `at ${first?.atMs}`);
  const television = mixed(join(quiet(600), speech(700), quiet(12_000)), speech(13_300, -44));
  t.match(heard(television).first, { outcome: "human" }, "people in the background neither");
  const programme = times(14, speech(800, -40), word(80, -33), quiet(80));
  const loud = mixed(join(quiet(600), speech(700), quiet(12_000)), programme);
  t.match(heard(loud).first, { outcome: "human", cause: "background" }, "nor do they make a machine of a person");
  const gust = mixed(word(14_000, -44), join(quiet(2000), word(200, -40), quiet(11_800)));
  t.match(heard(gust).first, { outcome: "silence" }, "nor is a gust of it");
  const inNoise = (sound: Int16Array) => heard(mixed(word(14_000, -44), join(quiet(2000), sound, quiet(11_600)))).first;
  t.match(inNoise(word(400, -34.5)), { outcome: "silence" }, "nor a strong one");
  // A vowel of 140 Hz with a glide: nothing but its pitch tells it from the gust.
  const vowel = Int16Array.from({ length: 3200 }, (_, at) =>
    [2, 3, 4, 5, 6, 8, 10, 12].reduce((sum, n) => sum + 215 * Math.sin((2 * Math.PI * 140 * n * (at + (at * at) / 40_000)) / 8000), 0),
  );
  t.match(inNoise(vowel), { outcome: "human" }, "while a vowel no louder is");
});

t.test("music goes on after a soft passage, and a person after it does not", async (t) => {
  const chord = (hz: number, levelDb: number) => [2, 3, 5].reduce((sum, n) => mixed(sum, tone([hz * n], 300, levelDb - n)), tone([hz], 300, levelDb));
  const tune = (levelDb: number) => join(...[392, 440, 494, 523].map((hz) => chord(hz, levelDb)));
  t.match(heard(join(quiet(300), tune(-22), tune(-22), quiet(1400), times(4, tune(-22)))).first, { outcome: "machine", cause: "long-greeting" });
  t.match(heard(join(quiet(300), tune(-22))).first, { outcome: "human" }, "which is not waited for for ever");
});

t.test("a machine is heard out to its beep, or to the quiet that stands for one", async (t) => {
  const greeting = join(quiet(300), speech(6000), quiet(700));
  const hiss = word(7300, -36);
  for (const [hz, lengthMs] of [
    [[440], 200],
    [[1000], 130],
    [[1000], 500],
    [[1400], 1200],
    [[2000], 300],
    [[620, 850], 400],
  ] as const) {
    const { first, last, message } = heard(join(greeting, tone(hz, lengthMs)));
    t.match(first, { outcome: "machine", cause: "long-greeting" });
    t.match(last, { outcome: "machine-beep", cause: "beep" }, `${hz} Hz for ${lengthMs} ms`);
    t.ok(near(last?.beep?.startMs, 7000, 40) && near(last?.beep?.endMs, 7000 + lengthMs, 40), JSON.stringify(last?.beep));
    t.equal(message?.by, "beep");
    t.ok((message?.atMs ?? 0) >= 7000 + lengthMs + b2b.beep.quietAfterMs - 20, "never before its end");
  }
  // A GSM telephone moves the loudness of a high tone by decibels from frame to frame.
  const moving = tone([2000], 300).map((sample, at) => (Math.floor(at / 160) % 2 === 0 ? sample : sample * 0.8));
  t.match(heard(join(greeting, moving)).last, { outcome: "machine-beep", beep: { startMs: 7000 } }, "a beep through GSM");
  t.match(heard(join(greeting, tone([1000], 300, -38))).last, { outcome: "machine-beep" }, "a clean beep may be soft beside the voice");
  const stray = join(quiet(300), speech(6000), quiet(660), tone([450], 40, -34), tone([1000], 130));
  t.ok(near(heard(stray).last?.beep?.startMs, 7000, 30), "a beep right after a piece of noise");
  const hissing = join(greeting, tone([620], 300)).map((sample, at, { length }) => sample + (hiss[at % length] ?? 0));
  t.match(heard(hissing).last, { outcome: "machine-beep", beep: { startMs: 7000 } }, "a beep in noise");
  const silent = heard(greeting);
  t.match(silent.message, { by: "silence" });
  t.ok(near(silent.message?.atMs, 6300 + b2b.messageEndSilenceMs, 60), `at ${silent.message?.atMs}`);
  t.match(heard(join(quiet(300), speech(40_000))).message, { by: "timeout", atMs: b2b.messageEndTimeoutMs });
  t.match(heard(join(quiet(1500), tone([1000], 300))).first, { outcome: "machine-beep" }, "a beep alone");
  t.match(heard(join(quiet(300), speech(1500), quiet(300), tone([1000], 300))).first, { outcome: "machine-beep" }, "a beep after a short greeting");
  for (const lengthMs of [200, 300, 500]) {
    const { first, message } = heard(join(quiet(1500), tone([440], lengthMs)));
    t.match(first, { outcome: "machine-beep", beep: { startMs: 1500 } }, `a low beep alone, ${lengthMs} ms`);
    t.ok((message?.atMs ?? 0) >= 1500 + lengthMs + 900, "once it has not come again");
  }
  const long = heard(join(quiet(1500), tone([440], 1200)));
  t.match(long.first, { outcome: "machine-beep", beep: { startMs: 1500 } }, "one as long as a ringing tone, too");
  t.ok((long.message?.atMs ?? 0) >= 2700 + 5300, "once it has not rung again");
  t.match(
    heard(join(quiet(300), speech(6000), tone([1000], 500))).last,
    { outcome: "machine-beep", beep: { endMs: 6800 } },
    "a beep right after the words",
  );
  const torn = heard(join(greeting, tone([1000], 80), quiet(120), tone([1000], 300)));
  t.match(torn.last, { outcome: "machine-beep", beep: { startMs: 7000, endMs: 7500 } }, "a beep of which six packets are lost");
  const short = heard(join(greeting, tone([1000], 140)));
  t.ok((short.message?.atMs ?? 0) >= 7140 + 380, "a short beep is one when nothing follows it");
});

t.test("what is no beep", async (t) => {
  const hello = join(quiet(400), speech(600), quiet(200));
  const pressed = heard(join(hello, tone([770, 1336], 150))).first;
  t.match(pressed, { outcome: "human" }, "a key");
  t.ok(near(pressed?.atMs, 400 + 600 + silenceAfter(b2b, 600), 60), `nobody waits for having pressed one: at ${pressed?.atMs}`);
  t.match(heard(join(hello, tone([1000], 60))).first, { outcome: "human" }, "too short");
  t.match(heard(join(hello, tone([300], 300))).first, { outcome: "human" }, "too low");
  const sung = heard(join(quiet(400), speech(600), tone([300], 500))).first;
  t.ok(near(sung?.speech?.endMs, 1500, 40), `a vowel that stands still is a part of the greeting: to ${sung?.speech?.endMs}`);
  const vowel = mixed(tone([410], 260, -20), tone([820], 260, -31));
  t.match(heard(join(hello, vowel)).first, { outcome: "human" }, "a vowel that stands still, for its harmonic");
  t.match(heard(join(hello, tone([1000], 300, -46))).first, { outcome: "human" }, "far behind the voice");
  t.notMatch(heard(join(hello, tone([1000], 300), speech(900))).first, { outcome: "machine-beep" }, "no quiet after it");
  t.notMatch(heard(join(hello, tone([1000], 140), quiet(250), speech(900))).first, { outcome: "machine-beep" }, "a short one, and more words");
  const british = times(2, tone([400, 450], 400), quiet(200), tone([400, 450], 400), quiet(2000));
  t.notMatch(heard(join(quiet(1000), british)).first, { outcome: "machine-beep" }, "ringing in Britain");
});

t.test("fax and network tones", async (t) => {
  const cases: readonly [string, Int16Array, Outcome, string, number][] = [
    ["answering fax", join(quiet(1000), tone([2100], 3000)), "fax", "answering-tone", 1700],
    ["a little off", join(quiet(200), tone([2112], 3000)), "fax", "answering-tone", 900],
    ["calling fax", times(3, tone([1100], 500), quiet(3000)), "fax", "calling-tone", 700],
    ["SIT of ITU-T", join(tone([950], 330), tone([1400], 330), tone([1800], 330), quiet(400), speech(5000)), "sit", "special-information-tones", 900],
    ["SIT of North America", join(tone([913.8], 274), tone([1370.6], 274), tone([1776.7], 380), quiet(400)), "sit", "special-information-tones", 850],
    ["with gaps", join(tone([985.2], 380), quiet(30), tone([1428.5], 380), quiet(30), tone([1776.7], 380)), "sit", "special-information-tones", 1100],
    [
      "that loses packets",
      join(tone([913.8], 240), quiet(60), tone([1370.6], 274), quiet(160), tone([1776.7], 380)),
      "sit",
      "special-information-tones",
      1200,
    ],
    ["of which packets are lost", times(4, tone([440, 480], 900), quiet(80), tone([440, 480], 1020), quiet(4000)), "unknown", "ringback", 9500],
    ["busy", times(8, tone([480, 620], 500), quiet(500)), "unknown", "busy", 2700],
    ["busy in Europe", times(8, tone([425], 500), quiet(500)), "unknown", "busy", 2700],
    ["congestion", times(8, tone([480, 620], 250), quiet(250)), "unknown", "busy", 1450],
    ["ringing after the answer", times(3, tone([440, 480], 2000), quiet(4000)), "unknown", "ringback", 9500],
  ];
  for (const [name, sound, outcome, cause, byMs] of cases) {
    const { first } = heard(join(quiet(100), sound));
    t.match(first, { outcome, cause }, name);
    t.ok((first?.atMs ?? Number.POSITIVE_INFINITY) <= byMs + 100, `${name}: at ${first?.atMs}`);
  }
  t.match(
    heard(join(quiet(100), tone([425], 1000), quiet(1500), speech(600))).first,
    { outcome: "human" },
    "who answers after the ringing is a person",
  );
});

t.test("doubt is a person's", async (t) => {
  const answered = Object.fromEntries(
    (["human", "silence", "unknown", "machine", "machine-beep", "fax", "sit"] as const).map((outcome) => [outcome, answeredBy(outcome)]),
  );
  t.same(answered, {
    human: "person",
    silence: "person",
    unknown: "person",
    machine: "machine",
    "machine-beep": "machine",
    fax: "nobody",
    sit: "nobody",
  });
});

t.test("the same sound in any portions gives the same verdict, and no portion breaks it", async (t) => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const sound = join(quiet(300), speech(5600), quiet(500), tone([1000], 400), quiet(1000));
  const whole = startAmd(b2b);
  push(whole, sound);
  const parts = startAmd(b2b);
  for (let at = 0; at < sound.length; ) {
    const size = intBetween(random, 0, 500);
    push(parts, sound.subarray(at, at + size));
    at += size;
  }
  t.same(parts.verdict, whole.verdict, `seed ${seed}`);
  t.match(whole.verdict, { outcome: "machine-beep" });

  for (let round = 0; round < 40; round++) {
    const state = startAmd(pick(random, [b2b, b2c]));
    let settledAs: string | undefined;
    for (let frame = 0; frame < 1900; frame++) {
      const kind = pick(random, ["noise", "full", "zero", "tone", "short"] as const);
      const level = intBetween(random, 1, 32767);
      const hz = intBetween(random, 20, 3990);
      const length = kind === "short" ? intBetween(random, 0, 159) : 160;
      const samples = Int16Array.from({ length }, (_, at) =>
        kind === "zero"
          ? 0
          : kind === "full"
            ? at % 2
              ? 32767
              : -32768
            : kind === "tone"
              ? level * Math.sin(at * hz)
              : (random.next() * 2 - 1) * level,
      );
      const verdict = push(state, samples);
      if (settledAs !== undefined) t.equal(JSON.stringify(verdict), settledAs, `seed ${seed}: a settled verdict stays`);
      else if (isSettled(state)) settledAs = JSON.stringify(verdict);
    }
    if (!t.ok(settledAs, `seed ${seed}, round ${round}: a verdict within 30 s`)) break;
  }
});
