import { readFileSync } from "node:fs";
import t from "tap";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { type Chances, defaultChances, readChances } from "../../src/strategy/simulate-chances.ts";
import { Heap } from "../../src/strategy/simulate-heap.ts";
import { type SimulatedPerson, type SimulationReport, simulateStrategy } from "../../src/strategy/simulate-strategy.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";

/** Monday, 9:00 in New York. */
const startAt = Date.parse("2026-11-23T14:00Z");
const minuteMs = 60_000;
const everybody: SimulatedPerson = { addresses: ["mobile", "landline", "email"], fields: {} };

function strategyFrom(text: string): Strategy {
  const { strategy, faults } = readStrategy(text);
  if (!strategy) throw new Error(JSON.stringify(faults));
  return strategy;
}

function run(strategy: Strategy, people: readonly SimulatedPerson[], chances: Chances, seed = 1): SimulationReport {
  return simulateStrategy({ strategy, people, chances, random: seededRandom(seed), startAt, defaultTimeZone: "America/New_York" });
}

const passOf = (report: SimulationReport, name: string) => report.passes.find((pass) => pass.name === name);
const wayOf = (report: SimulationReport, from: string, after: string, to: string) =>
  report.ways.find((way) => way.from === from && way.after === after && way.to === to)?.people;
const people = (count: number, person = everybody) => Array.from({ length: count }, () => person);
const example = strategyFrom(readFileSync("strategies/payment-reminder.yaml", "utf8"));
const sure = (text: string) => readChances(`events: { payment-received: { percent: 0 } }\noutcomes: { no_input: 0 }\n${text}`, example);

t.test("the same seed gives the same report, and everybody is counted", async (t) => {
  const [once, again, other] = [1, 1, 2].map((seed) => run(example, people(200), defaultChances(example), seed));
  t.same(again, once);
  t.notSame(other, once);
  t.equal(once?.people, 200);
  for (const { attempts, results } of once?.passes ?? [])
    t.equal(
      attempts,
      Object.values(results).reduce((sum, each) => sum + each, 0),
    );
});

t.test("delivered and not paid in 24 hours: called; a machine: the message, an e-mail, and an agent two days later", async (t) => {
  const report = run(
    example,
    people(10),
    sure(
      "results: { sms: { delivered: 1 }, call: { machine: 1 }, agents: { human: 1 }, letter: { sent: 1 } }\ndispositions: { promise-to-pay: 0, wrong-number: 0 }",
    ),
  );
  t.equal(wayOf(report, "text", "delivered", "call"), 10);
  t.match(passOf(report, "call"), { people: 10, attempts: 10, results: { "machine-message": 10 } });
  const calledAt = passOf(report, "call")?.firstAt ?? 0;
  t.ok(calledAt >= startAt + 24 * 60 * minuteMs && calledAt < startAt + 24 * 60 * minuteMs + minuteMs, "a day after");
  t.match(passOf(report, "letter"), { attempts: 10, results: { sent: 10 } });
  t.match(passOf(report, "agents"), { attempts: 10, results: { human: 10 }, firstAt: Date.parse("2026-11-26T14:00:47Z") });
  t.equal(report.attempts, 40);
});

t.test("busy: three times more, 20 minutes apart, then an agent", async (t) => {
  const report = run(example, people(1), sure("results: { sms: { delivered: 1 }, call: { busy: 1 }, agents: { human: 1 } }"));
  t.match(passOf(report, "call"), { attempts: 4, results: { busy: 4 } });
  t.equal(wayOf(report, "call", "busy", "again"), 3);
  t.equal(wayOf(report, "call", "busy", "agents"), 1);
  const { firstAt = 0, lastAt = 0 } = passOf(report, "call") ?? {};
  t.equal(Math.floor((lastAt - firstAt) / minuteMs), 60);
});

