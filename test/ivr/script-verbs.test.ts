import t from "tap";
import { next, openAnswers } from "../../src/ivr/machine.ts";
import { scriptOf } from "./script-kit.ts";
import { tuesday, walk } from "./walk.ts";

const head = `script: example
language: en-US
languages: [es-US]
language_from: speaks
zone: America/New_York
start: { human: begin, machine: voicemail }
`;
const ends = `
  voicemail: { end: voicemail }
  out: { suppress: { scope: account }, end: out }
  a: { end: a }
  b: { end: b }
  c: { end: c }
`;
const scriptWith = (steps: string) => scriptOf(`${head}steps:${ends}${steps}`);
type Fields = Readonly<Record<string, string>>;

/** What is heard at the end of a walk. */
function heard(script: ReturnType<typeof scriptOf>, words: readonly string[], fields: Fields = {}): readonly string[] {
  const { action } = walk(script, "human", words, fields).last;
  return "prompts" in action ? action.prompts.map((ref) => ("say" in ref ? `${ref.language} ${ref.say}` : ref.file)) : [];
}

t.test("set, and branches on numbers", async (t) => {
  const script = scriptWith(`
  begin: { set: { total: "{price | times: 2}", label: "{name | default: 'you'}" }, next: big }
  big: { branch: total, on: { "..9.5": a, "10..20": b, "100": c }, else: out }
`);
  for (const [price, end] of [
    ["4", "a"],
    ["-3", "a"],
    ["4.75", "a"],
    ["5", "b"],
    ["10", "b"],
    ["10.5", "out"],
    ["50", "c"],
    ["none", "a"],
    ["", "a"],
  ] as const) {
    t.equal(walk(script, "human", [], { price }).end, `completed ${end}`, price);
  }
  t.same(openAnswers(walk(script, "human", [], { price: "5", name: "Ann" }).last.place), { total: { value: "10" }, label: { value: "Ann" } });
});

t.test("of the lines of a branch the first that fits counts, in the order of the file", async (t) => {
  const script = scriptWith(`
  begin: { branch: n, on: { "5..9": a, "7": b, "1": c }, else: out }
`);
  for (const [n, end] of [
    ["7", "a"],
    ["1", "c"],
    ["2", "out"],
  ] as const) {
    t.equal(walk(script, "human", [], { n }).end, `completed ${end}`, n);
  }
});

t.test("a survey takes scores of two digits, and only scores", async (t) => {
  const script = scriptWith(`
  begin: { survey: [{ say: From 0 to 10? }], question: nps, tries: 2, next: sort, no_input: a, no_match: b }
  sort: { branch: nps, on: { "9..10": c }, else: out }
`);
  const { action } = walk(script, "human", []).last;
  t.match(action, { kind: "collect", asks: "survey", minDigits: 1, maxDigits: 2, terminators: "#", secret: false });
  for (const [words, end, score] of [
    ["10", "c", "10"],
    ["9", "c", "9"],
    ["09", "c", "9"],
    ["0", "out", "0"],
    ["11 10", "c", "10"],
    ["11 silence", "a", undefined],
    ["silence *", "b", undefined],
  ] as const) {
    const walked = walk(script, "human", words.split(" "));
    t.equal(walked.end, `completed ${end}`, words);
    t.equal(walked.last.place.answers.get("nps")?.value, score, words);
  }
});

