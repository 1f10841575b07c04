import { type AmdProfile, amdProfiles } from "../../src/voice/amd/options.ts";
import { defaultFolder, defaultSeed } from "./amd/build.ts";
import { type Corpus, corpus, soundOf } from "./amd/corpus.ts";
import { judge, judgeAsAppAmd } from "./amd/judge.ts";
import type { Label, Sample } from "./amd/scene.ts";
import { isLost, isRight, type Judged, type Score, score } from "./amd/score.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, table } from "./gates.ts";

const profiles: readonly AmdProfile[] = ["b2c", "b2b"];
/** Machines taken for a person, at most. */
const machineAsHumanLimit: Readonly<Record<AmdProfile, number>> = { b2c: 0.1, b2b: 0.2 };
const labels: readonly Label[] = ["human", "machine", "fax", "sit", "silence", "tone"];
const outcomes = ["human", "machine", "machine-beep", "fax", "sit", "silence", "unknown", "none"] as const;

/** Answering-machine detection on the test half of the corpus, whose voices nothing was tuned on, beside app_amd's rules. */
export const bench: Bench = async (say) => {
  const all = corpus(defaultFolder, defaultSeed, say);
  const samples = all.samples.filter(({ half }) => half === "test");
  say(composition(all));
  const sounds = samples.map((sample) => soundOf(all, sample));
  const audioS = sounds.reduce((sum, sound) => sum + sound.length / 8000, 0);
  // Compiled before it is timed.
  for (const [at, sample] of samples.slice(0, 30).entries()) judge(sample, sounds[at] ?? new Int16Array(), amdProfiles.b2b);

  const judgedAs = (judgeOne: (sample: Sample, sound: Int16Array) => Judged) =>
    samples.map((sample, at) => judgeOne(sample, sounds[at] ?? new Int16Array()));
  const app = judgedAs(judgeAsAppAmd);
  const runs = profiles.map((profile) => {
    const before = process.cpuUsage();
    const judged = judgedAs((sample, sound) => judge(sample, sound, amdProfiles[profile]));
    const { user, system } = process.cpuUsage(before);
    // What was heard before everything was settled, at most.
    const heardS = judged.reduce((sum, { message, atMs, outcome, sample }) => {
      const settledMs = outcome === "machine" ? (message?.atMs ?? sample.durationMs) : Math.min(atMs, sample.durationMs);
      return sum + settledMs / 1000;
    }, 0);
    return { profile, judged, score: score(judged), cpuMsPerS: (user + system) / 1000 / heardS };
  });

  say(`\nTest half: ${samples.length} samples, ${Math.round(audioS)} s.\n`);
  const columns = [{ name: "app_amd", score: score(app), cpuMsPerS: Number.NaN }, ...runs.map(({ profile, ...run }) => ({ name: profile, ...run }))];
  say(table([["", ...columns.map(({ name }) => name)], ...rows(columns)]));
  for (const { name, judged } of [{ name: "app_amd", judged: app }, ...runs.map(({ profile, judged }) => ({ name: profile, judged }))]) {
    say(`\n${name}: what each was taken for`);
    say(table([["", ...outcomes], ...labels.map((label) => [label, ...outcomes.map((outcome) => count(judged, label, outcome))])]));
  }
  for (const { profile, judged } of runs) say(`\n${profile}: errors by kind\n${errorsByKind(judged)}`);
  return runs.flatMap(gatesOf);
};

function rows(columns: readonly { readonly score: Score; readonly cpuMsPerS: number }[]): (string | number)[][] {
  const percent = (value: number) => (Number.isNaN(value) ? "-" : `${(value * 100).toFixed(1)} %`);
  const ms = (value: number) => (Number.isFinite(value) ? String(Math.round(value)) : "-");
  const row = (name: string, show: (column: (typeof columns)[number]) => string): string[] => [name, ...columns.map(show)];
  return [
    row("accuracy", ({ score }) => percent(score.accuracy)),
    row("human taken for a machine or signal", ({ score }) => percent(score.humanLost)),
    row("of the clean humans", ({ score }) => `${score.cleanHumansLost} of ${score.cleanHumans}`),
    row("machine taken for a human", ({ score }) => percent(score.machineAsHuman)),
    row("machine connected (human, silence, unknown)", ({ score }) => percent(score.machineConnected)),
    row("human, after the end of speech, p50, ms", ({ score }) => ms(score.humanP50Ms)),
    row("human, after the end of speech, p95, ms", ({ score }) => ms(score.humanP95Ms)),
    row("machine, after the answer, p50, ms", ({ score }) => ms(score.machineP50Ms)),
    row("fax and SIT, after the answer, p95, ms", ({ score }) => ms(score.signalP95Ms)),
    row("beeps found within 100 ms of their onset", ({ score }) => `${percent(score.beepRecall)} of ${score.beeps}`),
    row("false beeps", ({ score }) => String(score.falseBeeps)),
    row("beep onset error, p95, ms", ({ score }) => ms(score.beepErrorP95Ms)),
    row("CPU, ms per second of sound", ({ cpuMsPerS }) => (Number.isNaN(cpuMsPerS) ? "-" : cpuMsPerS.toFixed(2))),
  ];
}

function gatesOf({ profile, score, cpuMsPerS }: { profile: AmdProfile; score: Score; cpuMsPerS: number }): Gate[] {
  return [
    gate(`${profile}: human taken for a machine`, score.humanLost, "<=", 0.02),
    gate(`${profile}: clean humans taken for a machine`, score.cleanHumansLost, "<=", 0),
    gate(`${profile}: machine taken for a human`, score.machineAsHuman, "<=", machineAsHumanLimit[profile]),
    gate(`${profile}: accuracy`, score.accuracy, ">=", 0.95),
    gate(`${profile}: human verdict after the end of speech, p95, ms`, score.humanP95Ms, "<=", 1100),
    gate(`${profile}: beep recall within 100 ms`, score.beepRecall, ">=", 0.97),
    gate(`${profile}: fax and SIT verdict, p95, ms`, score.signalP95Ms, "<=", 2500),
    gate(`${profile}: CPU, ms per second of sound`, cpuMsPerS, "<=", 5),
  ];
}

function count(judged: readonly Judged[], label: Label, outcome: string): number {
  return judged.filter((one) => one.sample.label === label && one.outcome === outcome).length;
}

function errorsByKind(judged: readonly Judged[]): string {
  const kinds = [...Map.groupBy(judged, ({ sample }) => `${sample.label} ${sample.kind}`)];
  const wrong = kinds.map(([kind, all]) => [kind, all.length, all.filter((one) => !isRight(one)).length, all.filter(isLost).length] as const);
  return table([["kind", "samples", "wrong", "people lost"], ...wrong.filter(([, , errors]) => errors > 0).map((row) => [...row])]);
}

function composition({ samples }: Corpus): string {
  const humans = samples.filter(({ label }) => label === "human").length;
  const real = samples.filter(({ real }) => real).length / samples.length;
  const voices = (half: string) => new Set(samples.filter((sample) => sample.half === half).flatMap(({ voice }) => voice ?? [])).size;
  return `corpus: ${samples.length} samples, ${humans} of people answering, ${Math.round(real * 100)} % recordings; ${voices("tuning")} voices to tune on, ${voices("test")} others to test on`;
}
