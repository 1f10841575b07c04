import { callingModes, optionsOf } from "../attempt/calling-mode.ts";
import { type Result, results } from "../attempt/result.ts";
import { retryAtMost } from "../attempt/treatment.ts";
import { calendarNames } from "../compliance/holiday-calendar.ts";
import { legalHours } from "../compliance/legal-hours.ts";
import { channelOf, resultsOn } from "./endings.ts";
import { unreachedKey } from "./read-after.ts";
import { comparisonKeys } from "./read-condition.ts";
import {
  amdProfiles,
  answerActions,
  callbacksFirstWord,
  kindsOn,
  lookupName,
  modesOf,
  mostAttempts,
  mostLookups,
  orderWords,
  passDefaults,
  passKeys,
  snake,
} from "./read-pass.ts";
import { mostPasses, type strategyKeys } from "./read-strategy.ts";
import { nameForm } from "./read-values.ts";
import { type PassChannel, passChannels } from "./strategy.ts";

/* The schema of a strategy for editors that complete and check YAML by a JSON Schema (draft 2020-12). What holds between several places of a document is said by the reader alone. */

type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const text = (description: string, more: Schema = {}): Schema => ({ type: "string", description, ...more });
const closed = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = [], more: Schema = {}): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
  ...more,
});
const whole = (maximum: number, description: string): Schema => ({ type: "integer", minimum: 1, maximum, description });
const oneOrMore = (item: Schema): Schema => ({ anyOf: [item, { type: "array", minItems: 1, maxItems: 10, items: item }] });
const name = (description: string) => text(description, { pattern: nameForm.source });

const onward = (time: Schema): readonly Schema[] => [
  { const: "stop", description: "Done with the person." },
  closed({ pass: name("On to this pass."), after: ref("duration"), at: time }, ["pass"]),
  closed({ campaign: text("Into this campaign, by its name."), after: ref("duration"), at: time }, ["campaign"]),
];

const callbacksFirst: Schema = { type: "boolean", description: "Before all others those who are tried again, and those for whom a time was named." };

const defs: Readonly<Record<string, Schema>> = {
  duration: {
    description: "A time with its unit: 20 min, 24 h, 2 d.",
    anyOf: [{ type: "string", pattern: "^\\s*(0|(\\d{1,7}\\s*[A-Za-z]+\\s*)+)$" }, { const: 0 }],
  },
  day: {
    type: "string",
    pattern: "^\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d)?$",
    description: "A day, or a time of a day, on the clock of the campaign's zone.",
  },
  time_of_day: {
    type: "string",
    pattern: "^((tomorrow|mon|tue|wed|thu|fri|sat|sun)\\s+)?([01]\\d|2[0-3]):[0-5]\\d$",
    description: "The first time the person's own clock shows it: 09:00, tomorrow 09:00, mon 09:00.",
  },
  time: {
    anyOf: [ref("time_of_day"), closed({ field: text("A column of the list that has a time."), before: ref("duration") }, ["field"])],
  },
  while_or_time: { anyOf: [ref("duration"), ref("time_of_day")] },
  onward: { anyOf: [...onward(ref("time_of_day"))] },
  treatment: {
    anyOf: [
      ...onward(ref("time")),
      { const: "next_address", description: "The next address that the pass has not tried, at once." },
      closed({ retry: ref("while_or_time"), at_most: whole(retryAtMost.max, "How often, for this ending, on one address.") }, ["retry", "at_most"]),
      closed({ next_address: ref("while_or_time") }, ["next_address"]),
      closed({ also: name("Besides, the person comes to this pass."), after: ref("duration"), at: ref("time") }, ["also"]),
      closed({ copy: text("Besides, the person comes to this campaign, by its name."), after: ref("duration"), at: ref("time") }, ["copy"]),
      closed(
        {
          callback: name("Besides, an agent of this pass calls the person back."),
          after: ref("duration"),
          at: ref("time"),
          personal: { type: "boolean", description: "For the agent alone who spoke with the person." },
          fallback: { description: "After what it is for everybody, where it is personal. Default 1 h.", ...ref("duration") },
        },
        ["callback"],
      ),
      closed({ webhook: text("Besides, this webhook is told of it, by its name.") }, ["webhook"]),
    ],
  },
  following: { description: "The first that may still be done; `also` is done besides.", ...oneOrMore(ref("treatment")) },
  limits: closed({ per_contact: whole(mostAttempts, "Attempts for each contact."), per_address: whole(mostAttempts, "Attempts on each address.") }),
  words: oneOrMore({ type: "string" }),
  condition: {
    anyOf: [
      closed({ all: { type: "array", minItems: 1, items: ref("condition") } }, ["all"]),
      closed({ any: { type: "array", minItems: 1, items: ref("condition") } }, ["any"]),
      closed({ not: ref("condition") }, ["not"]),
      closed({ field: text("A column of the list."), ...comparisons() }, ["field"], { minProperties: 2, maxProperties: 2 }),
      closed({ result: oneOrMore({ enum: Object.keys(results) }), pass: name("Only of this pass.") }, ["result"]),
      closed({ disposition: ref("words"), pass: name("Only of this pass.") }, ["disposition"]),
      closed({ event: name("An event that came.") }, ["event"]),
    ],
  },
};

const laws: Schema = {
  anyOf: [{ enum: [...legalHours.places] }, { type: "array", minItems: 1, uniqueItems: true, items: { enum: [...legalHours.places] } }],
};

function comparisons(): Record<string, Schema> {
  const scalar: Schema = { type: ["string", "number"] };
  const of = (key: string): Schema =>
    key === "known" ? { type: "boolean" } : key === "one_of" ? { type: "array", minItems: 1, maxItems: 50, items: scalar } : scalar;
  return Object.fromEntries(Object.keys(comparisonKeys).map((key) => [key, of(key)]));
}

