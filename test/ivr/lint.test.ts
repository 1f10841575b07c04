import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { formatFinding } from "../../src/ivr/finding.ts";
import { keysNamed, keysOffered } from "../../src/ivr/key-words.ts";
import { type LintOptions, lint } from "../../src/ivr/lint.ts";
import { lintRules } from "../../src/ivr/lint-rules.ts";
import { loadScriptFile } from "../../src/ivr/script-file-engine.ts";
import { rulePairs } from "./lint-pairs.ts";
import { after, formPairs } from "./lint-pairs-form.ts";
import { optOutPairs } from "./lint-pairs-opt-out.ts";
import { queuePairs } from "./lint-pairs-queue.ts";
import { soundMenu } from "./script-table.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");
const pairs = [...formPairs, ...rulePairs, ...optOutPairs, ...queuePairs];

/** Codes of recordings, for which test/ivr/speech.test.ts has sounds that break them and sounds that just do not. */
const ofRecordings = ["prompt-unplayable", "recording-quiet", "recording-clipped", "recording-late"];
/** Codes of files and of those beside them, tried below. */
const ofFiles = ["file-unreadable", "script-unknown", "script-too-large"];

t.test("every rule has a script that breaks it, at its place, and one that just does not", async (t) => {
  for (const { code, breaks, at, holds, options, holdsWith = options } of pairs) {
    const found = (source: string, against: LintOptions | undefined) => lint(source, "test.yaml", against).findings;
    const broken = found(breaks, options);
    const places = broken.filter((finding) => finding.code === code).map(({ line, column }) => `${line}:${column}`);
    t.same(places, [at], `${code} is found\n${broken.map(formatFinding).join("\n")}\n${breaks.slice(0, 2000)}`);
    t.same(found(holds, holdsWith).map(formatFinding), [], `not ${code}\n${holds.slice(0, 2000)}`);
  }
});

t.test("every code in the source and in docs/ivr.md has such a pair", async (t) => {
  const covered = new Set([...pairs.map(({ code }) => code), ...ofRecordings, ...ofFiles]);
  const read = readdirSync(here("src/ivr/")).filter((name) => /^(?:read.*|step-reader|yaml|schema-findings|against-schema)\.ts$/.test(name));
  const source = read.map((name) => text(`src/ivr/${name}`)).join("\n");
  const made = [...source.matchAll(/(?:report\(|code: |\? )\s*"([a-z]+(?:-[a-z]+)*)"/g)].map(([, code = ""]) => code);
  const inSource = new Set([...made.filter((code) => code.includes("-") || code === "template"), ...Object.keys(lintRules)]);
  t.ok(inSource.size >= 60, `${inSource.size} codes`);
  const table = [...text("docs/ivr.md").matchAll(/^\| (`[^|]*`) \| (error|warning)(;[^|]*)? \|/gm)];
  const inDocs = new Map(table.flatMap(([, codes = "", severity]) => [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code = ""]) => [code, severity])));
  for (const code of inSource) {
    t.ok(covered.has(code), `${code} has a pair of scripts`);
    t.ok(inDocs.has(code), `${code} is in docs/ivr.md`);
  }
  for (const [code, severity] of inDocs) {
    t.ok(covered.has(code), `${code} of docs/ivr.md has a pair of scripts`);
    const rule = Object.hasOwn(lintRules, code) ? lintRules[code as keyof typeof lintRules] : undefined;
    if (rule && rule !== "either") t.equal(severity, rule, `docs/ivr.md tells how bad ${code} is`);
  }
});

t.test("what is wrong with files and those beside them", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-lint-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const first = join(dir, "first.yaml");
  const found = async () => (await loadScriptFile(first)).findings.map(({ line, column, code }) => `${line}:${column} ${code}`);
  t.same(await found(), ["1:1 file-unreadable"]);
  // Each goes to the next one.
  const write = async (name: string, next: string) =>
    writeFile(join(dir, `${name}.yaml`), after(`{ script: ${next} }`).replace("script: test", `script: ${name}`));
  await writeFile(join(dir, "last.yaml"), soundMenu.replace("script: test", "script: last"));
  for (let part = 2; part <= 19; part++) await write(`part-${part}`, part === 19 ? "last" : `part-${part + 1}`);
  await write("first", "part-1");
  t.same(await found(), ["11:19 script-unknown"]);
  await write("first", "part-2");
  t.same(await found(), [], "twenty scripts");
  await write("part-19", "part-20");
  await write("part-20", "last");
  t.same(await found(), ["1:1 script-too-large"], "twenty-one");
});

t.test("keys are understood in English and Spanish words", async (t) => {
  const offered = (said: string) => keysOffered(said).map(({ key }) => key);
  t.same(offered("To pay press 1, press the star key, or dial nine."), ["1", "*", "9"]);
  t.same(offered("Press 1, 2 or three. Press one of them."), ["1", "2", "3"]);
  t.same(offered("Para pagar, marque el 1 u oprima la tecla numeral; pulse asterisco o nueve."), ["1", "#", "*", "9"]);
  t.same(offered("You owe 5 dollars since July 4, and 24 hours remain."), []);
  t.same(
    keysNamed("or 9 to stop, o marque el dos").map(({ key }) => key),
    ["9", "2"],
  );
});
