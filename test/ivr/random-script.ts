import { stringify } from "yaml";
import { intBetween, pick, type Random } from "../../src/kernel/random.ts";

/*
 * Scripts as people might write them, good and bad: every verb, several languages, ways that mostly lead forward. What is likely is
 * chosen so that a good share has no error.
 */

type Values = Record<string, unknown>;

/** Mostly yes. */
const chance = (random: Random, share: number): boolean => random.next() < share;
const some = <T>(random: Random, share: number, values: T): T | Record<string, never> => (chance(random, share) ? values : {});

const tags = ["en-US", "es-US", "es-MX", "fr-FR", "de-DE"];
const columns = ["first_name", "tier", "when", "time_zone"];
const answers = ["code", "score", "kept", "saved", "said"];

/** What a step may refer to. */
interface Plan {
  readonly random: Random;
  readonly languages: readonly string[];
  readonly names: readonly string[];
}

/** @returns YAML, in braces with everything quoted or in blocks with little quoted */
export function randomScript(random: Random, name = "random"): string {
  const count = intBetween(random, 1, 9);
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  const languages = chance(random, 0.6) ? ["en-US"] : [...new Set([pick(random, tags), pick(random, tags)])];
  const plan: Plan = { random, languages, names };
  const steps: Values = { ask: menu(plan, names.length) };
  for (const [index, step] of names.entries()) steps[step] = stepOf(plan, index);
  Object.assign(steps, {
    done: { end: "done" },
    out: { suppress: { scope: pick(random, ["account", "campaign"]), ...some(random, 0.3, { channels: ["voice", "sms"] }) }, end: "opted_out" },
    thanks: { play: prompts(plan, "Thank you."), end: "thanked" },
  });
  const first = () => (chance(random, 0.8) ? "ask" : pick(random, names));
  const script = {
    script: name,
    language: languages[0],
    ...(languages.length > 1 && { languages: languages.slice(1), language_from: "when" }),
    zone: "Etc/UTC",
    needs: columns,
    max_call_s: pick(random, [10, 60, 300, 3600]),
    numbers: { desk: "+15550100310" },
    ...some(random, 0.2, { right_party: pick(random, names) }),
    ...some(random, 0.9, {
      everywhere: {
        ...some(random, 0.97, { "9": "out" }),
        ...some(random, 0.2, { [pick(random, ["0", "#", "5"])]: pick(random, [...names, "ask", "nowhere"]) }),
        "*": "ask",
      },
    }),
    start: {
      human: first(),
      ...some(random, 0.5, { machine: "thanks" }),
      ...some(random, 0.3, { unknown: first() }),
      ...some(random, 0.3, { fax: "done" }),
    },
    steps,
  };
  if (!chance(random, 0.5)) return stringify(script);
  const head = Object.entries(script).filter(([key]) => key !== "steps");
  const line = ([key, value]: [string, unknown]) => `${key}: ${JSON.stringify(value)}\n`;
  return `${head.map(line).join("")}steps:\n${Object.entries(steps)
    .map((entry) => `  ${line(entry)}`)
    .join("")}`;
}

/** Where a step leads: mostly forward, seldom back, hardly ever to nowhere. */
function to({ random, names }: Plan, index: number): string {
  const roll = random.next();
  if (roll < 0.0005) return "nowhere";
  if (roll < 0.25) return "ask";
  if (roll < 0.45) return pick(random, ["done", "thanks", "out"]);
  const ahead = names.slice(index + 1);
  if (roll < 0.99 && ahead.length > 0) return pick(random, ahead);
  return roll < 0.99 ? "done" : pick(random, names);
}

function field({ random }: Plan): string {
  if (chance(random, 0.02)) return "{nobody_has_this}";
  if (chance(random, 0.05)) return `{${pick(random, answers)}}`;
  if (chance(random, 0.3)) return `{${pick(random, answers)} | default: 'nothing'}`;
  return chance(random, 0.1) ? "{% if tier == 'gold' %}dear {first_name}{% endif %}" : `{${pick(random, ["first_name", "tier"])}}`;
}

