import { Fault } from "../kernel/fault.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { readPlacedYaml } from "../template/placed-yaml.ts";
import { checkStrategy } from "./check-strategy.ts";
import { onwardRange, type Written } from "./read-after.ts";
import { readLaws } from "./read-laws.ts";
import { readLimits, readPass } from "./read-pass.ts";
import { isValues, nameForm, quoted, Reading, type StrategyFault, type Values } from "./read-values.ts";
import type { EventTreatment, Pass, Strategy } from "./strategy.ts";

export const strategyKeys = ["name", "first", "limits", "events", "laws", "passes"] as const;
export const mostPasses = 50;
const mostEvents = 100;
/** Some 2000 lines; the parser takes a few µs for each sign, and calls wait while it does. */
export const longestDocument = { maxChars: 128 * 1024, maxSigns: 20_000 } as const;

/** A fault with its place in the text, both from 1. */
export interface PlacedFault extends StrategyFault {
  readonly line: number;
  readonly column: number;
}

export type ReadStrategy =
  | { readonly strategy: Strategy; readonly faults?: never }
  | { readonly strategy?: never; readonly faults: readonly PlacedFault[] };

/**
 * Reads a strategy from its document, YAML 1.2 or JSON, and checks it. Nothing of it refers to what is configured or published: that is looked at where a campaign is made of it.
 * @param rules what other rooms have against a strategy that has no faults of its own
 */
export function readStrategy(text: string, rules: (strategy: Strategy) => readonly StrategyFault[] = () => []): ReadStrategy {
  const read = readPlacedYaml(text, longestDocument);
  if ("fault" in read) return { faults: [{ pointer: "", ...read.fault }] };
  const reading = new Reading();
  const strategy = readDocument(reading, read.value);
  const all = reading.faults.length === 0 ? rules(strategy) : reading.faults;
  if (all.length === 0) return { strategy };
  const faults = all.map((fault) => ({ ...fault, ...read.placeOf(fault.pointer) }));
  return { faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** @throws Fault `strategy-invalid`, whose detail has every fault (pointer, line, column and message) */
export function strategyOf(text: string): Strategy {
  const { strategy, faults } = readStrategy(text);
  if (strategy) return strategy;
  const told = faults
    .slice(0, 10)
    .map(({ pointer, line, column, message }) => `${line}:${column}: ${pointer === "" ? "" : `${pointer}: `}${message}`);
  throw new Fault("strategy-invalid", `The strategy cannot be published like this. ${told.join(" ")}`, { detail: { errors: faults } });
}

function readDocument(reading: Reading, value: unknown): Strategy {
  const document = reading.keys(value, "", strategyKeys, "a strategy");
  const name = reading.name(document["name"], "/name", "the name of the strategy");
  const passValues = passesOf(reading, document["passes"]);
  const names = Object.keys(passValues);
  const written = new Map<string, readonly Written[]>();
  const laws = readLaws(reading, document["laws"], "/laws");
  const passes = names.slice(0, mostPasses).map((each): Pass => {
    const at = pointerTo("/passes", each);
    if (!nameForm.test(each))
      reading.wrong(at, `${quoted(each)} is no name for a pass: small letters, digits and hyphens, at most 64, beginning with a letter.`);
    const read = readPass(reading, each, passValues[each], at, { names, laws });
    written.set(each, read.written);
    return read.pass;
  });
  const first = names.length === 0 ? "" : reading.word(document["first"], "/first", names, names[0]);
  const strategy = {
    name,
    first,
    passes,
    limits: readLimits(reading, document["limits"], "/limits"),
    events: readEvents(reading, document["events"]),
  };
  checkStrategy(reading, strategy, written);
  return strategy;
}

function passesOf(reading: Reading, value: unknown): Values {
  if (!isValues(value) || Object.keys(value).length === 0) {
    reading.wrong("/passes", "Write at least one pass under passes, each by its name; everybody begins in the first.");
    return {};
  }
  if (Object.keys(value).length > mostPasses) reading.wrong("/passes", `There are ${Object.keys(value).length} passes; ${mostPasses} are allowed.`);
  return value;
}

function readEvents(reading: Reading, value: unknown): Strategy["events"] {
  if (value === undefined) return {};
  if (!isValues(value) || Object.keys(value).length > mostEvents) {
    reading.wrong("/events", `Write at most ${mostEvents} events by their names, such as payment-received: stop.`);
    return {};
  }
  const events: [string, EventTreatment][] = Object.entries(value).map(([event, treatment]) => {
    const at = pointerTo("/events", event);
    if (!nameForm.test(event))
      reading.wrong(at, `${quoted(event)} is no name for an event: small letters, digits and hyphens, beginning with a letter.`);
    return [event, readEvent(reading, treatment, at)];
  });
  return Object.fromEntries(events);
}

function readEvent(reading: Reading, value: unknown, at: string): EventTreatment {
  if (value === "stop") return { do: "stop" };
  if (!isValues(value)) {
    reading.wrong(at, "Write stop, or { pass: NAME, after: 1 h }.");
    return { do: "stop" };
  }
  const { pass, after } = reading.keys(value, at, ["pass", "after"], "going on to a pass");
  const afterS = after === undefined ? 0 : reading.duration(after, pointerTo(at, "after"), onwardRange);
  return { do: "pass", pass: reading.name(pass, pointerTo(at, "pass"), "the name of a pass"), afterS };
}