t.test("a webhook: results, what is kept, errors, time-outs", async (t) => {
  const script = scriptWith(`
  begin:
    webhook: pay
    send: { amount: "{amount}", name: "{name | default: 'nobody'}" }
    timeout_s: 20
    result: payment.status
    save: { receipt: payment.items.0.id, note: payment.note }
    play: [{ say: One moment }]
    on: { paid: thanks, declined: a, error: b, timeout: c, else: out }
  thanks: { play: [{ say: "Receipt {receipt}{note}." }], end: paid }
`);
  const { action } = walk(script, "human", [], { amount: "5" }).last;
  t.match(action, { kind: "webhook", webhook: "pay", body: { amount: "5", name: "nobody" }, secretKeys: [], visit: 1, timeoutMs: 20_000 });
  for (const [answer, end] of [
    ['{"payment":{"status":"declined"}}', "completed a"],
    ['{"payment":{"status":"odd"}}', "completed out"],
    ['{"payment":{}}', "completed out"],
    ["[]", "completed out"],
    ["null", "completed out"],
    ['{"__proto__":{"status":"declined"},"payment":"declined"}', "completed out"],
    ["error", "completed b"],
    ["timeout", "completed c"],
    ["hangup", "hung-up hung_up"],
  ] as const) {
    t.equal(walk(script, "human", [answer], { amount: "5" }).end, end, answer);
  }
  const paid = '{"payment":{"status":"paid","items":[{"id":17}]}}';
  t.same(heard(script, [paid], { amount: "5" }), ["en-US Receipt 17."], "a number is text, and what is not there is blank");
  const long = JSON.stringify({ payment: { status: "paid", items: [{ id: "x".repeat(1001) }], note: "a\u0007\nb" } });
  t.same(heard(script, [long], { amount: "5" }), ["en-US Receipt a b."], "what is too long is not taken, controls are blanks");
  const plain = scriptWith(`
  begin: { webhook: pay, play: [{ say: x }], on: { "true": a, "0": b, error: c } }
`);
  t.equal(walk(plain, "human", ['{"result":true}']).end, "completed a");
  t.equal(walk(plain, "human", ['{"result":0}']).end, "completed b");
  t.equal(walk(plain, "human", ['{"result":1}']).end, "completed c", "without `else` another value is an error");
  t.equal(walk(plain, "human", ["timeout"]).end, "completed c");
});

t.test("recording: consent first, silence, and what was said when somebody leaves", async (t) => {
  const script = scriptWith(`
  begin: { record: [{ say: Speak }], into: comment, consent: [{ say: Press 1 }], declined: a, max_s: 30, next: b, no_input: c }
`);
  t.match(walk(script, "human", []).last.action, { kind: "collect", asks: "consent", maxDigits: 1 });
  for (const word of ["2", "silence", "*"]) t.equal(walk(script, "human", [word]).end, "completed a", word);
  const agreed = walk(script, "human", ["1"]).last;
  t.match(agreed.action, { kind: "record", prompts: [{ say: "Speak" }], maxMs: 30_000, silenceMs: 3_000, terminators: "#", beep: true, visit: 1 });
  t.equal(walk(script, "human", ["1", "silence"]).end, "completed c");
  const said = walk(script, "human", ["1", "recorded"]);
  t.equal(said.end, "completed b");
  t.same(openAnswers(said.last.place), { comment: { value: "/recordings/a.wav", durationMs: 4_000, agreed: true } });
  const left = next(script, agreed.place, { kind: "left", how: "hung-up", said: { recording: "b.wav", durationMs: 900 } }, tuesday);
  t.same(openAnswers(left.place), { comment: { value: "b.wav", durationMs: 900, agreed: true } });
  t.match(left.action, { end: "hung-up", outcome: "hung_up" });
});

t.test("messages and callbacks are effects with a key of their own", async (t) => {
  const script = scriptWith(`
  begin: { send: { channel: sms, template: link }, with: { url: "https://x.example/{id}" }, within_s: 600, next: soon }
  soon: { callback: { in_s: 3600 }, next: later }
  later: { callback: { at: "{when}" }, else: a, end: later }
`);
  const effects = (fields: Fields) => walk(script, "human", [], { id: "7", ...fields }).effects;
  t.same(effects({ when: "2026-11-25T09:30" }), [
    {
      kind: "send",
      channel: "sms",
      template: "link",
      values: { url: "https://x.example/7" },
      withinS: 600,
      key: "begin:1",
      reason: "ivr example begin",
    },
    { kind: "callback", inS: 3600, key: "soon:2", reason: "ivr example soon" },
    { kind: "callback", atMs: Date.UTC(2026, 10, 25, 14, 30), key: "later:3", reason: "ivr example later" },
  ]);
  t.match(effects({ when: "2026-11-25 09:30", time_zone: "America/Los_Angeles" })[2], { atMs: Date.UTC(2026, 10, 25, 17, 30) });
  for (const when of ["tomorrow", "2026-02-30T10:00", "", "2026-11-25T09:30Z"]) {
    t.equal(effects({ when }).length, 2, when);
    t.equal(walk(script, "human", [], { id: "7", when }).end, "completed a", when);
  }
});

