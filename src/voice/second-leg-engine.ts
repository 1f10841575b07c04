import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { SecondLeg, SecondLegStore } from "./second-leg-ports.ts";

export interface SecondLegsParts {
  readonly store: Pick<SecondLegStore, "keep" | "forget">;
  readonly clock: Clock;
  readonly log: Log;
}

/** One leg, as it goes on. Nothing here rejects. */
export interface NotedLeg {
  /** Resolves when it is written that it is about to leave. */
  readonly noted: Promise<void>;
  answered(): void;
  /** It is over, answered or not; a second call does nothing. */
  ended(): void;
}

/** What ended over one trunk since the start of this process. */
export interface SecondLegCount {
  readonly trunk: string;
  readonly kind: SecondLeg["kind"];
  readonly answered: number;
  readonly unanswered: number;
  /** How long those lasted that were answered. */
  readonly talkMs: number;
}

/** What the database did not take is told to it again after so long. */
const againMs = 2000;

/** Writes down which trunks second legs take, when they were answered and when they ended: the reports count what they cost. */
export class SecondLegs {
  readonly #parts: SecondLegsParts;
  readonly #counts = new Map<string, SecondLegCount>();
  readonly #writing = new Set<Promise<void>>();
  readonly #closed = Promise.withResolvers<void>();
  #closing = false;

  constructor(parts: SecondLegsParts) {
    this.#parts = parts;
  }

  get counts(): readonly SecondLegCount[] {
    return [...this.#counts.values()];
  }

  /** A leg that is about to leave. */
  begin(leg: Pick<SecondLeg, "dialogId" | "trunk" | "kind" | "attemptId" | "agentId">): NotedLeg {
    const { clock } = this.#parts;
    let now: SecondLeg = { ...leg, beganAt: clock.now() };
    const writer = this.#writer(leg);
    return {
      noted: writer(now),
      answered: () => {
        if (now.answeredAt !== undefined || now.endedAt !== undefined) return;
        now = { ...now, answeredAt: clock.now() };
        void writer(now);
      },
      ended: () => {
        if (now.endedAt !== undefined) return;
        now = { ...now, endedAt: clock.now() };
        this.#count(now);
        void writer(now);
      },
    };
  }

  /** Resolves when all is written that was said, or cannot be. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#closed.resolve();
    await Promise.all(this.#writing);
  }

  /** Writes how a leg stands, one thing after the other; of what has changed in between only the last. */
  #writer(leg: Pick<SecondLeg, "trunk">): (now: SecondLeg) => Promise<void> {
    const { log } = this.#parts;
    let wanted: SecondLeg | undefined;
    let working: Promise<void> | undefined;
    const work = async () => {
      for (let troubled = false; wanted !== undefined && !(troubled && this.#closing); ) {
        const now: SecondLeg = wanted;
        try {
          await this.#write(now);
          troubled = false;
          if (wanted === now) wanted = undefined;
        } catch (error) {
          if (!troubled) log.warn({ err: error, trunk: leg.trunk }, "a second leg could not be written down; trying again");
          troubled = true;
          await this.#rest();
        }
      }
      working = undefined;
    };
    return (now) => {
      wanted = now;
      if (working) return working;
      const done = work().finally(() => this.#writing.delete(done));
      working = done;
      this.#writing.add(done);
      return done;
    };
  }

  #write(leg: SecondLeg): Promise<void> {
    const { store } = this.#parts;
    return leg.endedAt !== undefined && leg.answeredAt === undefined ? store.forget(leg.dialogId) : store.keep(leg);
  }

  async #rest(): Promise<void> {
    let timer: Timer | undefined;
    const over = new Promise<void>((resolve) => {
      timer = this.#parts.clock.after(againMs, resolve);
    });
    await Promise.race([over, this.#closed.promise]);
    timer?.cancel();
  }

  #count({ trunk, kind, answeredAt, endedAt = 0 }: SecondLeg): void {
    const key = `${kind} ${trunk}`;
    const { answered, unanswered, talkMs } = this.#counts.get(key) ?? { answered: 0, unanswered: 0, talkMs: 0 };
    const counted =
      answeredAt === undefined
        ? { answered, unanswered: unanswered + 1, talkMs }
        : { answered: answered + 1, unanswered, talkMs: talkMs + Math.max(0, endedAt - answeredAt) };
    this.#counts.set(key, { trunk, kind, ...counted });
  }
}
