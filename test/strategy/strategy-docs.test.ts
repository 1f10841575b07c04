import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import type { TSchema } from "typebox";
import { Check } from "typebox/value";
import { parse } from "yaml";
import { simulateWhole } from "../../src/command/strategy-simulate.ts";
import { readCondition } from "../../src/strategy/read-condition.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { Reading } from "../../src/strategy/read-values.ts";
import { readChances } from "../../src/strategy/simulate-chances.ts";
import { editorSchema } from "../../src/strategy/strategy-schema.ts";

/* The page of strategies, and the schema for editors, are held against what there is. TAP_SNAPSHOT=1 writes the parts anew that are made. */

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");
const anew = process.env["TAP_SNAPSHOT"] === "1";
const example = "strategies/payment-reminder.yaml";

t.test("the page shows the example and what it comes to", async (t) => {
  const simulated = await simulateWhole(example, {
    contacts: 1000,
    start: "2026-11-23T14:00Z",
    defaultTimeZone: "America/New_York",
    seed: 20_260_101,
  });
  const page = text("docs/strategies.md");
  const shown = page
    .replace(
      /(<!-- strategies\/payment-reminder\.yaml -->\n```yaml\n)[\s\S]*?(```\n)/,
      (_, before: string, after: string) => before + text(example) + after,
    )
    .replace(/(```\n\$ carillon strategy simulate \S+\n)[\s\S]*?(```\n)/, (_, before: string, after: string) => `${before}${simulated}\n${after}`);
  if (anew) writeFileSync(here("docs/strategies.md"), shown);
  t.equal(text("docs/strategies.md"), shown);
  const [condition = "", chances = ""] = [/^```yaml\n(who:[\s\S]*?)```$/m, /^```yaml\n(results:[\s\S]*?)```$/m].map(
    (block) => block.exec(shown)?.[1],
  );
  const reading = new Reading();
  readCondition(reading, (parse(condition) as { who: unknown }).who, "/who", ["call"]);
  t.same(reading.faults, []);
  const { strategy } = readStrategy(text(example));
  if (strategy) readChances(chances, strategy);
  else t.fail("the example has faults");
});

const schema = JSON.parse(editorSchema()) as TSchema;

t.test("the JSON Schema for editors is the file in docs, and takes what Carillon takes", async (t) => {
  if (anew) writeFileSync(here("docs/strategy.schema.json"), editorSchema());
  t.equal(text("docs/strategy.schema.json"), editorSchema());
  for (const file of readdirSync(here("strategies"))) t.ok(Check(schema, parse(text(`strategies/${file}`))), file);
});

/** Changes of the example that neither takes; what holds between places (circles, passes that are not there) only the reader knows. */
const changes: readonly (readonly [from: string, to: string])[] = [
  ["name: payment-reminder", "name: Payment Reminder"],
  ["events:", "event:"],
  ["channel: sms", "channel: fax"],
  ["template: payment-reminder", "script: payment-reminder"],
  ["delivered:", "busy:"],
  ["after: 24 h", "after: 24"],
  ["after: 24 h", "afterwards: 24 h"],
  ["at_most: 3", "at_most: 0"],
  ["retry: 20 min", "retry: soon"],
  ["next_address,", "next-address,"],
  ["{ pass: text, after: 7 d }", "{ pass: text, at: next week }"],
  ["{ also: letter }", "{ also: letter, at_most: 2 }"],
  ["profile: b2c", "profile: b2x"],
  ["machine: message", "machine: leave"],
  ["mode: progressive", "mode: ivr"],
  ["largest_first: true", "largest_first: 1"],
  ["per_contact: 12", "per_contact: many"],
  ["payment-received: stop", "payment-received: end"],
  ['caller_id: "+15550100100"', "caller_id: 15550100100"],
];

for (const [from, to] of changes)
  t.test(`both refuse ${to}`, async (t) => {
    const changed = text(example).replace(from, to);
    t.not(changed, text(example));
    t.ok(readStrategy(changed).faults, "the reader");
    t.notOk(Check(schema, parse(changed)), "the schema");
  });