t.test("languages: at the start, switched, standing in for each other", async (t) => {
  const script = scriptWith(`
  begin: { menu: [{ say: { en-US: "Hi {name}", es-US: "Hola {name}" } }, { file: tone.wav }], keys: { "1": other, "9": out }, no_input: a }
  other: { switch_language: es-US, next: money }
  money: { play: [{ say_as: money, value: "{amount}" }, { say_as: date, value: soon }, { say: { en-US: only } }], end: told }
`);
  const name = "Ann";
  for (const [speaks, greeting] of [
    [undefined, "en-US Hi Ann"],
    ["es-US", "es-US Hola Ann"],
    ["es_us", "es-US Hola Ann"],
    ["es", "es-US Hola Ann"],
    ["es-MX", "es-US Hola Ann"],
    ["fr", "en-US Hi Ann"],
    ["", "en-US Hi Ann"],
  ] as const) {
    t.same(heard(script, [], { name, ...(speaks !== undefined && { speaks }) }), [greeting, "tone.wav"], speaks ?? "no such column");
  }
  t.same(
    heard(script, ["1"], { name, amount: "240.00" }).slice(1),
    ["es-US soon", "en-US only"],
    "a value that cannot be read is spoken as it stands",
  );
  t.match(heard(script, ["1"], { name, amount: "240.00" })[0], /^es-US doscientos cuarenta/);
  const standing = scriptOf(`script: x
language: en-US
languages: [es-US, es-MX]
fallback: { es-MX: es-US, es-US: es-MX }
language_from: speaks
start: { human: begin }
steps: { begin: { play: [{ say: { en-US: Hi, es-US: Hola } }], end: x } }
`);
  t.same(heard(standing, [], { speaks: "es-MX" }), ["es-US Hola"]);
});

t.test("branches on who answered and on the time of the week", async (t) => {
  const script = scriptWith(`
  begin: { branch: { what: verdict }, on: { human: when, unknown: a }, else: b }
  when: { branch: { what: time, zone: contact }, on: { "mon-fri 09:00-17:00": a, "22:00-06:00": b }, else: c }
`);
  t.equal(walk(script, "unknown", []).end, "completed a");
  const at = (hour: number, fields: Fields = {}) => walk(script, "human", [], fields, Date.UTC(2026, 10, 24, hour)).end;
  t.equal(at(15), "completed a", "10:00 in New York");
  t.equal(at(8), "completed b", "03:00 in New York");
  t.equal(at(23), "completed c", "18:00 in New York");
  t.equal(at(15, { time_zone: "Asia/Tokyo" }), "completed b", "midnight in Tokyo");
  t.equal(at(15, { time_zone: "Nowhere/At_All" }), "completed a", "a zone that is none does not count");
});

t.test("secrets are spoken, sent and kept nowhere, but a webhook may be given them", async (t) => {
  const script = scriptWith(`
  begin: { collect: [{ say: Pin }], into: pin, max_digits: 4, secret: true, next: copy, no_input: a }
  copy: { set: { twin: "x{pin}", open: plain }, next: tell }
  tell: { play: [{ say: "It is {pin} and {twin} and {open}." }], next: write }
  write: { send: { channel: sms, template: t }, with: { pin: "{pin}" }, next: ask }
  ask: { webhook: check, send: { pin: "{twin}", open: "{open}" }, save: { pin: number, name: name }, play: [{ say: x }], on: { ok: b, error: c } }
`);
  const action = walk(script, "human", []).last.action;
  t.match(action, { secret: true });
  t.same(heard(script, ["4711"]), ["en-US It is and and plain."]);
  const asked = walk(script, "human", ["4711", "played"]);
  t.match(asked.effects, [{ kind: "send", values: { pin: "" } }]);
  t.match(asked.last.action, { body: { pin: "x4711", open: "plain" }, secretKeys: ["pin"] });
  t.same(openAnswers(asked.last.place), { open: { value: "plain" } });
  const saved = new Map([
    ["pin", "4711"],
    ["name", "Ann"],
  ]);
  const { place } = next(script, asked.last.place, { kind: "webhook", end: "answered", value: "ok", saved }, 0);
  t.same(openAnswers(place), { open: { value: "plain" }, name: { value: "Ann" } }, "a secret sent back is still one");
});

t.test("answers cannot grow beyond all bounds, and the person hears a goodbye", async (t) => {
  const script = scriptWith(`
  begin: { set: { a: "0123456789" }, next: grow }
  grow: { set: { a: "{a}{a}" }, next: grow }
`);
  const { last, path } = walk(script, "human", []);
  t.same(last.action, { kind: "end", end: "too-long", outcome: "too_long" });
  t.ok(path.length < 15, `${path.length} steps`);
});
