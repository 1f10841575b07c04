import t from "tap";
import { formatFinding } from "../../src/ivr/finding.ts";
import { link } from "../../src/ivr/link.ts";
import { lint } from "../../src/ivr/lint.ts";
import { verbs } from "../../src/ivr/schema.ts";
import { type Script, verdicts } from "../../src/ivr/script.ts";
import { pick, type Random, seededRandom } from "../../src/kernel/random.ts";
import { damaged, randomScript } from "./random-script.ts";
import { strange, walkAtRandom } from "./random-walk.ts";
import { scriptOf } from "./script-kit.ts";

const firstSeed = Number(process.env["TEST_SEED"] ?? 20_261_122);
const count = 10_000;

/** Two scripts without an error that others go to; they go to each other, too. */
function otherScripts(): ReadonlyMap<string, Script> {
  const others = new Map<string, Script>();
  for (const name of ["other-a", "other-b"]) {
    for (let seed = firstSeed; !others.has(name); seed++) {
      const source = randomScript(seededRandom(seed + name.length), name);
      if (lint(source, name).script) others.set(name, scriptOf(source));
    }
  }
  return others;
}

const fieldsAtRandom = (random: Random) =>
  Object.fromEntries(["first_name", "tier", "when", "time_zone"].map((name) => [name, pick(random, strange)]));

t.test("ten thousand scripts at random have an error, or every walk comes to an end within the time of the call", async (t) => {
  t.setTimeout(300_000);
  const others = otherScripts();
  const seen = { sound: 0, damaged: 0, soundDamaged: 0, keyed: 0 };
  const codes = new Set<string>();
  const entered = new Set<string>();
  const spoken = new Set<string>();
  const ends = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const random = seededRandom(seed);
    const whole = randomScript(random);
    const hurt = random.next() < 0.3;
    const source = hurt ? damaged(random, whole) : whole;
    if (hurt) seen.damaged += 1;
    const shown = () => `TEST_SEED=${seed} makes it the first one:\n${source}`;
    try {
      const { script, findings } = lint(source, "random", { others, columns: ["first_name", "tier", "when", "time_zone"], languages: ["*"] });
      for (const { code, line, column, fix } of findings) {
        codes.add(code);
        if (!(line >= 1 && column >= 1 && fix.length > 0)) t.fail(`${code} at ${line}:${column} ${fix}\n${shown()}`);
      }
      const linked = script && link(script, others);
      if (!linked || linked.faults.length > 0) continue;
      seen.sound += 1;
      if (hurt) seen.soundDamaged += 1;
      for (const silent of [false, false, true]) {
        const walked = walkAtRandom(linked.script, random, pick(random, verdicts), silent, fieldsAtRandom(random));
        seen.keyed += walked.keyed;
        ends.set(walked.end, (ends.get(walked.end) ?? 0) + 1);
        for (const name of walked.entered) entered.add(linked.script.steps.get(name)?.verb ?? "none");
        for (const language of walked.spoken) spoken.add(language);
        if (walked.elapsedMs > linked.script.maxCallMs) t.fail(`${walked.elapsedMs} ms\n${shown()}`);
        // Who goes in circles until it is enough has been asked something in every round.
        if (walked.end === "circles" && walked.asked * linked.script.steps.size < walked.visits) t.fail(`asked ${walked.asked} times\n${shown()}`);
      }
    } catch (error) {
      t.fail(`${error instanceof Error ? error.stack : String(error)}\n${shown()}`);
    }
  }
  const told = `${JSON.stringify({ ...seen, ends: Object.fromEntries(ends) })}, ${codes.size} codes`;
  t.comment(told);
  t.ok(seen.sound > count / 5, `many are sound: ${told}`);
  t.ok(count - seen.sound > count / 5, `many are not: ${told}`);
  t.ok(seen.soundDamaged > 10 && seen.damaged > count / 5, `damage is not always noticed: ${told}`);
  t.ok(seen.keyed > 50, `keys that work everywhere lead away: ${told}`);
  t.ok(codes.size > 40, `many rules are broken: ${[...codes].sort().join(" ")}`);
  t.same([...entered].sort(), Object.keys(verbs).sort(), "every verb was walked");
  t.ok(spoken.size >= 5, `languages spoken: ${[...spoken].join(" ")}`);
  for (const end of ["completed", "hung-up", "lost", "over"]) t.ok(ends.has(end), `some end as ${end}`);
});

t.test("the same seed makes the same script", async (t) => {
  t.equal(randomScript(seededRandom(7)), randomScript(seededRandom(7)));
  t.not(randomScript(seededRandom(7)), randomScript(seededRandom(8)));
  const findings = lint(randomScript(seededRandom(7)), "random").findings.map(formatFinding);
  t.same(findings, lint(randomScript(seededRandom(7)), "random").findings.map(formatFinding));
});
