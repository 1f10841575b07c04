import type { Answering } from "../attempt/answering.ts";
import type { CallingMode, PacingWishes } from "../attempt/calling-mode.ts";
import type { Result } from "../attempt/result.ts";
import type { CallingWindow } from "../compliance/calling-window.ts";
import type { AddressKind } from "../contact/contact.ts";

/*
 * A strategy: which passes there are, who comes to which of them, and what follows each ending. What an author writes is read and checked elsewhere; this is what is left
 * when nothing is wrong with it. Durations are seconds.
 */

export const passChannels = ["voice-ivr", "voice-agent", "sms", "email"] as const;
export type PassChannel = (typeof passChannels)[number];

/** Something that may be asked of a contact. `field` is a column of the list; `result`, `disposition` and `event` look at what has happened to the person in this campaign. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly field: string; readonly is: Comparison; readonly value?: string | number | readonly (string | number)[] }
  | { readonly result: readonly Result[]; readonly pass?: string }
  | { readonly disposition: readonly string[]; readonly pass?: string }
  | { readonly event: string };

export const comparisons = ["equal", "different", "less", "at-most", "more", "at-least", "one-of", "known", "unknown", "begins"] as const;
export type Comparison = (typeof comparisons)[number];

/** Which addresses of a contact a pass uses, in which order: by kind, and within a kind as the list has them. Those of kinds that are not here are left alone. */
export type AddressChoice = readonly AddressKind[];

/** In which order contacts who are due at the same time come to be contacted. */
export type ContactOrder = (
  | { readonly by: "list" | "newest" | "oldest" | "random" }
  | { readonly by: "field"; readonly field: string; readonly as: "number" | "text"; readonly largestFirst: boolean }
) & {
  /** Before all others those who are tried again, and those for whom a time was named. */
  readonly callbacksFirst?: true;
};

/** A time of day on the person's own clock, or one that a field of theirs has. */
export type AtTime =
  /** The first time the clock shows `minute` (of the day, 0..1439), on that ISO weekday if there is one, and not before the next day where it is `tomorrow`. */
  | { readonly minute: number; readonly weekday?: number; readonly tomorrow?: boolean }
  /** A column of the list, and how long before. Who has no such time, or for whom it is over, gets the next treatment of the list. */
  | { readonly field: string; readonly beforeS: number };

/** So long after the ending; with a time the first such time from then on. */
export interface When {
  readonly afterS: number;
  readonly at?: AtTime;
}

/** What follows an ending. The first of a list that may still be done is done; each counts for itself. */
export type Treatment =
  /** The same address once more. */
  | ({ readonly do: "retry"; readonly atMost: number } & When)
  /** The next address of the pass that has not been tried; not there: the next treatment of the list. */
  | ({ readonly do: "next-address" } & When)
  | Onward;

/** What needs no attempt before it. */
export type Onward =
  /** On to another pass of the strategy, which may be an earlier one as long as limits end it. */
  | ({ readonly do: "pass"; readonly pass: string } & When)
  /** Into another campaign, by its name; this one is done with the person. */
  | ({ readonly do: "campaign"; readonly campaign: string } & When)
  | { readonly do: "stop" };

/** Besides the treatment, whenever the ending occurs: the person comes to another pass, or to another campaign, too. Whoever is there already does not come to it a second time. */
export type Besides =
  | ({ readonly do: "begin-pass"; readonly pass: string } & When)
  | ({ readonly do: "begin-campaign"; readonly campaign: string } & When)
  /** An agent of that pass calls the person, who is expecting it then: as callbacks are that people ask for. */
  | ({
      readonly do: "callback";
      readonly agents: string;
      /** For the agent alone who spoke with the person, and so long after it was due (s) for everybody. */
      readonly personal?: { readonly fallbackS: number };
    } & When)
  /** A webhook is told of it, by its name. */
  | { readonly do: "webhook"; readonly webhook: string };

/** What an ending is called in `after`: a result, `disposition:promise-to-pay` of an agent, or `outcome:paid` of a script. */
export type Ending = Result | `disposition:${string}` | `outcome:${string}`;

export interface Following {
  readonly treatments: readonly Treatment[];
  readonly besides: readonly Besides[];
}

/** How often somebody may be tried, each attempt counted that was not canceled; absent: no limit of this kind. */
export interface AttemptLimits {
  readonly perContact?: number;
  readonly perAddress?: number;
}

interface PassBase {
  /** Lower case, digits and hyphens; unique in the strategy. */
  readonly name: string;
  /** Of those who come to the pass: who is contacted by it. */
  readonly who?: Condition;
  /** What becomes at once of those whom `who` does not mean, and of those without an address that the pass uses. Whoever is suppressed is done with. */
  readonly whoElse: Onward;
  /** At least one kind. */
  readonly addresses: AddressChoice;
  readonly order: ContactOrder;
  /** Absent: the campaign's. */
  readonly window?: CallingWindow;
  /** Days on which it contacts nobody (compliance/holiday-calendar.ts). */
  readonly holidays?: readonly string[];
  /** Look-ups that are asked before it contacts anybody, besides those that the campaign wants. */
  readonly lookups?: readonly string[];
  /** Places whose hours it keeps for everybody, wherever they are; those that the document names for all passes are among them. */
  readonly laws?: readonly string[];
  /** From then on it contacts people, and until then: a day, or a time of a day, on the clock of the campaign's zone, as `2026-12-01T09:00`. */
  readonly begins?: string;
  readonly ends?: string;
  readonly limits: AttemptLimits;
  /** After an ending that is not here nothing follows. What an author says of everybody who was not reached stands here with each result that is meant. */
  readonly after: Readonly<Partial<Record<Ending, Following>>>;
  /** New calls, or messages, per second. */
  readonly maxCps: number;
}

export interface VoicePass extends PassBase {
  readonly channel: "voice-ivr" | "voice-agent";
  /** Name of a script. */
  readonly script: string;
  readonly mode: CallingMode;
  readonly pacing?: PacingWishes;
  readonly trunk: string;
  readonly callerId: string;
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
  readonly amd?: Answering;
}

export interface MessagePass extends PassBase {
  readonly channel: "sms" | "email";
  /** Name of a template. */
  readonly template: string;
  /** Name of a configured sender. */
  readonly sender: string;
}

export type Pass = VoicePass | MessagePass;

/** What an event from outside (a payment, a confirmation) does to a person: is done with, or goes to a pass. */
export type EventTreatment = { readonly do: "stop" } | { readonly do: "pass"; readonly pass: string; readonly afterS: number };

export interface Strategy {
  /** Unique among strategies. */
  readonly name: string;
  /** The pass in which everybody begins. To the others people come by a treatment or an event. */
  readonly first: string;
  readonly passes: readonly Pass[];
  /** Over all passes. */
  readonly limits: AttemptLimits;
  /** By the event's name; those that are not here are kept, and do nothing. */
  readonly events: Readonly<Record<string, EventTreatment>>;
}
