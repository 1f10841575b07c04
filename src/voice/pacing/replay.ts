import type { PacingChoice, PacingFacts } from "./choice.ts";
import { isLogEntry } from "./log-schema.ts";
import { Pacer } from "./pacer.ts";

/** Where a replay first comes to something else. */
export interface ReplayDifference {
  readonly line: number;
  readonly facts: PacingFacts;
  readonly logged: PacingChoice;
  readonly replayed: PacingChoice;
}

/** Goes through a pacing log line by line, telling a new pacer what the old one was told. */
export class Replay {
  #pacer: Pacer | undefined;
  #line = 0;
  choices = 0;
  events = 0;

  /**
   * @returns the difference, if the choice of this line is another one now
   * @throws RangeError with the line and what is wrong with it
   */
  next(text: string): ReplayDifference | undefined {
    this.#line += 1;
    if (text.trim() === "") return undefined;
    const entry = this.#read(text);
    if (entry.kind === "start") {
      this.#pacer = new Pacer(entry.record.policy, entry.record);
      return undefined;
    }
    const pacer = this.#pacer;
    if (!pacer) throw new RangeError(`line ${this.#line} comes before any line of the kind "start", so nothing says how the pacer stood`);
    switch (entry.kind) {
      case "policy":
        pacer.follow(entry.policy);
        return undefined;
      case "kept":
        pacer.record();
        return undefined;
      case "event":
        this.events += 1;
        pacer.observe(entry.event);
        return undefined;
      case "choice": {
        this.choices += 1;
        const { facts, choice: logged } = entry;
        const replayed = pacer.decide(facts);
        return JSON.stringify(replayed) === JSON.stringify(logged) ? undefined : { line: this.#line, facts, logged, replayed };
      }
    }
  }

  #read(text: string) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new RangeError(`line ${this.#line} is no JSON`);
    }
    if (!isLogEntry(value)) throw new RangeError(`line ${this.#line} is no line of a pacing log`);
    return value;
  }
}
