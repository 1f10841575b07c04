import t from "tap";
import { explain, type GateCandidate, type GatePolicy, isPermit, mayContact } from "../../src/compliance/gate.ts";
import { type Rule, readyRule, requiringFields } from "../../src/compliance/rule.ts";
import { type RuleFacts, readExpression } from "../../src/compliance/rule-language.ts";
import { Fault } from "../../src/kernel/fault.ts";

const facts: RuleFacts = {
  fields: { balance: "12.50", segment: "gold", "due date": "2026-12-01" },
  ...{ address: "+12125550101", country: "US", places: ["US", "US-NY"], channel: "voice", campaign: "autumn/call" },
  ...{ hour: 20, weekday: 1, date: "2026-11-23", now: Date.parse("2026-11-24T01:00:00Z") },
};

const faultOf = (text: string) => {
  try {
    readExpression(text);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return undefined;
};

t.test("what an expression says of a person", async (t) => {
  const cases: [string, boolean][] = [
    ["number(fields.balance) < 5.0", false],
    ["number(fields.balance) == 12.5", true],
    ['fields.segment in ["gold", "silver"]', true],
    ['!("vip" in fields)', true],
    ['has(fields.vip) && fields.vip == "yes"', false],
    ['fields["due date"] > date', true],
    ['"US-NY" in places && hour >= 20', true],
    ['channel == "sms" || campaign.startsWith("autumn/")', true],
    ['address.startsWith("+1212") && country == "US" && weekday == 1', true],
    ['fields.?vip.orValue("no") == "no"', true],
    ['now > timestamp("2026-11-24T00:00:00Z")', true],
    ['fields.exists(name, name == "balance")', true],
  ];
  for (const [text, wanted] of cases) t.equal(readExpression(text)(facts), wanted, text);
  const open: [string, RegExp][] = [
    ['fields.vip == "yes"', /No such key: vip/],
    ["number(fields.segment) > 1.0", /number\(\) was given a text that says none/],
    ['fields.constructor == "x"', /No such key/],
    ['fields.__proto__ == "x"', /No such key/],
  ];
  for (const [text, reason] of open) {
    const answer = readExpression(text)(facts);
    t.match(typeof answer === "object" ? answer.undecided : answer, reason, text);
  }
});

t.test("what is no expression is told with its place", async (t) => {
  const cases: [string, RegExp, number, number][] = [
    ["fields.balance < 5", /string < int/, 1, 1],
    ["fields.balance ==", /Unexpected token: EOF/, 1, 18],
    ["true &&\n  foo == 1", /Unknown variable: foo/, 2, 3],
    ["fields.balance", /of type string/, 1, 1],
    ['fields.segment.matches("(a+)+$")', /matches is not to be had/, 1, 1],
    ["fields.all(a, fields.all(b, a == b))", /within another/, 1, 15],
    [`${"1 == 1 && ".repeat(300)}true`, /longer than 2000/, 1, 1],
    [`${"(".repeat(60)}true${")".repeat(60)}`, /depth/i, 1, 1],
    ["", /EOF/, 1, 1],
  ];
  for (const [text, message, line, column] of cases) {
    const fault = faultOf(text);
    t.equal(fault?.code, "rule-invalid", text.slice(0, 40));
    t.match(fault?.message, message);
    if (!/depth/i.test(message.source)) t.match(fault?.detail, { line, column });
  }
});

const rule = (more: Partial<Rule>): Rule => ({ name: "own", expression: "true", meaning: "nobody", channels: [], ...more });
const at = Date.parse("2026-11-23T15:00:00Z");
const policyOf = (...rules: readonly Rule[]): GatePolicy => ({
  window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
  defaultTimeZone: "UTC",
  ownRules: { campaign: "autumn", channel: "voice", rules: rules.map(readyRule) },
});
const person = (fields: Record<string, string>, more: Partial<GateCandidate> = {}): GateCandidate => ({
  ...{ address: "+12125550101", timeZone: "America/New_York", fields, suppressed: false },
  ...more,
});

t.test("the gate goes by the account's own rules", async (t) => {
  const small = rule({ name: "small", expression: "number(fields.balance) < 5.0" });
  const said = (candidate: GateCandidate, ...rules: readonly Rule[]) => {
    const answer = mayContact(at, candidate, policyOf(...rules));
    return isPermit(answer) ? "permit" : answer;
  };
  t.equal(said(person({ balance: "5" }), small), "permit");
  t.same(said(person({ balance: "4.99" }), small), { rule: "rule/small" });
  t.same(said(person({}), small), { rule: "rule/small" }, "who cannot be judged is held back");
  const morning = rule({ name: "morning", expression: "hour < 11", againAfterS: 3600 });
  t.same(said(person({ balance: "9" }), morning), { rule: "rule/morning", retryAt: at + 3_600_000 }, "ten o'clock in New York");
  const week = rule({ name: "week", againAfterS: 7 * 86_400 });
  t.match(said(person({ balance: "9" }), morning, week), { rule: "rule/week" }, "of those that pass the one that holds longest");
  t.same(said(person({ balance: "1" }), morning, small), { rule: "rule/small" }, "one for good goes before");
  // The area code of Boise lies in one zone of two of Idaho and Oregon: where both are possible the rule is asked for both.
  const denver = person({}, { address: "+12085550101", timeZone: undefined });
  const eight = rule({ name: "eight", expression: "hour == 8" });
  const places: GatePolicy = { ...policyOf(eight), places: { stateField: "state" } };
  const answer = mayContact(Date.parse("2026-11-23T16:30:00Z"), denver, places);
  t.equal(isPermit(answer) ? "permit" : answer.rule, "rule/eight", "eight o'clock on the Pacific coast, nine in the mountains");
  t.same(said(person({}, { timeZone: "No/Where" }), eight), { rule: "unknown-time-zone" });

  const steps = explain(at, person({}), policyOf(small, morning));
  t.match(
    steps.find(({ step }) => step === "own-rules"),
    { passed: false, rule: "rule/small", saw: /small: undecided, so no \(No such key: balance\); morning: holds/ },
  );
});

t.test("what a rule must be", async (t) => {
  const wrong: [Partial<Rule>, RegExp][] = [
    [{ name: "Small" }, /lower-case/],
    [{ meaning: " " }, /Say whom/],
    [{ meaning: "a\nb" }, /one line/],
    [{ againAfterS: 1 }, /60 s to 366 days/],
    [{ channels: ["fax" as "sms"] }, /no channel fax/],
    [{ expression: "1" }, /of type int/],
  ];
  for (const [more, message] of wrong) t.throws(() => readyRule(rule(more)), { code: "rule-invalid", message });
  const lacking = readExpression(requiringFields(["amount", 'odd "name"']));
  t.equal(lacking({ ...facts, fields: { amount: "1", 'odd "name"': "x" } }), false);
  t.equal(lacking({ ...facts, fields: { amount: "", 'odd "name"': "x" } }), true, "an empty one is none");
  t.equal(lacking({ ...facts, fields: { amount: "1" } }), true);
  t.throws(() => requiringFields([]), RangeError);
});