t.test("whoever pays is done with, wherever they are", async (t) => {
  const chances = { ...sure("results: { sms: { delivered: 1 } }"), events: { "payment-received": { share: 1, withinS: 3600 } } };
  const report = run(example, people(10), chances);
  t.match(report, { attempts: 10, events: [{ name: "payment-received", people: 10 }] });
  t.equal(passOf(report, "call")?.attempts, 0);
  t.equal(passOf(report, "call")?.waiting, 0);
});

t.test("without a mobile number one is called, without a number written to, and without anything not tried", async (t) => {
  const chances = sure("results: { call: { human: 1 } }");
  t.match(passOf(run(example, people(5, { addresses: ["landline"], fields: {} }), chances), "call"), { attempts: 5 });
  t.match(passOf(run(example, people(5, { addresses: ["email"], fields: {} }), chances), "letter"), { attempts: 5 });
  t.match(run(example, people(5, { addresses: [], fields: {} }), chances), { untried: 5, attempts: 0 });
});

t.test("nobody is called outside their hours, nor faster than the pass may", async (t) => {
  const one = strategyFrom(`name: x\npasses:\n  a: { channel: sms, template: a, sender: b, window: mon-fri 09:00-10:00, max_cps: 0.01 }`);
  const chances = defaultChances(one);
  // 36 in an hour of the eastern zone; the others the next day.
  const report = run(one, people(40), chances);
  t.equal(passOf(report, "a")?.attempts, 40);
  t.ok(report.endAt > startAt + 24 * 60 * minuteMs && report.endAt < startAt + 25 * 60 * minuteMs);
  const west = run(one, people(1, { ...everybody, timeZone: "America/Los_Angeles" }), chances);
  t.equal(passOf(west, "a")?.firstAt, startAt + 180 * minuteMs);
});

t.test("largest first, when they are due at the same time", async (t) => {
  const ordered = strategyFrom(
    `name: x\nevents: { paid: stop }\npasses:\n  a: { channel: sms, template: a, sender: b, max_cps: 1, order: { field: owed, largest_first: true }, who: { field: owed, at_least: 5 }, after: { delivered: { pass: b } } }\n  b: { channel: email, template: a, sender: b, max_cps: 1000 }`,
  );
  const owing = Array.from({ length: 10 }, (_, owed) => ({
    addresses: owed === 9 ? (["mobile", "email"] as const) : (["mobile"] as const),
    fields: { owed: String(owed) },
  }));
  const report = run(ordered, owing, readChances("results: { sms: { delivered: 1 } }\nevents: { paid: { percent: 0 } }", ordered));
  t.match(passOf(report, "a"), { people: 5, notMeant: 5 });
  t.equal(passOf(report, "b")?.firstAt, startAt + 2000, "the one who owes most was the first");
});

/** A document with passes, treatments and limits as chance has them; most have faults. */
function randomDocument(random: Random): string {
  const names = ["a", "b", "c", "d"].slice(0, intBetween(random, 2, 4));
  const treatment = () =>
    pick(random, [`{ pass: ${pick(random, names)} }`, `{ also: ${pick(random, names)} }`, "stop", "next_address", "{ retry: 1 h, at_most: 2 }"]);
  const limits = (chance: number) => (random.next() < chance ? `, limits: { per_contact: ${intBetween(random, 1, 5)} }` : "");
  const passes = names.map((name) => {
    const whoElse = random.next() < 0.3 ? `, who_else: { pass: ${pick(random, names)} }` : "";
    const who = random.next() < 0.3 ? ", who: { field: x, known: true }" : "";
    const [head, ending] = pick(random, [
      ["channel: sms, template: a, sender: b", "undelivered"],
      ["channel: voice-ivr, script: a, trunk: b, caller_id: c", "busy"],
    ] as const);
    return `  ${name}: { ${head}, after: { ${ending}: [${Array.from({ length: intBetween(random, 1, 3) }, treatment)}] }${who}${whoElse}${limits(0.4)} }`;
  });
  return `name: x\n${random.next() < 0.4 ? "limits: { per_contact: 6 }\n" : ""}passes:\n${passes.join("\n")}\n`;
}

