import type { Clock } from "../../kernel/clock.ts";
import { Afterwards, type Delivery } from "./deliveries.ts";
import type { Esme } from "./esme.ts";
import type { SmsBooks } from "./sms-books.ts";

/** An ESME that says it cannot take something now is brought it again so often, after so long. */
const mostTries = 50;
const againMs = 200;
/** ESME_RX_P_APPN (SMPP 3.4 §5.1.3): it will never take it. */
const neverStatus = 0x65;

interface Waiting {
  readonly delivery: Delivery;
  tries: number;
}

/** What the SMSC has for one account, until it was taken: on any of its connections, in the order of coming. */
export class Postbox {
  readonly #clock: Clock;
  readonly #books: SmsBooks;
  readonly #afterwards: Afterwards;
  readonly #esmes = new Set<Esme>();
  readonly #tries = new WeakMap<Delivery, number>();
  #waiting: Waiting[] = [];

  constructor(clock: Clock, books: SmsBooks) {
    this.#clock = clock;
    this.#books = books;
    this.#afterwards = new Afterwards(clock);
  }

  put(delivery: Delivery): void {
    this.#waiting.push({ delivery, tries: 0 });
    this.#bring();
  }

  /** A connection has room. */
  serve(esme: Esme): void {
    this.#esmes.add(esme);
    this.#bring();
  }

  gone(esme: Esme, unanswered: readonly Delivery[]): void {
    this.#esmes.delete(esme);
    for (const delivery of unanswered) this.#note(delivery, null);
    this.#waiting.unshift(...unanswered.map((delivery) => ({ delivery, tries: this.#tries.get(delivery) ?? 0 })));
    this.#bring();
  }

  close(): void {
    this.#afterwards.close();
  }

  #bring(): void {
    for (const esme of this.#esmes) {
      while (esme.takesDeliveries) {
        const next = this.#waiting.shift();
        if (!next) return;
        this.#tries.set(next.delivery, next.tries);
        esme.deliver(next.delivery, (status) => this.#answered(next, status));
      }
    }
  }

  #answered({ delivery, tries }: Waiting, status: number): void {
    this.#note(delivery, status);
    if (status === 0 || status === neverStatus || tries >= mostTries) return;
    this.#afterwards.in(againMs, () => {
      this.#waiting.push({ delivery, tries: tries + 1 });
      this.#bring();
    });
  }

  #note({ kind, id, stat, from, to }: Delivery, status: number | null): void {
    this.#books.deliver({ at: this.#clock.now(), kind, id, stat, from, to, status });
  }
}
