import type { Random } from "../../kernel/random.ts";

const firstMs = 500;
const longestMs = 30_000;

/** How long a bind keeps back after ESME_RTHROTTLED or ESME_RMSGQFUL: twice as long each time in a row, with chance in it. */
export class Throttle {
  readonly #random: Random;
  #times = 0;
  #until = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Epoch ms; nothing leaves before. */
  get until(): number {
    return this.#until;
  }

  /** A submit of that time was refused. What had left before the bind kept back says nothing new. */
  refused(sentAt: number, now: number): void {
    if (this.#times > 0 && sentAt < this.#until) return;
    this.#times += 1;
    this.#until = now + Math.min(longestMs, firstMs * 2 ** (this.#times - 1)) * (0.5 + this.#random.next());
  }

  accepted(sentAt: number): void {
    if (sentAt >= this.#until) this.#times = 0;
  }
}
