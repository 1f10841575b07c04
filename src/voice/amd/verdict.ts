/** Who or what answered. `machine-beep` is a machine that is listening now. */
export type Outcome = "human" | "machine" | "machine-beep" | "fax" | "sit" | "silence" | "unknown";

/** Why: the rule that decided. */
export type Cause =
  | "quiet-after-greeting"
  | "background"
  | "long-greeting"
  | "beep"
  | "answering-tone"
  | "calling-tone"
  | "special-information-tones"
  | "ringback"
  | "busy"
  | "no-speech"
  | "no-decision"
  | "not-heard";

/** A span of time, ms from the first sample. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What the detector holds so far. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly cause: Cause;
  /** When this was decided, ms from the first sample. */
  readonly atMs: number;
  /** From the first word to the last one before the decision. */
  readonly speech?: Span;
  readonly beep?: Span;
}

/** The beep, quiet after the greeting, or the end of patience: from here on a machine may be spoken to. */
export interface MessagePlace {
  readonly by: "beep" | "silence" | "timeout";
  readonly atMs: number;
}

/** What the verdict makes of whoever answered. Silence and doubt are treated as a person: nobody is hung up on for being quiet. */
export function answeredBy(outcome: Outcome): "person" | "machine" | "nobody" {
  switch (outcome) {
    case "human":
    case "silence":
    case "unknown":
      return "person";
    case "machine":
    case "machine-beep":
      return "machine";
    case "fax":
    case "sit":
      return "nobody";
  }
}
