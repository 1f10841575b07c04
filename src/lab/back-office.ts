import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { intBetween, pick, type Random } from "../kernel/random.ts";

/** What a system of the customer was asked, and what it answered. */
export interface OfficeEntry {
  readonly atMs: number;
  readonly webhook: string;
  /** As it came, without what it was to be paid with. */
  readonly attempt: string;
  readonly key: string;
  readonly answer: Readonly<Record<string, string>>;
}

/** Keys asked for again get the same answer; more of them than a lab ever sees are forgotten. */
const mostEntries = 100_000;
const hours = ["09:00", "10:30", "14:15", "16:45"];
const dayMs = 86_400_000;

/**
 * The systems of a bank and of a practice, which the scripts that ship ask during a call: `take_payment`, `find_appointment` and
 * `move_appointment`. Who asks twice with one idempotencyKey is answered once more, and nothing is done twice. They keep books too.
 */
export class BackOffice {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #entries = new Map<string, OfficeEntry>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get entries(): readonly OfficeEntry[] {
    return [...this.#entries.values()];
  }

  /** @throws Fault `no-such-webhook`, `not-a-question` */
  ask(webhook: string, question: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
    const { idempotencyKey, attemptId } = question;
    if (typeof idempotencyKey !== "string" || typeof attemptId !== "string")
      throw new Fault("not-a-question", "a question has an attemptId and an idempotencyKey, both texts");
    const key = `${webhook} ${idempotencyKey}`;
    const known = this.#entries.get(key);
    if (known) return known.answer;
    const answer = this.#answer(webhook);
    if (this.#entries.size >= mostEntries) this.#entries.delete(this.#entries.keys().next().value ?? "");
    this.#entries.set(key, { atMs: this.#clock.now(), webhook, attempt: attemptId, key: idempotencyKey, answer });
    return answer;
  }

  #answer(webhook: string): Readonly<Record<string, string>> {
    const random = this.#random;
    switch (webhook) {
      case "take_payment":
        if (random.next() < 0.15) return { result: "declined" };
        return { result: "paid", receipt: `${pick(random, ["A", "B", "C"])}${intBetween(random, 10, 99)}` };
      case "find_appointment": {
        if (random.next() < 0.1) return { result: "none" };
        const date = new Date(this.#clock.now() + intBetween(random, 2, 14) * dayMs).toISOString().slice(0, 10);
        return { result: "found", date, time: pick(random, hours) };
      }
      case "move_appointment":
        return { result: random.next() < 0.9 ? "moved" : "taken" };
      default:
        throw new Fault("no-such-webhook", `the lab has no ${webhook}; it has take_payment, find_appointment and move_appointment`);
    }
  }
}
