import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { durationText, parseDuration } from "../../src/strategy/read-duration.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { parseWindow } from "../../src/strategy/read-window.ts";
import type { Pass, Strategy } from "../../src/strategy/strategy.ts";

const sms = "{ channel: sms, template: note, sender: main";
const agents = '{ channel: voice-agent, script: note, trunk: main, caller_id: "+15550100100"';
const call = '{ channel: voice-ivr, script: note, trunk: main, caller_id: "+15550100100"';

function told(text: string): readonly string[] {
  return (readStrategy(text).faults ?? []).map(({ line, column, pointer, message }) => `${line}:${column} ${pointer} ${message}`);
}

function passOf(strategy: Strategy | undefined, name: string): Pass {
  const pass = strategy?.passes.find((each) => each.name === name);
  if (!pass) throw new Error(`there is no pass ${name}`);
  return pass;
}

t.test("the examples check clean", async (t) => {
  const files = readdirSync("strategies");
  t.ok(files.length >= 3);
  for (const file of files) t.same(told(readFileSync(`strategies/${file}`, "utf8")), [], file);
});

t.test("the shortest document, and what it leaves unsaid", async (t) => {
  const { strategy } = readStrategy(
    `name: short\npasses:\n  text: ${sms} }\n  call: ${call} }\nevents: { paid: stop, moved: { pass: call, after: 1 h } }\n`,
  );
  t.equal(strategy?.first, "text");
  t.match(strategy?.events, { paid: { do: "stop" }, moved: { do: "pass", pass: "call", afterS: 3600 } });
  const text = passOf(strategy, "text");
  t.same(text.addresses, ["mobile", "unknown"]);
  t.same(Object.keys(text.after).sort(), ["carrier-fault", "congestion"], "what is our own fault costs nobody their message");
  t.match(passOf(strategy, "call"), { mode: "ivr", maxLines: 20, ringTimeoutMs: 25_000, order: { by: "list" }, whoElse: { do: "stop" } });
});

t.test("JSON is read by the same way", async (t) => {
  const text = readFileSync("strategies/payment-reminder.yaml", "utf8");
  const { strategy } = readStrategy(text);
  const json = JSON.stringify({ name: "j", passes: { a: { channel: "email", template: "x", sender: "y", after: { sent: "stop" } } } }, null, 2);
  t.equal(readStrategy(json).strategy?.passes[0]?.channel, "email");
  t.same(told(json.replace('"stop"', '"stopp"')).length, 1);
  t.match(told(json.replace('"stop"', '"stopp"'))[0], /^9:9 \/passes\/a\/after\/sent “stopp” is no treatment/);
  t.equal(strategy?.name, "payment-reminder");
});

t.test("who was not reached is spread over the results, but for what has a word of its own", async (t) => {
  const { strategy } = readStrategy(
    `name: x\npasses:\n  call: ${call}, after: { busy: stop, unreached: [{ retry: 1 h, at_most: 2 }, next_address, { pass: text }] } }\n  text: ${sms} }`,
  );
  const { after } = passOf(strategy, "call");
  t.same(after.busy?.treatments, [{ do: "stop" }]);
  t.same(
    after["no-answer"]?.treatments.map((each) => each.do),
    ["retry", "next-address", "pass"],
  );
  t.same(
    after["bad-number"]?.treatments.map((each) => each.do),
    ["next-address", "pass"],
    "nobody tries a number again that does not exist",
  );
  t.same(after.human, undefined, "somebody who answered was reached");
  t.same(after.rejected, undefined, "and who declined has said so");
});