t.test("what the check lets pass comes to an end, and an endless one would be seen", async (t) => {
  const seed = Number(process.env["SEED"] ?? 20_261_123);
  const random = seededRandom(seed);
  let accepted = 0;
  let endless = 0;
  for (let round = 0; round < 1500; round++) {
    const document = randomDocument(random);
    const { strategy, faults } = readStrategy(document);
    if (!strategy) {
      if (faults.some(({ message }) => message.includes("round for ever"))) endless += 1;
      continue;
    }
    accepted += 1;
    const failing = { ...defaultChances(strategy), results: { sms: { undelivered: 1 }, "voice-ivr": { busy: 1 } } };
    const report = run(strategy, [everybody, { addresses: ["landline"], fields: {} }, { addresses: ["mobile"], fields: { x: "1" } }], failing, round);
    if (report.attempts > 400) t.fail(`seed ${seed}: ${report.attempts} attempts\n${document}`);
    if (report.passes.some(({ waiting }) => waiting > 0)) t.fail(`seed ${seed}: people wait for ever\n${document}`);
  }
  t.ok(accepted > 40 && endless > 20, `${accepted} accepted, ${endless} endless`);
});

t.test("whom a look-up of a pass refuses is not tried in it, nor in another that wants it", async (t) => {
  const call = 'channel: voice-ivr, script: note, trunk: main, caller_id: "+15550100100"';
  const strategy = strategyFrom(`name: asked
first: one
passes:
  one: { ${call}, lookups: [crm, line], after: { no-answer: { pass: two } } }
  two: { ${call}, lookups: [crm] }
`);
  const chances = (text: string) => readChances(`results: { voice-ivr: { no-answer: 1 } }\n${text}`, strategy);
  const all = run(strategy, people(100), chances("lookups: { crm: 100 }"));
  t.match(passOf(all, "one"), { people: 100, attempts: 0 });
  t.equal(wayOf(all, "one", "look-up crm", "stop"), 100);
  t.match(passOf(run(strategy, people(100), chances("")), "two"), { attempts: 100 }, "nobody where nothing is said");
  const some = run(strategy, people(1000), chances("lookups: { crm: 20, line: 10 }"));
  const [crm = 0, line = 0] = ["crm", "line"].map((name) => wayOf(some, "one", `look-up ${name}`, "stop"));
  t.ok(crm > 150 && crm < 250 && line > 50 && line < 120, `${crm} and ${line} of 1000`);
  t.match([passOf(some, "one"), passOf(some, "two")], [{ attempts: 1000 - crm - line }, { attempts: 1000 - crm - line }]);
  t.throws(() => chances("lookups: { cmr: 5 }"), { code: "strategy-chances", message: /Did you mean crm/ });
});

t.test("chances that are wrong are told with their place", async (t) => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["results: { cal: { busy: 1 } }", /1:12: \/results\/cal: “cal” is no pass and no channel\. Did you mean call\?/],
    ["results: { call: { delivered: 1 } }", /no key of the results of voice-ivr/],
    ["results: { call: { busy: 0 } }", /above 0/],
    ["events: { paid: { percent: 5 } }", /no event “paid”/],
    ["events: { payment-received: { percent: 500 } }", /0 to 100/],
    ["addresses: { fax: 5 }", /There are mobile, landline, email/],
    ["agents: 0", /1 to 10000/],
    ["[", /^1:\d/],
    ["a: &b 1\nc: *b", /./],
  ];
  for (const [text, said] of wrong) t.throws(() => readChances(text, example), { code: "strategy-chances", message: said }, text);
});

t.test("a heap gives the smallest first", async (t) => {
  const random = seededRandom(7);
  const heap = new Heap<number>((a, b) => a < b);
  const numbers = Array.from({ length: 500 }, () => intBetween(random, 0, 99));
  for (const number of numbers) heap.push(number);
  t.same(
    numbers.map(() => heap.pop()),
    numbers.toSorted((a, b) => a - b),
  );
  t.equal(heap.pop(), undefined);
});
