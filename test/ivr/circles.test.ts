import t from "tap";
import { inCircles } from "../../src/ivr/circles.ts";
import { reachable } from "../../src/ivr/exits.ts";
import { numberFormat } from "../../src/ivr/number-formats.ts";
import { readScript } from "../../src/ivr/read.ts";
import type { Script, Step } from "../../src/ivr/script.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";

function scriptOf(leads: readonly (readonly number[])[]): Script {
  const steps = leads.map((to, step) => ` s${step}: { branch: x, on: { ${to.map((next, key) => `"${key}": s${next}`).join(", ")} }, else: end }\n`);
  const { script, findings } = readScript(
    `script: circles\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n${steps.join("")} end: { end: done }\n`,
    "circles.yaml",
  );
  if (!script) throw new Error(JSON.stringify(findings[0]));
  return script;
}

const exits = (step: Step): string[] => (step.verb === "branch" ? step.cases.map(({ to }) => to) : []);

t.test("a step is in a circle when it is reached from itself", (t) => {
  const seed = 20_261_122;
  const random = seededRandom(seed);
  const below = (limit: number) => intBetween(random, 0, limit - 1);
  for (let round = 0; round < 200; round++) {
    const size = 1 + below(12);
    const leads = Array.from({ length: size }, () => Array.from({ length: 1 + below(2) }, () => below(size)));
    const script = scriptOf(leads);
    const slowly = [...script.steps].filter(([name, step]) => reachable(script, exits(step), exits).has(name)).map(([name]) => name);
    t.strictSame([...inCircles(script, exits)].sort(), slowly.sort(), `seed ${seed}, round ${round}: ${JSON.stringify(leads)}`);
  }
  t.end();
});

t.test("each step is looked at once, however many ways there are", (t) => {
  const script = scriptOf(Array.from({ length: 100 }, (_, step) => Array.from({ length: 50 }, (_, key) => (step + key) % 100)));
  let looked = 0;
  inCircles(script, (step) => {
    looked += 1;
    return exits(step);
  });
  t.equal(looked, 101);
  t.end();
});

t.test("number formats are made once, and not kept without end", (t) => {
  const first = numberFormat("fr", { minimumFractionDigits: 2 });
  t.equal(numberFormat("fr", { minimumFractionDigits: 2 }), first);
  t.not(numberFormat("de", { minimumFractionDigits: 2 }), first);
  for (let digits = 0; digits < 600; digits++) numberFormat(`fr-x-${digits}`, {});
  t.not(numberFormat("fr", { minimumFractionDigits: 2 }), first);
  t.end();
});
