import type { Result } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { pointerTo } from "../kernel/pointer.ts";
import type { Random } from "../kernel/random.ts";
import { readPlacedYaml } from "../template/placed-yaml.ts";
import { channelOf, resultsOn } from "./endings.ts";
import { isValues, quoted, Reading, type Values } from "./read-values.ts";
import type { Pass, PassChannel, Strategy } from "./strategy.ts";
import { passChannels } from "./strategy.ts";

/** Weights of results, against each other. */
export type Weights = Readonly<Partial<Record<Result, number>>>;

/** How people and carriers behave in a simulation. Shares are 0..1. */
export interface Chances {
  /** By the name of a pass, or else by channel. */
  readonly results: Readonly<Record<string, Weights>>;
  /** Of the people who answer. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly dispositions: Readonly<Record<string, number>>;
  /** What comes from outside, of all attempts that reach somebody, and within how long after them (seconds). */
  readonly events: Readonly<Record<string, { readonly share: number; readonly withinS: number }>>;
  /** Of contacts who are made up: how many have an address of the kind. */
  readonly addresses: Readonly<Record<"mobile" | "landline" | "email", number>>;
  /** By look-up that a pass wants: how many of the people it keeps from being contacted. */
  readonly lookups: Readonly<Record<string, number>>;
  /** Agents in the passes that have any. */
  readonly agents: number;
}

const called: Weights = { human: 25, machine: 35, "no-answer": 24, busy: 6, "bad-number": 4, rejected: 3, silence: 1, fax: 1, congestion: 1 };
const results: Readonly<Record<PassChannel, Weights>> = {
  "voice-ivr": called,
  "voice-agent": called,
  sms: { delivered: 92, undelivered: 5, expired: 2, "bad-number": 1 },
  email: { sent: 94, "bounced-soft": 3, "bounced-hard": 3 },
};
/** For outcomes and dispositions that a strategy speaks of, and events that end it. */
const usualShare = 0.1;
const usualWithinS = 86_400;

/** What is assumed where nobody says otherwise. It is for seeing how a strategy runs, and no forecast. */
export function defaultChances({ passes, events }: Strategy): Chances {
  const named = (prefix: string) => [
    ...new Set(
      passes.flatMap(({ after }) => Object.keys(after).flatMap((ending) => (ending.startsWith(prefix) ? [ending.slice(prefix.length)] : []))),
    ),
  ];
  const shares = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, Math.min(usualShare, 0.9 / names.length)]));
  const ending = Object.entries(events).flatMap(([name, treatment]) => (treatment.do === "stop" ? [name] : []));
  return {
    results,
    outcomes: shares(named("outcome:")),
    dispositions: shares(named("disposition:")),
    events: Object.fromEntries(ending.map((name) => [name, { share: usualShare, withinS: usualWithinS }])),
    addresses: { mobile: 0.85, landline: 0.4, email: 0.7 },
    lookups: {},
    agents: 10,
  };
}

const keys = ["results", "outcomes", "dispositions", "events", "addresses", "lookups", "agents"] as const;
const percent = { min: 0, max: 100 };

/**
 * Chances from a file (YAML), over the defaults. Numbers are percent, those of results weights against each other.
 * @throws Fault `strategy-chances` with line and column of everything that is wrong
 */
export function readChances(text: string, strategy: Strategy): Chances {
  const refuse = (told: readonly string[]) => new Fault("strategy-chances", told.join("\n"));
  const read = readPlacedYaml(text, { maxChars: 64 * 1024, maxSigns: 5000 });
  if ("fault" in read) throw refuse([`${read.fault.line}:${read.fault.column}: ${read.fault.message}`]);
  const reading = new Reading();
  const chances = chancesOf(reading, reading.keys(read.value, "", keys, "chances"), strategy);
  if (reading.faults.length === 0) return chances;
  throw refuse(
    reading.faults.map(({ pointer, message }) => {
      const { line, column } = read.placeOf(pointer);
      return `${line}:${column}: ${pointer}: ${message}`;
    }),
  );
}

