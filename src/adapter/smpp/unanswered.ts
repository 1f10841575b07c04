import type { Clock, Timer } from "../../kernel/clock.ts";

/** What became of a request: its response, or why none will come. */
export type Answer = { readonly status: number; readonly pdu: Buffer } | { readonly lost: string };

interface Request {
  readonly at: number;
  readonly take: (answer: Answer) => void;
}

/** Requests on one connection that wait for their responses, by sequence number. Responses come in any order; nothing waits longer than the time-out. */
export class Unanswered {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** In the order of their sending: the oldest comes first. */
  readonly #requests = new Map<number, Request>();
  #timer: Timer | undefined;
  #sequence: number;

  /** @param sequence the number before the first one */
  constructor(clock: Clock, timeoutMs: number, sequence = 0) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#sequence = sequence;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** A sequence number for a request (1 to 0x7fffffff, SMPP 3.4 §5.1.4), whose answer goes to `take`. */
  add(take: (answer: Answer) => void): number {
    do this.#sequence = this.#sequence >= 0x7fffffff ? 1 : this.#sequence + 1;
    while (this.#requests.has(this.#sequence));
    this.#requests.set(this.#sequence, { at: this.#clock.now(), take });
    this.#watch();
    return this.#sequence;
  }

  /** @returns false when nobody waits for it: it came too late, or twice, or was made up */
  answer(sequence: number, status: number, pdu: Buffer): boolean {
    const request = this.#requests.get(sequence);
    if (!request) return false;
    this.#requests.delete(sequence);
    request.take({ status, pdu });
    return true;
  }

  /** No response will come any more. */
  lose(why: string): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { take } of requests) take({ lost: why });
  }

  #watch(): void {
    const [oldest] = this.#requests.values();
    if (this.#timer || !oldest) return;
    const leftMs = Math.min(this.#timeoutMs, oldest.at + this.#timeoutMs - this.#clock.now());
    this.#timer = this.#clock.after(Math.max(0, leftMs), () => {
      this.#timer = undefined;
      const now = this.#clock.now();
      const late: Request[] = [];
      for (const [sequence, request] of this.#requests) {
        if (request.at + this.#timeoutMs > now) break;
        this.#requests.delete(sequence);
        late.push(request);
      }
      for (const { take } of late) take({ lost: `no answer within ${this.#timeoutMs} ms` });
      this.#watch();
    });
  }
}
