import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import type { BindOptions } from "../../sms/options.ts";
import { Connection, type OnDelivered, type Role } from "./connection.ts";

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A connection that was up for so long was a good one: the next pause is a short one again. */
const goodMs = 60_000;

export interface LinkEvents {
  readonly onChange: () => void;
  readonly onDelivered: OnDelivered;
}

/** One session with an SMSC that is made anew whenever it breaks: after a pause that grows, with chance in it, so that nodes do not come back all at once. */
export class Link {
  readonly #options: BindOptions;
  readonly #role: Role;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #events: LinkEvents;
  #connection: Connection | undefined;
  #timer: Timer | undefined;
  #tries = 0;
  #closed = false;
  up = false;
  /** Why it is down. */
  note: string | undefined = "connecting";

  constructor(options: BindOptions, role: Role, clock: Clock, random: Random, log: Log, events: LinkEvents) {
    this.#options = options;
    this.#role = role;
    this.#clock = clock;
    this.#random = random;
    this.#log = log;
    this.#events = events;
  }

  get submits(): boolean {
    return this.#role !== "receiver";
  }

  /** The connection that takes submits, and how many. */
  get connection(): Connection | undefined {
    return this.up ? this.#connection : undefined;
  }

  get room(): number {
    return this.submits ? (this.connection?.room ?? 0) : 0;
  }

  open(): void {
    let upAt: number | undefined;
    this.#connection = new Connection(this.#options, this.#role, this.#clock, {
      onUp: () => {
        upAt = this.#clock.now();
        this.up = true;
        this.note = undefined;
        this.#log.info({ role: this.#role }, "bound");
        this.#events.onChange();
      },
      onDown: (why) => {
        this.up = false;
        this.note = why;
        if (this.#closed) return;
        if (upAt !== undefined && this.#clock.now() - upAt >= goodMs) this.#tries = 0;
        const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#tries) * (0.5 + this.#random.next() / 2);
        this.#tries = Math.min(this.#tries + 1, 10);
        this.#log.warn({ role: this.#role, reason: why, againInMs: Math.round(pauseMs) }, "no bind");
        this.#timer = this.#clock.after(pauseMs, () => this.open());
        this.#events.onChange();
      },
      onDelivered: this.#events.onDelivered,
    });
  }

  /** An answer came: this is a good one. */
  trust(): void {
    this.#tries = 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#connection?.close();
  }
}