function passOf(channel: PassChannel): Schema {
  const modes = modesOf(channel);
  const endings = resultsOn(channelOf(channel)).map((result: Result): [string, Schema] => [
    result,
    { description: results[result].meaning, ...ref("following") },
  ]);
  const unreached = { description: "After every result that did not reach the person and has nothing of its own.", ...ref("following") };
  const actions = Object.entries(answerActions).map(([who, words]): [string, Schema] => [who, { enum: [...words] }]);
  const pacing = [...new Set(modes.flatMap(optionsOf))].map((option): [string, Schema] => [snake(option), { type: "number" }]);
  const all: Readonly<Record<string, Schema>> = {
    channel: { const: channel },
    who: { description: "Who is contacted, of those who come to the pass.", ...ref("condition") },
    lookups: {
      description: "Look-ups that are asked before it contacts anybody, besides those that the campaign wants.",
      anyOf: [
        text("The name of one.", { pattern: lookupName.source }),
        { type: "array", minItems: 1, maxItems: mostLookups, uniqueItems: true, items: { type: "string", pattern: lookupName.source } },
      ],
    },
    laws: { description: "Places whose hours by law it keeps for everybody, besides those that the document names for all passes.", ...laws },
    who_else: { description: "What becomes of the others, and of whoever has no address that the pass uses.", ...ref("onward") },
    addresses: { description: "Kinds of addresses, in the order in which they are tried.", ...oneOrMore({ enum: [...kindsOn(channel)] }) },
    order: {
      anyOf: [
        { enum: [...orderWords, callbacksFirstWord] },
        closed({ callbacks_first: callbacksFirst, by: { enum: [...orderWords] } }, ["by"]),
        closed(
          {
            callbacks_first: callbacksFirst,
            field: text("A column of the list."),
            as: { enum: ["number", "text"] },
            largest_first: { type: "boolean" },
          },
          ["field"],
        ),
      ],
    },
    window: text("Weekdays and hours, on the person's own clock: mon-fri 09:00-18:00."),
    holidays: {
      description: `Days on which nobody is contacted: calendars (${calendarNames.join(", ")}, or one of your own, such as our-office), days (2026-12-24), days of every year (12-24, 11-thu-4, easter+1), and ranges (12-24..01-02).`,
      ...oneOrMore({ type: "string", minLength: 2, maxLength: 64 }),
    },
    begins: ref("day"),
    ends: ref("day"),
    limits: ref("limits"),
    after: closed(Object.fromEntries([...endings, [unreachedKey, unreached]]), [], { description: "What follows each result." }),
    max_cps: { type: "number", minimum: 0.01, maximum: 100_000, description: `New calls, or messages, per second. Default ${passDefaults.maxCps}.` },
    script: text("Name of a published script."),
    mode: { enum: [...modes], description: modes.map((mode) => `${mode}: ${callingModes[mode]}.`).join(" ") },
    pacing: closed(Object.fromEntries(pacing), [], { description: "Options of the mode." }),
    trunk: text("Name of a configured trunk or route."),
    caller_id: text("A number in E.164 form and in quotes, or the name of a pool of numbers."),
    max_lines: whole(100_000, `Calls at once, at most. Default ${passDefaults.maxLines}.`),
    ring: { description: "How long a call rings: 15 s to 2 min.", ...ref("duration") },
    amd: {
      anyOf: [
        { enum: [...amdProfiles] },
        closed(
          {
            profile: { enum: [...amdProfiles] },
            tuning: { type: "object" },
            holdout: { type: "number", minimum: 0, maximum: 1 },
            ...Object.fromEntries(actions),
          },
          ["profile"],
        ),
      ],
      description: "Answering-machine detection. Without it whoever answers is taken for a person.",
    },
    outcomes: { type: "object", additionalProperties: ref("following"), description: "What follows how the script ended; goes over the result." },
    dispositions: { type: "object", additionalProperties: ref("following"), description: "What follows what the agent said; goes over the result." },
    template: name("Name of a published template."),
    sender: text("Name of a configured sender."),
  };
  const required = channelOf(channel) === "voice" ? ["channel", "script", "trunk", "caller_id"] : ["channel", "template", "sender"];
  return closed(Object.fromEntries(passKeys(channel).map((key): [string, Schema] => [key, all[key] ?? {}])), required);
}

/** The file for editors, docs/strategy.schema.json. */
export function editorSchema(): string {
  const properties: Readonly<Record<(typeof strategyKeys)[number], Schema>> = {
    name: name("Name of the strategy."),
    first: name("The pass in which everybody begins. Default: the first that is written."),
    limits: { description: "Over all passes.", ...ref("limits") },
    events: {
      type: "object",
      maxProperties: 100,
      propertyNames: { pattern: nameForm.source },
      additionalProperties: { anyOf: [{ const: "stop" }, closed({ pass: name("To this pass."), after: ref("duration") }, ["pass"])] },
      description: "What an event from outside does to a person, wherever they are.",
    },
    laws: { description: "Places whose hours by law every pass keeps for everybody, wherever they are.", ...laws },
    passes: {
      type: "object",
      minProperties: 1,
      maxProperties: mostPasses,
      propertyNames: { pattern: nameForm.source },
      additionalProperties: { anyOf: passChannels.map((channel) => ref(channel)) },
      description: "The passes by their names.",
    },
  };
  const $defs = { ...defs, ...Object.fromEntries(passChannels.map((channel) => [channel, passOf(channel)])) };
  const $schema = "https://json-schema.org/draft/2020-12/schema";
  return `${JSON.stringify({ $schema, title: "Carillon strategy", ...closed(properties, ["name", "passes"]), $defs }, undefined, 2)}\n`;
}
