import type { Log } from "../kernel/log.ts";
import type { KeptLeg, PhoneLegs } from "./phone-store-ports.ts";

/** Writes down one leg to a telephone, in the order in which things happen to it. Nothing here rejects. */
export class PhoneNotes {
  readonly #legs: PhoneLegs;
  readonly #leg: KeptLeg;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();

  /** @param leg what is known from the beginning and stays */
  constructor(legs: PhoneLegs, leg: KeptLeg, log: Log) {
    this.#legs = legs;
    this.#leg = leg;
    this.#log = log;
  }

  /** How it stands now, beside what stays. */
  write(more: Pick<KeptLeg, "transactionId" | "ringsUntil" | "attemptId">): Promise<void> {
    return this.#then(() => this.#legs.keep({ ...this.#leg, ...more }));
  }

  /** It is over. */
  forget(): Promise<void> {
    return this.#then(() => this.#legs.forget(this.#leg.dialogId));
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => this.#log.warn({ err: error }, "a leg to a telephone could not be noted"));
    return this.#last;
  }
}
