import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import type { TSchema } from "typebox";
import { Check } from "typebox/value";
import { parse } from "yaml";
import { editorSchema } from "../../src/ivr/editor-schema.ts";
import { link } from "../../src/ivr/link.ts";
import { lint } from "../../src/ivr/lint.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import { verbs } from "../../src/ivr/schema.ts";
import type { Verdict } from "../../src/ivr/script.ts";
import { payment, scriptOf } from "./script-kit.ts";
import { begin } from "./script-table.ts";
import { tuesday, walk } from "./walk.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");

/** Folders that people keep scripts in: each file of one. */
const shipped = readdirSync(here("ivr-scripts/")).filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"));

const docs = text("docs/ivr.md");
const [, docHead = ""] = /```yaml head\n(.*?)```/s.exec(docs) ?? [];
/** The examples with what is told of them. */
const examples = [...docs.matchAll(/```yaml\n(.*?)```\n((?:<!-- walk .*? -->\n)*)/gs)].map(([, yaml = "", walks = ""]) => ({
  source: yaml.startsWith("script:") ? yaml : docHead + yaml,
  walks: [...walks.matchAll(/<!-- walk (\w+)((?: [^ =]+=[^ ]+)*):(.*?)->(.*?)-->/g)],
}));

/** Events with commas between them, those within braces left alone. */
const wordsOf = (events: string) => (events.match(/(?:\{.*?\}+|"[^"]*"|[^,])+/g) ?? []).map((word) => word.trim()).filter(Boolean);

t.test("the JSON Schema for editors is the file in docs, and takes what Carillon takes", async (t) => {
  const path = here("docs/ivr.schema.json");
  if (process.env["TAP_SNAPSHOT"] === "1") writeFileSync(path, editorSchema());
  t.equal(readFileSync(path, "utf8"), editorSchema(), "TAP_SNAPSHOT=1 writes it anew");
  t.match(docs, "# yaml-language-server: $schema=../docs/ivr.schema.json");
  const schema = JSON.parse(editorSchema()) as TSchema;
  for (const name of shipped) t.ok(Check(schema, parse(text(`ivr-scripts/${name}`))), name);
  for (const { source } of examples) t.ok(Check(schema, parse(source)), source);
  t.ok(examples.length >= 14);
});

t.test("the JSON Schema for editors refuses what Carillon refuses", async (t) => {
  const sound = "play: [{ say: Hi }], end: x";
  const schema = JSON.parse(editorSchema()) as TSchema;
  t.ok(Check(schema, parse(begin(`{ ${sound} }`))));
  for (const step of [
    "{ play: [{ say_as: money, value: x, currency: USD }], end: x }",
    "{ branch: { what: time, zone: contact }, on: { mon-fri: done, 'sat,sun 10:00-12:00': done, '22:00-06:00': done }, else: done }",
    "{ branch: { what: verdict }, on: { human: done }, else: done }",
    "{ branch: age, on: { '1..5': done, x: done }, else: done }",
    "{ callback: { at: x }, else: done, end: x }",
    "{ queue: Night desk, play: [{ say: Hi }], position: [{ say: '{position}' }], position_every_s: 30, on: { answered: done, no_agent: done } }",
  ]) {
    t.ok(Check(schema, parse(begin(step))), step);
  }
  for (const step of [
    "{ whistle: pay }",
    "{ play: [{ say: Hi }] }",
    "{ play: [{ say: Hi }], next: done, end: x }",
    `{ ${sound}, menu: [{ say: Hi }] }`,
    '{ transfer: { to: "+15550100" }, on: { answered: done, busy: done } }',
    "{ record: [{ say: Hi }], consent: [{ say: Hi }], into: a, next: done, no_input: done }",
    "{ webhook: pay, play: [{ say: Hi }], on: { ok: done } }",
    "{ queue: campaign, play: [{ say: Hi }], position_every_s: 30, on: { answered: done, no_agent: done } }",
    "{ queue: campaign, play: [{ say: Hi }], on: { answered: done, nobody: done } }",
    "{ queue: { group: desk, priority: 0 }, play: [{ say: Hi }], on: { answered: done, no_agent: done } }",
    "{ set: { constructor: x }, end: x }",
    "{ play: [{ file: ../a.wav }], end: x }",
    "{ play: [{ say_as: date, value: x, currency: USD }], end: x }",
    "{ branch: { what: time }, on: { humna: done }, else: done }",
    "{ branch: { what: verdict }, on: { mon: done }, else: done }",
    "{ branch: { what: verdict, zone: Etc/UTC }, on: { human: done }, else: done }",
    "{ callback: { in_s: 60 }, else: done, end: x }",
  ]) {
    t.notOk(Check(schema, parse(begin(step))), step);
  }
});

t.test("every example of docs/ivr.md can be read, and walks as it says", async (t) => {
  const scripts = new Map(
    examples.filter(({ source }) => !source.startsWith(docHead)).map(({ source }) => [scriptOf(source).name, scriptOf(source)]),
  );
  const shown = new Set<string>();
  for (const { source, walks } of examples) {
    const { script, faults } = link(scriptOf(source), scripts);
    t.same(faults, []);
    for (const step of script.steps.values()) shown.add(step.verb);
    const errors = lint(source, "docs").findings.filter((finding) => finding.severity === "error");
    t.same(errors, [], "lints without error");
    t.ok(walks.length > 0, "shows how it walks");
    for (const [line, verdict = "", given = "", events = "", outcome = ""] of walks) {
      const pairs = given.split(" ").filter(Boolean);
      const { at, ...fields } = Object.fromEntries(pairs.map((pair) => pair.split("=")));
      const contact = { first_name: "Ann", amount_due: "$5", ...fields };
      const walked = walk(script, verdict as Verdict, wordsOf(events), contact, at === undefined ? tuesday : Date.parse(at));
      t.equal(walked.end.split(" ").at(-1), outcome.trim(), line);
    }
  }
  t.same([...shown].sort(), Object.keys(verbs).sort());
  const explained = [...docs.matchAll(/^## (\w+)$/gm)].map((match) => match[1]);
  for (const verb of [...Object.keys(verbs), "suppress", "end"]) t.ok(verb === "play" || explained.includes(verb), `${verb} is explained`);
});

t.test("what a contact could hear is known before the call", async (t) => {
  const fields = { first_name: "Ann", amount_due: "$12", due_date: "May 1" };
  const all = promptsFor(payment, fields).map((ref) => ("say" in ref ? ref.say : ref.file));
  t.ok(all.includes("Hello Ann. Your payment of $12 was due on May 1."));
  t.ok(all.includes("This is a message for Ann. Please call us on 1 800 555 0100."));
  t.equal(new Set(all).size, all.length);
  const person = promptsFor(payment, fields, ["human"]).map((ref) => ("say" in ref ? ref.say : ref.file));
  t.notOk(person.some((line) => line.startsWith("This is a message")));
  t.throws(() => promptsFor(payment, { first_name: "Ann" }), { code: "template-field-missing", detail: { fields: ["amount_due", "due_date"] } });
});
