import type { Result } from "../attempt/result.ts";
import { hoursThere } from "../compliance/calendar.ts";
import type { OwnCalendars } from "../compliance/calendar-ports.ts";
import { hoursOf, openInEvery, type WallHours } from "../compliance/calling-window.ts";
import { legalHours } from "../compliance/legal-hours.ts";
import { windowOf } from "./new-campaign.ts";
import { Heap } from "./simulate-heap.ts";
import type { Pass } from "./strategy.ts";

/** Somebody who waits in a pass. */
export interface Waiting {
  /** Epoch ms. */
  readonly dueAt: number;
  /** Of those who are due at the same time the smallest comes first. */
  readonly rank: number;
  readonly person: number;
  /** Which of the person's addresses is to be tried. */
  readonly address: number;
  /** Told from the waiting of the same person that was withdrawn. */
  readonly ticket: number;
}

export interface PassFigures {
  people: number;
  notMeant: number;
  attempts: number;
  readonly results: Partial<Record<Result, number>>;
  firstAt: number | undefined;
  /** When the last attempt was over. */
  lastAt: number | undefined;
}

/** Who waits in a pass, and when the next of them may be tried: within hours, rate and lines. */
export class SimulatedPass {
  readonly pass: Pass;
  readonly figures: PassFigures = { people: 0, notMeant: 0, attempts: 0, results: {}, firstAt: undefined, lastAt: undefined };
  readonly #hours: readonly WallHours[];
  readonly #lines: number;
  readonly #waiting = new Heap<Waiting>(
    (a, b) => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && (a.rank < b.rank || (a.rank === b.rank && a.ticket < b.ticket))),
  );
  readonly #ends = new Heap<number>((a, b) => a < b);
  #slotAt = 0;

  constructor(pass: Pass, calendars: OwnCalendars | undefined, agents: number) {
    this.pass = pass;
    const window = windowOf(pass);
    // Where people are is not known here: days of a region hold for all of them.
    const named = (window.holidays ?? []).flatMap((name) => calendars?.of(name) ?? []);
    const laws = (pass.laws ?? []).flatMap((place) => legalHours.hoursOf(place) ?? []);
    this.#hours = [hoursOf(window), ...laws, ...named.flatMap((calendar) => hoursThere(calendar, []))];
    const lines = "maxLines" in pass ? pass.maxLines : Number.POSITIVE_INFINITY;
    this.#lines = pass.channel === "voice-agent" ? Math.min(lines, agents) : lines;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  pop(): Waiting | undefined {
    return this.#waiting.pop();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * When whoever is next may be tried; undefined when nobody waits.
   * @param valid whether somebody still waits, and in which zone
   */
  nextAt(valid: (waiting: Waiting) => string | undefined): number | undefined {
    for (;;) {
      const head = this.#waiting.peek();
      if (head === undefined) return undefined;
      const zone = valid(head);
      if (zone === undefined) {
        this.#waiting.pop();
        continue;
      }
      const at = Math.max(head.dueAt, this.#slotAt, this.#freeAt());
      const state = openInEvery(
        at,
        this.#hours.map((hours) => ({ zone, hours })),
      );
      if (state.open) return at;
      this.#waiting.pop();
      if (state.opensAt !== undefined) this.#waiting.push({ ...head, dueAt: state.opensAt });
    }
  }

  /** An attempt is made. */
  take(at: number, endsAt: number, result: Result): void {
    const { figures } = this;
    this.#slotAt = at + 1000 / this.pass.maxCps;
    if (this.#lines !== Number.POSITIVE_INFINITY) {
      while ((this.#ends.peek() ?? Number.POSITIVE_INFINITY) <= at) this.#ends.pop();
      this.#ends.push(endsAt);
    }
    figures.attempts += 1;
    figures.results[result] = (figures.results[result] ?? 0) + 1;
    figures.firstAt ??= at;
    figures.lastAt = Math.max(figures.lastAt ?? 0, endsAt);
  }

  #freeAt(): number {
    return this.#ends.size < this.#lines ? 0 : (this.#ends.peek() ?? 0);
  }
}

/** How long attempts take, in seconds: what they cost in lines and agents, and when what follows begins. */
const secondsOf: Partial<Readonly<Record<Result, number>>> = {
  human: 60,
  "machine-message": 45,
  machine: 8,
  busy: 3,
  rejected: 5,
  fax: 8,
  silence: 8,
  undelivered: 600,
  expired: 86_400,
};
const agentTalkS = 150;

/** In seconds. */
export function lastsS(pass: Pass, result: Result): number {
  if (result === "human" && pass.channel === "voice-agent") return agentTalkS;
  if (result === "no-answer" && "ringTimeoutMs" in pass) return pass.ringTimeoutMs / 1000;
  return secondsOf[result] ?? 2;
}
