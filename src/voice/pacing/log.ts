import type { PacingChoice, PacingFacts } from "./choice.ts";
import type { PacingEvent } from "./event.ts";
import { Pacer, type PacerRecord } from "./pacer.ts";
import type { PacingPolicy } from "./policy.ts";

/**
 * A line of a pacing log, which is NDJSON. `start` is the first, and whenever a process takes the pacer over; what follows is what the pacer was told and asked, in order, and
 * what it chose. Nothing in it says who was called: calls and agents have ids.
 */
export type PacingLogEntry =
  | { readonly kind: "start"; readonly record: PacerRecord }
  | { readonly kind: "policy"; readonly policy: PacingPolicy }
  | { readonly kind: "event"; readonly event: PacingEvent }
  | { readonly kind: "kept" }
  | { readonly kind: "choice"; readonly facts: PacingFacts; readonly choice: PacingChoice };

/** A pacer that writes down all that `carillon pacing replay` needs to come to the same choices. */
export class LoggedPacer {
  readonly #pacer: Pacer;
  readonly #write: (entry: PacingLogEntry) => void;

  /** @param record how an earlier pacer of the campaign left off */
  constructor(policy: PacingPolicy, write: (entry: PacingLogEntry) => void, record?: PacerRecord) {
    this.#pacer = new Pacer(policy, record);
    this.#write = write;
    write({ kind: "start", record: this.#pacer.record() });
  }

  follow(policy: PacingPolicy): void {
    this.#write({ kind: "policy", policy });
    this.#pacer.follow(policy);
  }

  observe(event: PacingEvent): void {
    this.#write({ kind: "event", event });
    this.#pacer.observe(event);
  }

  decide(facts: PacingFacts): PacingChoice {
    const choice = this.#pacer.decide(facts);
    this.#write({ kind: "choice", facts, choice });
    return choice;
  }

  /**
   * The pacer as data, to be kept. Its tables are made anew then, so it is written down, too.
   * @param anew a log begins with it: what was written before is not needed to go on from here
   */
  record(anew = false): PacerRecord {
    if (!anew) this.#write({ kind: "kept" });
    const record = this.#pacer.record();
    if (anew) this.#write({ kind: "start", record });
    return record;
  }
}
