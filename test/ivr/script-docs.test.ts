import { readFileSync } from "node:fs";
import t from "tap";
import { Check } from "typebox/value";
import { parse } from "yaml";
import { ScriptSchema } from "../../src/ivr/editor-schema.ts";
import { lint } from "../../src/ivr/lint.ts";
import { promptsFor } from "../../src/ivr/prompt.ts";
import type { Verdict } from "../../src/ivr/script.ts";
import { payment, scriptOf } from "./script-kit.ts";
import { begin } from "./script-table.ts";
import { walk } from "./walk.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");

t.test("the JSON Schema for editors takes what Carillon takes", async (t) => {
  for (const name of ["payment-reminder", "appointment-reminder"]) t.ok(Check(ScriptSchema, parse(text(`ivr-scripts/${name}.yaml`))), name);
  t.notOk(Check(ScriptSchema, parse(begin("{ whistle: pay }"))));
});

t.test("every example of docs/ivr.md can be read, and walks as it says", async (t) => {
  const docs = text("docs/ivr.md");
  const [, docHead = ""] = /```yaml head\n(.*?)```/s.exec(docs) ?? [];
  const examples = [...docs.matchAll(/```yaml\n(.*?)```\n((?:<!-- walk .*? -->\n)*)/gs)];
  t.ok(examples.length >= 6);
  const verbs = new Set<string>();
  for (const [, steps = "", walks = ""] of examples) {
    const source = docHead + steps;
    const script = scriptOf(source);
    for (const step of script.steps.values()) verbs.add(step.verb);
    const faults = lint(source, "docs").findings.filter((finding) => finding.severity === "error");
    t.same(faults, [], "lints without error");
    const told = [...walks.matchAll(/<!-- walk (\w+)(?: ([^:]*))?:(.*?)->(.*?)-->/g)];
    t.ok(told.length > 0, "shows how it walks");
    for (const [line, verdict = "", given = "", events = "", outcome = ""] of told) {
      const fields = Object.fromEntries(
        given
          .split(" ")
          .filter(Boolean)
          .map((pair) => pair.split("=")),
      );
      const words = events
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean);
      const walked = walk(script, verdict as Verdict, words, { first_name: "Ann", amount_due: "$5", ...fields });
      t.match(walked.end, new RegExp(` ${outcome.trim()}$`), line);
    }
  }
  t.same([...verbs].sort(), ["branch", "collect", "menu", "play", "transfer"]);
  const codes = [...docs.matchAll(/^## (\w+)$/gm)].map((match) => match[1]);
  for (const verb of ["menu", "collect", "branch", "transfer", "suppress", "end"]) t.ok(codes.includes(verb), `${verb} is explained`);
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