function say(plan: Plan, text: string): Values {
  const { random, languages } = plan;
  const written = () => (chance(random, 0.4) ? `${text} ${field(plan)}` : text);
  if (languages.length === 1 && chance(random, 0.9)) return { say: written() };
  const kept = languages.filter(() => chance(random, 0.998));
  return { say: Object.fromEntries((kept.length > 0 ? kept : languages).map((language) => [language, written()])) };
}

function prompts(plan: Plan, text: string): Values[] {
  const { random } = plan;
  const kind = pick(random, ["number", "money", "date", "time", "telephone", "spelled"]);
  return [
    say(plan, text),
    ...(chance(random, 0.2) ? [{ say_as: kind, value: chance(random, 0.5) ? "{tier}" : pick(random, ["12", "2026-11-24", "14:30", "x"]) }] : []),
    ...(chance(random, 0.1) ? [{ file: "music/wait.wav" }] : []),
  ];
}

function listening(plan: Plan, index: number): Values {
  const { random } = plan;
  return {
    ...some(random, 0.4, { first_digit_s: pick(random, [1, 5, 60]), inter_digit_s: pick(random, [0.5, 2]) }),
    ...some(random, 0.4, { tries: intBetween(random, 1, 10) }),
    ...some(random, 0.2, { barge_in: false }),
    ...some(random, 0.3, { retry: prompts(plan, "Again.") }),
    no_input: chance(random, 0.5) ? "ask" : to(plan, index),
    ...some(random, 0.4, { no_match: to(plan, index) }),
  };
}

function menu(plan: Plan, index: number): Values {
  const { random } = plan;
  const keys = Object.fromEntries(["1", "2", "12", "*", "#", "0345"].filter(() => chance(random, 0.4)).map((key) => [key, to(plan, -1)]));
  if (chance(random, 0.995)) keys["9"] = "out";
  if (Object.keys(keys).length === 0) keys["1"] = "done";
  return { menu: prompts(plan, "To stop press 9. To hear this again press star."), keys, ...listening(plan, index) };
}

function onward(plan: Plan, index: number): Values {
  return chance(plan.random, 0.25) ? { end: pick(plan.random, ["paid", "told"]) } : { next: to(plan, index) };
}