function chancesOf(reading: Reading, values: Values, strategy: Strategy): Chances {
  const defaults = defaultChances(strategy);
  const shares = (key: string, known?: readonly string[]) => {
    const given = sectionOf(reading, values, key);
    for (const name of Object.keys(given))
      if (known && !known.includes(name)) reading.wrong(pointerTo(`/${key}`, name), `${quoted(name)} is none of them. ${reading.meant(name, known)}`);
    return Object.fromEntries(
      Object.entries(given).map(([name, share]) => [name, reading.number(share, pointerTo(`/${key}`, name), percent, 0) / 100]),
    );
  };
  const events = Object.entries(sectionOf(reading, values, "events")).map(([name, event]) => {
    const at = pointerTo("/events", name);
    if (!Object.hasOwn(strategy.events, name))
      reading.wrong(at, `The strategy has no event ${quoted(name)}. ${reading.meant(name, Object.keys(strategy.events))}`);
    const { percent: share, within } = reading.keys(event, at, ["percent", "within"], "the chance of an event");
    const range = { minS: 0, maxS: 92 * 86_400, words: "0 to 92 d" };
    const withinS = within === undefined ? usualWithinS : reading.duration(within, pointerTo(at, "within"), range);
    return [name, { share: reading.number(share, pointerTo(at, "percent"), percent, usualShare * 100) / 100, withinS }] as const;
  });
  return {
    results: { ...defaults.results, ...resultsOf(reading, sectionOf(reading, values, "results"), strategy) },
    outcomes: { ...defaults.outcomes, ...shares("outcomes") },
    dispositions: { ...defaults.dispositions, ...shares("dispositions") },
    events: { ...defaults.events, ...Object.fromEntries(events) },
    addresses: { ...defaults.addresses, ...shares("addresses", Object.keys(defaults.addresses)) },
    lookups: shares("lookups", [...new Set(strategy.passes.flatMap(({ lookups = [] }) => lookups))]),
    agents: values["agents"] === undefined ? defaults.agents : reading.whole(values["agents"], "/agents", { min: 1, max: 10_000 }),
  };
}

function resultsOf(reading: Reading, given: Values, { passes }: Strategy): Record<string, Weights> {
  const names = [...passes.map(({ name }) => name), ...passChannels];
  const read: Record<string, Weights> = {};
  for (const [name, weights] of Object.entries(given)) {
    const at = pointerTo("/results", name);
    const channel = passes.find((pass) => pass.name === name)?.channel ?? passChannels.find((each) => each === name);
    if (channel === undefined) {
      reading.wrong(at, `${quoted(name)} is no pass and no channel. ${reading.meant(name, names)}`);
      continue;
    }
    const known = resultsOn(channelOf(channel));
    const values = reading.keys(weights, at, known, `the results of ${channel}`);
    const pairs = known.flatMap((result) =>
      values[result] === undefined ? [] : [[result, reading.number(values[result], pointerTo(at, result), { min: 0, max: 1e6 }, 0)] as const],
    );
    if (!pairs.some(([, weight]) => weight > 0)) reading.wrong(at, "Give at least one result a weight above 0.");
    read[name] = Object.fromEntries(pairs);
  }
  return read;
}

function sectionOf(reading: Reading, values: Values, key: string): Values {
  const value = values[key];
  if (value === undefined || isValues(value)) return value ?? {};
  reading.wrong(`/${key}`, "Write chances by names.");
  return {};
}

/** What an attempt in this pass ends as. */
export function drawResult(random: Random, pass: Pass, { results: given }: Chances): Result {
  const drawn = drawWeighted(random, given[pass.name] ?? given[pass.channel] ?? {}) ?? "no-answer";
  if (drawn !== "machine" || !("mode" in pass)) return drawn;
  // Without detection whoever answers is taken for a person.
  const action = pass.amd ? (pass.amd.actions?.machine ?? "message") : "connect";
  return action === "message" ? "machine-message" : action === "connect" ? "human" : "machine";
}

function drawWeighted(random: Random, weights: Weights): Result | undefined {
  const pairs = Object.entries(weights) as [Result, number][];
  const all = pairs.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.next() * all;
  for (const [result, weight] of pairs) {
    left -= weight;
    if (left < 0) return result;
  }
  return pairs.at(-1)?.[0];
}

/** One of the names, each by its share; undefined where none of them is drawn. */
export function drawShare(random: Random, shares: Readonly<Record<string, number>>): string | undefined {
  let left = random.next();
  for (const [name, share] of Object.entries(shares)) {
    left -= share;
    if (left < 0) return name;
  }
  return undefined;
}

/** The look-up that keeps somebody from being contacted in this pass; what one says of somebody holds for every pass. @param known what was drawn of them */
export function refusedBy(random: Random, { lookups = [] }: Pass, { lookups: shares }: Chances, known: Map<string, boolean>): string | undefined {
  return lookups.find((name) => {
    const refuses = known.get(name) ?? random.next() < (shares[name] ?? 0);
    known.set(name, refuses);
    return refuses;
  });
}
