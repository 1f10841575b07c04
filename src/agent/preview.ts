import type { Result } from "../attempt/result.ts";
import type { DeskRules } from "./desk-rules.ts";

/* What an agent has before them: a person to be called by themselves, from the moment they see the record until nothing is on the line any more. */

/** How it came: in the campaign's turn, by the agent's own choice, or because the person asked for it. */
export type PreviewKind = "preview" | "manual" | "callback";

/** `shown`: the agent looks. `dialling`: the telephones of agent and person ring. `talking`: the two are connected. */
export type PreviewPhase = "shown" | "dialling" | "talking";

export interface PreviewPlace {
  readonly phase: PreviewPhase;
  /** Until when the agent may look (epoch ms). */
  readonly until: number;
}

/** Why a record is taken from an agent who has not called. */
export type WithdrawnBecause = "campaign" | "agent" | "person" | "server";

export type PreviewEvent =
  | { readonly kind: "dial" }
  | { readonly kind: "skip"; readonly code: string }
  | { readonly kind: "time-out" }
  | { readonly kind: "withdraw"; readonly why: WithdrawnBecause };

/** What is done about it. `put-back`: the contact waits again after so long; `end`: it is done with. Both name the reason for the log. */
export type PreviewMove =
  | { readonly act: "dial" }
  | { readonly act: "put-back"; readonly afterMs: number; readonly reason: string }
  | { readonly act: "end"; readonly reason: string }
  | { readonly act: "nothing" }
  | { readonly refused: string };

const withdrawnReasons: Readonly<Record<WithdrawnBecause, string>> = {
  campaign: "the campaign does not run any more",
  agent: "its agent is gone",
  person: "the person must not be called",
  server: "the server stops",
};

/** @param at epoch ms */
export function previewMove({ phase, until }: PreviewPlace, event: PreviewEvent, rules: DeskRules, at: number): PreviewMove {
  if (phase !== "shown") return event.kind === "dial" || event.kind === "skip" ? { refused: "You are calling them already." } : { act: "nothing" };
  switch (event.kind) {
    case "dial":
      return { act: "dial" };
    case "skip":
      return skip(event.code, rules);
    case "time-out":
      if (at < until) return { act: "nothing" };
      return rules.atTimeOut === "dial" ? { act: "dial" } : { act: "put-back", afterMs: 0, reason: "its agent did not decide in time" };
    case "withdraw":
      return { act: "put-back", afterMs: 0, reason: withdrawnReasons[event.why] };
  }
}

function skip(code: string, { skipReasons }: DeskRules): PreviewMove {
  const reason = skipReasons.find((each) => each.code === code);
  if (!reason) return { refused: `There is no reason ${code}; there are ${skipReasons.map((each) => each.code).join(", ") || "none"}.` };
  const said = `skipped by its agent: ${code}`;
  return reason.becomes === "done" ? { act: "end", reason: said } : { act: "put-back", afterMs: (reason.afterS ?? 0) * 1000, reason: said };
}

/** What an agent who called somebody themselves may say the call was, and how that is written down. */
export const judgements = {
  "no-answer": "nobody answered",
  busy: "the line was busy",
  "bad-number": "the number does not exist, or belongs to somebody else",
  machine: "a machine answered",
  "left-message": "a machine answered, and you left a message",
  fax: "a fax machine answered",
  human: "a person answered",
} as const;
export type Judgement = keyof typeof judgements;

export const judgementNames = Object.keys(judgements) as readonly Judgement[];

export function resultOf(judgement: Judgement): Result {
  return judgement === "left-message" ? "machine-message" : judgement;
}