/** Each of these has one fault, in that line and at that pointer. */
const wrong: readonly (readonly [document: string, lineAndPointer: string, said: RegExp])[] = [
  ["name: x", "1 /passes", /at least one pass/],
  [`name: X\npasses: { a: ${sms} } }`, "1 /name", /small letters/],
  [`name: x\npases: {}\npasses: { a: ${sms} } }`, "2 /pases", /Did you mean passes\?/],
  [`name: x\npasses:\n  a: ${sms}, aftr: {} }`, "3 /passes/a/aftr", /no key of a pass by sms\. Did you mean after\?/],
  [`name: x\npasses:\n  a: ${sms}, trunk: main }`, "3 /passes/a/trunk", /no key of a pass by sms/],
  [`name: x\npasses:\n  a: { channel: smss, template: x, sender: y }`, "3 /passes/a/channel", /Did you mean sms\?/],
  [`name: x\npasses:\n  a: ${sms}, after: { busy: stop } }`, "3 /passes/a/after/busy", /no result of an SMS/],
  [`name: x\npasses:\n  a: ${sms}, after: { deliverd: stop } }`, "3 /passes/a/after/deliverd", /Did you mean delivered\?/],
  [`name: x\npasses:\n  a: ${sms}, after: { undelivered: { pass: b } } }`, "3 /passes/a/after/undelivered/pass", /There is no pass “b”/],
  [
    `name: x\npasses:\n  a: ${sms}, after: { undelivered: { retry: 20, at_most: 3 } } }`,
    "3 /passes/a/after/undelivered/retry",
    /20 min, 20 h and 20 d/,
  ],
  [`name: x\npasses:\n  a: ${sms}, after: { undelivered: { retry: 20 min } } }`, "3 /passes/a/after/undelivered", /how often/],
  [`name: x\npasses:\n  a: ${sms}, after: { undelivered: { retry: 5 s, at_most: 1 } } }`, "3 /passes/a/after/undelivered/retry", /1 min to 30 d/],
  [
    `name: x\npasses:\n  a: ${sms}, after: { delivered: { retry: 1 h, at_most: 1 } } }`,
    "3 /passes/a/after/delivered",
    /nobody is written to again after delivered/i,
  ],
  [`name: x\npasses:\n  a: ${call}, after: { human: next_address } }`, "3 /passes/a/after/human", /heard what there was to say/],
  [`name: x\npasses:\n  a: ${call}, after: { canceled: next_address } }`, "3 /passes/a/after/canceled", /nothing follows canceled/i],
  [`name: x\npasses:\n  a: ${call}, after: { busy: { pass: a } } }`, "3 /passes/a/after/busy", /this is the pass a itself/i],
  [`name: x\npasses:\n  a: ${call}, after: { rejected: { pass: b } } }\n  b: ${call} }`, "3 /passes/a/after/rejected", /another channel/],
  [
    `name: x\npasses:\n  a: ${call}, after: { abandoned: { pass: b } } }\n  b: ${call} }`,
    "3 /passes/a/after/abandoned",
    /not called by a machine again/,
  ],
  [`name: x\npasses:\n  a: ${call}, after: { busy: [stop, next_address] } }`, "3 /passes/a/after/busy/1", /never comes to this: stop ends it/],
  [`name: x\npasses:\n  a: ${call}, holidays: [US, USA] }`, "3 /passes/a/holidays/1", /USA is neither a calendar/],
  [
    `name: x\npasses:\n  a: ${call}, after: { busy: [{ pass: b }, next_address] } }\n  b: ${sms} }`,
    "3 /passes/a/after/busy/1",
    /pass: b\) can always be done/,
  ],
  [`name: x\npasses:\n  a: ${sms} }\n  b: ${sms} }`, "4 /passes/b", /Nobody ever comes to b/],
  [`name: x\npasses:\n  a: ${call}, order: { callbacks_first: true, by: newst } }`, "3 /passes/a/order/by", /Did you mean newest/],
  [`name: x\npasses:\n  a: ${call}, order: { callbacks_first: 1, field: due } }`, "3 /passes/a/order/callbacks_first", /true or false/],
  [`name: x\npasses:\n  a: ${call}, after: { human: { callback: b } } }`, "3 /passes/a/after/human/callback", /There is no pass “b”/],
  [
    `name: x\npasses:\n  a: ${call}, after: { human: { callback: a } } }`,
    "3 /passes/a/after/human/callback",
    /Agents call back, and a is a pass by voice-ivr/,
  ],
  [`name: x\npasses:\n  a: ${agents}, after: { rejected: { callback: a } } }`, "3 /passes/a/after/rejected", /declined a call is not called back/],
  [`name: x\npasses:\n  a: ${agents}, after: { human: { callback: a, fallback: 1 h } } }`, "3 /passes/a/after/human/fallback", /add personal: true/],
  [`name: x\npasses:\n  a: ${agents}, after: { human: { callback: a, personal: maybe } } }`, "3 /passes/a/after/human/personal", /true or false/],
  [
    `name: x\npasses:\n  a: ${sms}, after: { undelivered: { pass: b } } }\n  b: ${call}, after: { busy: { pass: a } } }`,
    "4 /passes/b/after/busy",
    /round for ever: a → b → a/,
  ],
  [
    `name: x\nlimits: { per_contact: 9 }\npasses:\n  a: ${sms}, who_else: { pass: b } }\n  b: ${call}, who_else: { pass: a } }`,
    "5 /passes/b/who_else",
    /a → b → a.* write stop/,
  ],
  [`name: x\nlimits: { per_contact: 9 }\npasses:\n  a: ${sms}, who_else: { pass: a } }`, "4 /passes/a/who_else", /for ever/],
  [`name: x\npasses:\n  a: ${sms} }\nevents: { paid: { pass: b } }`, "4 /events/paid/pass", /There is no pass “b”/],
  [`name: x\nfirst: c\npasses:\n  a: ${sms} }`, "2 /first", /Did you mean a\?/],
  [`name: x\npasses:\n  a: { channel: voice-ivr, script: n, trunk: t, caller_id: +15550100100 }`, "3 /passes/a/caller_id", /in quotes/],
  [`name: x\npasses:\n  a: ${call}, mode: predictive }`, "3 /passes/a/mode", /There are ivr, ivr-progressive, ivr-power/],
  [`name: x\npasses:\n  a: ${call}, window: 18:00-09:00 }`, "3 /passes/a/window", /within one day/],
  [`name: x\npasses:\n  a: ${call}, amd: { profile: b2c, machine: leave } }`, "3 /passes/a/amd/machine", /There are message, script/],
  [`name: x\npasses:\n  a: ${sms}, who: { field: age } }`, "3 /passes/a/who", /how the field is compared/],
  [`name: x\npasses:\n  a: ${sms}, who: { result: humn } }`, "3 /passes/a/who/result", /Did you mean human\?/],
  [`name: x\npasses:\n  a: ${sms}, addresses: landline }`, "3 /passes/a/addresses", /There are mobile, unknown/],
  ["name: [x", "1 ", /./],
  [`name: x\npasses: &p { a: *p }`, "1 ", /liases|unresolved/i],
  [`${"[".repeat(50)}`, "1 ", /too deeply/],
  [`name: x # ${"-".repeat(20_001)}`, "1 ", /are allowed/],
];