/** Step of any verb. @param index where it stands among those that ways lead forward through */
function stepOf(plan: Plan, index: number): Values {
  const { random, languages } = plan;
  const next = () => to(plan, index);
  const text = () => `about ${field(plan)}`;
  switch (
    pick(random, [
      "play",
      "menu",
      "collect",
      "survey",
      "value",
      "verdict",
      "time",
      "set",
      "transfer",
      "queue",
      "webhook",
      "record",
      "send",
      "callback",
      "suppress",
      "switch",
      "script",
    ])
  ) {
    case "menu":
      return menu(plan, index);
    case "collect":
      return {
        collect: prompts(plan, "Digits."),
        into: "code",
        max_digits: intBetween(random, 1, 8),
        ...some(random, 0.2, { secret: true, terminators: "*#" }),
        next: next(),
        ...listening(plan, index),
      };
    case "survey":
      return {
        survey: prompts(plan, "How was it?"),
        question: "score",
        from: pick(random, [0, 1]),
        to: pick(random, [5, 10, 100]),
        next: next(),
        ...listening(plan, index),
      };
    case "value":
      return {
        branch: pick(random, [...answers, "tier"]),
        on: { gold: next(), "0..4": next(), "5..": next(), ...some(random, 0.2, { "3": next(), "..9": next() }) },
        else: next(),
      };
    case "verdict":
      return { branch: { what: "verdict" }, on: { human: next(), ...some(random, 0.5, { unknown: next() }) }, else: next() };
    case "time":
      return {
        branch: { what: "time", ...some(random, 0.5, { zone: "contact" }) },
        on: { "mon-fri 09:00-17:00": next(), "22:00-06:00": next() },
        else: next(),
      };
    case "set":
      return { set: { kept: text(), ...some(random, 0.3, { score: "{score | plus: 1}" }) }, ...onward(plan, index) };
    case "transfer":
      return {
        transfer: pick<unknown>(random, ["desk", { to: "+15550100311" }, { group: "night" }]),
        play: prompts(plan, "Please wait."),
        ...some(random, 0.2, { whisper: [{ say: text() }] }),
        on: { answered: next(), no_agent: next(), ...some(random, 0.4, { busy: next() }), ...some(random, 0.4, { hung_up: "done" }) },
      };
    case "queue":
      return {
        queue: pick<unknown>(random, ["campaign", "night desk", { group: "day", skills: ["spanish"], priority: 2 }]),
        ...some(random, 0.99, { play: prompts(plan, "Please hold.") }),
        ...some(random, 0.4, {
          position: [{ say_as: "number", value: "{position}" }],
          ...some(random, 0.3, { position_more: prompts(plan, "Many.") }),
        }),
        ...some(random, 0.3, { whisper: [{ say: text() }] }),
        on: { answered: next(), no_agent: next(), ...some(random, 0.4, { nobody: next() }), ...some(random, 0.4, { hung_up: "done" }) },
      };
    case "webhook":
      return {
        webhook: "pay",
        ...some(random, 0.5, { send: { about: text() } }),
        ...some(random, 0.5, { save: { saved: "a.0.b" } }),
        play: prompts(plan, "One moment."),
        on: { ok: next(), ...some(random, 0.4, { else: next() }), ...some(random, 0.4, { timeout: next() }), error: next() },
      };
    case "record":
      return {
        record: prompts(plan, "Please speak."),
        into: "said",
        ...some(random, 0.7, { consent: prompts(plan, "To agree press 1."), declined: chance(random, 0.7) ? "ask" : next() }),
        max_s: intBetween(random, 5, 300),
        next: next(),
        no_input: chance(random, 0.5) ? "ask" : next(),
      };
    case "send":
      return {
        send: { channel: pick(random, ["sms", "email"]), template: "link" },
        ...some(random, 0.5, { with: { about: text() } }),
        ...onward(plan, index),
      };
    case "callback":
      return chance(random, 0.5)
        ? { callback: { in_s: 3600 }, ...onward(plan, index) }
        : { callback: { at: "{when}T09:00" }, ...some(random, 0.5, { else: next() }), ...onward(plan, index) };
    case "suppress":
      return { suppress: { scope: "account" }, ...some(random, 0.5, { play: prompts(plan, "Noted.") }), ...onward(plan, index) };
    case "switch":
      return { switch_language: pick(random, languages), next: next() };
    case "script":
      return { script: chance(random, 0.97) ? pick(random, ["other-a", "other-b"]) : "unheard-of" };
    default:
      return { play: prompts(plan, "Hello."), ...onward(plan, index) };
  }
}

const junk = [
  "",
  "\n",
  "{",
  "}",
  "[",
  '"',
  "*",
  "&a ",
  "#",
  ": ",
  "- ",
  "\t",
  "\u0000",
  "!!map ",
  "<<: ",
  "__proto__: ",
  "%",
  "yes",
  "0",
  "..",
  "{tier}",
  "\u{1f600}",
];

/** The same text with a few places cut, doubled or filled with what has a meaning in YAML. */
export function damaged(random: Random, source: string): string {
  let text = source;
  for (let cuts = intBetween(random, 1, 2); cuts > 0; cuts--) {
    const at = intBetween(random, 0, text.length);
    const from = at + intBetween(random, 0, 6);
    const line = pick(random, text.split("\n"));
    text = text.slice(0, at) + (chance(random, 0.1) ? `\n${line}\n` : pick(random, junk)) + text.slice(from);
  }
  return text;
}
