import { amdProfiles } from "../../../src/voice/amd/options.ts";
import { defaultFolder, defaultSeed } from "./build.ts";
import { corpus, soundOf } from "./corpus.ts";
import { judge } from "./judge.ts";
import { delayMs, isLost, isRight, type Judged, score } from "./score.ts";

/*
 *     node test/bench/amd/tune.ts [SEED…]
 *
 * Judges the tuning half of the corpora of these seeds, each another draw from the same voices, and says what is wrong with which kind of call. The test half is
 * not looked at: a change is made for what is seen here, and `npm run bench -- amd` says what it is worth.
 */

const slowestMs = 1100;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;

function line(name: string, judged: readonly Judged[]): string {
  const { accuracy, humanLost, cleanHumansLost, machineAsHuman, humanP95Ms, beepRecall, beeps, falseBeeps } = score(judged);
  return [
    `${name}: right ${percent(accuracy)}`,
    `people lost ${percent(humanLost)}, clean ones ${cleanHumansLost}`,
    `machines as people ${percent(machineAsHuman)}`,
    `people after ${Math.round(humanP95Ms)} ms (p95)`,
    `beeps ${percent(beepRecall)} of ${beeps}, false ones ${falseBeeps}`,
  ].join("; ");
}

function kinds(judged: readonly Judged[]): string[] {
  return [...Map.groupBy(judged, ({ sample }) => `${sample.label} ${sample.kind}`)].flatMap(([kind, all]) => {
    const wrong = all.filter((one) => !isRight(one)).length;
    const slow = all.filter((one) => one.sample.label === "human" && delayMs(one) > slowestMs).length;
    return wrong + slow === 0
      ? []
      : [`  ${kind}: ${wrong} of ${all.length} wrong, ${all.filter(isLost).length} people lost, ${slow} after ${slowestMs} ms`];
  });
}

const seeds = process.argv.slice(2).map(Number);
const draws = (seeds.length > 0 ? seeds : [defaultSeed]).map((seed) => ({ seed, drawn: corpus(defaultFolder, seed, console.error) }));
for (const [profile, options] of Object.entries(amdProfiles)) {
  const judged = draws.map(({ seed, drawn }) => {
    const samples = drawn.samples.filter(({ half }) => half === "tuning");
    return { seed, all: samples.map((sample) => judge(sample, soundOf(drawn, sample), options)) };
  });
  for (const { seed, all } of judged) console.log(line(`${profile}, ${seed}`, all));
  const every = judged.flatMap(({ all }) => all);
  console.log(line(`${profile}, all`, every));
  for (const text of kinds(every)) console.log(text);
}