for (const [document, place, said] of wrong)
  t.test(`refused: ${place} ${said.source.slice(0, 40)}`, async (t) => {
    const faults = told(document);
    t.equal(faults.length, 1, faults.join("\n"));
    const [, line, rest = ""] = /^(\d+):\d+ (.*)$/.exec(faults[0] ?? "") ?? [];
    t.equal(`${line} ${rest.split(" ")[0]}`, place);
    t.match(rest, said);
  });

t.test("what strangers send is refused or read within bounds, and never more", async (t) => {
  const seed = Number(process.env["SEED"] ?? 5);
  const random = seededRandom(seed);
  const example = readFileSync("strategies/payment-reminder.yaml", "utf8");
  const bits = [
    "",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "  ",
    "- ",
    "null",
    "~",
    "1e999",
    "true",
    "'",
    '"',
    "&a ",
    "*a",
    "!!js ",
    "<<: ",
    "#",
    "\u0000",
    "__proto__: x",
    "stop",
  ];
  let mutated = "";
  for (let round = 0; round < 300; round++) {
    mutated = example;
    for (let change = 0; change < intBetween(random, 1, 4); change++) {
      const at = intBetween(random, 0, mutated.length - 1);
      mutated = mutated.slice(0, at) + pick(random, bits) + mutated.slice(at + intBetween(random, 0, 12));
    }
    t.doesNotThrow(() => readStrategy(mutated), `seed ${seed}, round ${round}: ${mutated}`);
  }
  t.match(told(`name: x\npasses:\n  a: ${sms} }\n  a: ${sms} }`), [/^4:3 .*The key a is written twice/]);
  // The work grows with the keys, a third of a second of the processor; with their square it would be some eight.
  const many = `name: x\npasses: {${Array.from({ length: 9900 }, (_, key) => `a${key}:`)}}`;
  const before = process.cpuUsage();
  t.ok(readStrategy(many).faults);
  const { user } = process.cpuUsage(before);
  t.ok(user < 3_000_000, `${user} µs`);
});

t.test("a circle may be where a limit ends it", async (t) => {
  const circle = (limit: string, own = "") =>
    told(`name: x\n${limit}passes:\n  a: ${sms}, after: { undelivered: { pass: b } } }\n  b: ${call}${own}, after: { busy: { pass: a } } }`);
  t.equal(circle("").length, 1);
  t.same(circle("limits: { per_contact: 9 }\n"), []);
  t.same(circle("", ", limits: { per_contact: 2 }"), []);
  t.equal(circle("limits: { per_address: 9 }\n").length, 1, "people have several addresses, and get new ones");
});

t.test("several faults are told at once, in the order of the text", async (t) => {
  const faults = told(`name: x\npasses:\n  a: ${sms}, after: { busy: stop, sent: stopp } }\n  b: { channel: fax }\nextra: 1`);
  t.same(
    faults.map((fault) => fault.split(" ")[1]),
    ["/passes/a/after/busy", "/passes/a/after/sent", "/passes/b/channel", "/extra"],
  );
});

t.test("times and hours as people write them", async (t) => {
  for (const [text, seconds] of [
    ["20 min", 1200],
    ["24h", 86_400],
    ["1 h 30 min", 5400],
    ["2 days", 172_800],
    ["0", 0],
    ["5", undefined],
    ["5 weeks ago", undefined],
    ["constructor", undefined],
    ["1 toString", undefined],
  ] as const)
    t.equal(parseDuration(text), seconds, text);
  t.same([0, 59, 5400, 172_800].map(durationText), ["0 s", "59 s", "1 h 30 min", "2 d"]);
  t.same(parseWindow("mon-fri 09:00-18:00"), { startMinute: 540, endMinute: 1080, weekdays: [1, 2, 3, 4, 5] });
  t.same(parseWindow("fri-mon"), { startMinute: 0, endMinute: 1440, weekdays: [1, 5, 6, 7] });
  for (const text of ["", "noon", "25:00-26:00", "mon-frl 09:00-10:00", "10:00-10:00"]) t.equal(parseWindow(text), undefined, text);
});
