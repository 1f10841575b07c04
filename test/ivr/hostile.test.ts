import t from "tap";
import { link } from "../../src/ivr/link.ts";
import { readScript } from "../../src/ivr/read.ts";
import { failuresOf, walkCases } from "../../src/ivr/run-cases.ts";
import type { Script } from "../../src/ivr/script.ts";

/* Scripts and tests of somebody who means harm: each would keep the process busy, or fill its memory, and is answered briefly instead. */

const codesOf = (source: string) => {
  const counted: Record<string, number> = {};
  for (const { code } of readScript(source, "hostile.yaml").findings) counted[code] = (counted[code] ?? 0) + 1;
  return counted;
};

t.test("thousands of mistakes are told by the hundred", (t) => {
  t.strictSame(codesOf(`a: 'x'\n${"b: 'c' d\n".repeat(14_000)}`), { "yaml-syntax": 100, "yaml-duplicate-key": 100 });
  t.end();
});

t.test("a file of nothing but signs is not read", (t) => {
  for (const source of ["]\n".repeat(60_000), `a: ${"[],".repeat(20_000)}`, ":\n".repeat(60_000), "- -\n".repeat(30_000)]) {
    t.strictSame(codesOf(source), { "yaml-too-large": 1 });
  }
  t.end();
});

t.test("what stands under an endless key is not looked at", (t) => {
  t.match(codesOf(`? "${"k".repeat(90_000)}"\n: [${"1,".repeat(15_000)}1]\n`), { "yaml-too-large": 1 });
  t.match(codesOf(`${"k".repeat(201)}: 1\n`), { "yaml-too-large": 1 });
  t.notMatch(codesOf(`${"k".repeat(200)}: 1\n`), { "yaml-too-large": 1 });
  t.end();
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const headOf = (name: string) => `script: ${name}\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n`;

function scriptOf(source: string): Script {
  const { script, findings } = readScript(source, "hostile.yaml");
  if (!script) throw new Error(JSON.stringify(findings[0]));
  return script;
}

/** Keeps so many answers, 30 in a step, named after the script. */
function keeping(name: string, count: number, end = "end: done"): string {
  const steps = numbers(Math.ceil(count / 30));
  const values = (step: number) => numbers(Math.min(30, count - step * 30)).map((index) => `${name}${step * 30 + index}: "1"`);
  const lines = steps.map((step) => ` s${step}: { set: { ${values(step).join(", ")} }, next: s${step + 1} }\n`);
  return `${headOf(name)}${lines.join("")} s${steps.length}: { ${end} }\n`;
}

t.test("a call keeps no more than 500 answers, whatever scripts it goes to", (t) => {
  t.strictSame(codesOf(keeping("a", 501)), { "script-too-large": 1 });
  const whole = (others: number) => link(scriptOf(keeping("a", 250, "script: b")), new Map([["b", scriptOf(keeping("b", others))]]));
  t.strictSame(whole(250).faults, []);
  t.match(whole(251).faults, [{ code: "script-too-large", script: "a" }]);
  t.end();
});

t.test("tests that walk and say too much are not run to their end, and failures are short", (t) => {
  const says = `play: [${numbers(20).map(() => `{ say: "{x}" }`)}]`;
  const script = scriptOf(
    `${headOf("a")}${numbers(100)
      .map((step) => ` s${step}: { ${says}, next: s${step + 1} }\n`)
      .join("")} s100: { end: done }\n`,
  );
  const tests = `tests: a\ncontact: { x: ${"y".repeat(1000)} }\ncases:\n`;
  const { report, walked } = walkCases(
    tests +
      numbers(40)
        .map((one) => ` - { case: c${one}, expect: { outcome: done } }\n`)
        .join(""),
    "t",
    script,
  );
  t.equal(report.cases.length, 40);
  t.ok(walked.length > 10 && walked.length < 40, `${walked.length} were walked`);
  t.match(report.cases.at(-1)?.faults, [/is not run: the cases before it say and do too much/]);

  const unsaid = ` - { case: c, expect: { outcome: done, says: [${numbers(100).map((text) => `"z${text}"`)}] } }\n`;
  const [failure = ""] = failuresOf(walkCases(tests + unsaid, "t", script).report);
  t.ok(failure.length < 50_000, `${failure.length} characters`);
  t.end();
});
