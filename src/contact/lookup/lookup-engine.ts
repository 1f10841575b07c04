import { againDespite } from "../../kernel/again.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { ageMsOf, subjectOf, unaskable } from "./exchange.ts";
import type { LookupOptions } from "./options.ts";
import type { LookupEnd, LookupProvider, LookupStore, TakenQuestion } from "./ports.ts";

/** One question as it ended, for whoever counts. */
export interface LookupEnding {
  readonly name: string;
  /** In ms. */
  readonly tookMs: number;
  readonly end: LookupEnd;
}

export interface LookupParts {
  readonly lookups: readonly LookupOptions[];
  readonly store: LookupStore;
  readonly provider: LookupProvider;
  readonly clock: Clock;
  readonly log: Log;
  readonly ended?: (ending: LookupEnding) => void;
  /** How often it looks. */
  readonly lookMs?: number;
}

/** Longer than a question takes: whoever took it has died by then. */
const leaseBesideMs = 30_000;
/** Before a question is asked once more: doubled each time. */
const firstPauseMs = 2000;
const longestPauseMs = 60_000;
/** Questions of campaigns are asked for so long ahead of the calls, and so many at least: they cost money, and grow old. */
const aheadS = 60;
const leastAhead = 50;

/** How often a node says which look-ups it has. */
const sayMs = 60_000;

/** How many questions of a look-up may wait for their answers. */
export function mostAhead({ maxPerSecond }: Pick<LookupOptions, "maxPerSecond">): number {
  return Math.max(leastAhead, Math.ceil(maxPerSecond * aheadS));
}

/** Asks what campaigns and lists want to know, in the pace of whoever is asked; any number of nodes do so at once, and none asks what another one does. */
export class Lookups {
  readonly #parts: LookupParts;
  readonly #busy = new Map<string, Set<Promise<void>>>();
  readonly #waiting = new Map<string, number>();
  readonly #troubled = new Set<string>();
  #said = 0;
  #end: () => Promise<void> = async () => {};

  constructor(parts: LookupParts) {
    this.#parts = parts;
    for (const { name } of parts.lookups) this.#busy.set(name, new Set());
  }

  /** Makes known which there are, and asks from then on. Rejects when the store cannot be written. */
  async start(): Promise<void> {
    const { lookups, clock, log, lookMs = 250 } = this.#parts;
    if (lookups.length === 0) return;
    await this.#say();
    const trouble = (error: unknown) => log.error({ err: error }, "nothing can be looked up; trying on");
    this.#end = againDespite(clock, lookMs, () => this.#look(), trouble);
  }

  /** Takes nothing more; resolves when what is under way has ended. */
  async close(): Promise<void> {
    await this.#end();
    await Promise.all([...this.#busy.values()].flatMap((busy) => [...busy]));
  }

  /** Whether one more person may be put aside for an answer of that look-up. */
  readonly mayWant = (name: string): boolean => {
    const options = this.#parts.lookups.find((each) => each.name === name);
    const waiting = this.#waiting.get(name) ?? 0;
    if (options === undefined || waiting >= mostAhead(options)) return false;
    this.#waiting.set(name, waiting + 1);
    return true;
  };

  /** Whoever wants one of them must know that there is somebody who asks. */
  async #say(): Promise<void> {
    const { lookups, store, clock } = this.#parts;
    await store.know(lookups.map(({ name, kind, by, dateField }) => ({ name, kind, by: subjectOf({ kind, by }), dateField })));
    this.#said = clock.now();
  }

  async #look(): Promise<void> {
    const { lookups, store, clock } = this.#parts;
    if (clock.now() - this.#said >= sayMs) await this.#say();
    const waiting = await store.waiting();
    for (const options of lookups) {
      const { name, maxConcurrent, maxPerSecond, timeoutMs } = options;
      this.#waiting.set(name, waiting[name] ?? 0);
      const busy = this.#busy.get(name);
      const room = maxConcurrent - (busy?.size ?? 0);
      if (!busy || room < 1 || !waiting[name]) continue;
      const taken = await store.take(name, room, { perSecond: maxPerSecond, leaseMs: timeoutMs + leaseBesideMs });
      for (const question of taken) {
        const asking: Promise<void> = this.#ask(options, question).finally(() => busy.delete(asking));
        busy.add(asking);
      }
    }
  }

  /** Never rejects: what cannot be kept is asked again when its lease is over. */
  async #ask(options: LookupOptions, question: TakenQuestion): Promise<void> {
    const { provider, clock, log, ended } = this.#parts;
    const { name } = options;
    try {
      const known = unaskable(options, question);
      if (known !== undefined) return await this.#keep(options, question, { end: "answered", answer: known });
      const begun = clock.now();
      const end = await provider.ask(name, question);
      ended?.({ name, tookMs: clock.now() - begun, end });
      this.#tell(name, end);
      await this.#keep(options, question, end);
    } catch (error) {
      log.warn({ err: error, lookup: name }, "an answer could not be kept; it is asked for again");
    }
  }

  async #keep(options: LookupOptions, question: TakenQuestion, end: LookupEnd): Promise<void> {
    const { store } = this.#parts;
    const { name, retries, againMin } = options;
    if (end.end === "answered") return await store.answered(name, question, end.answer, ageMsOf(options));
    const over = !end.again || question.tries >= retries;
    const inMs = over ? againMin * 60_000 : Math.min(longestPauseMs, firstPauseMs * 2 ** question.tries);
    await store.failed(name, question, end.reason, { inMs, over });
  }

  /** A server that fails is said once, and once that it answers again. */
  #tell(name: string, end: LookupEnd): void {
    const { log } = this.#parts;
    if (end.end === "failed" && !this.#troubled.has(name)) {
      this.#troubled.add(name);
      log.warn({ lookup: name, reason: end.reason }, "a look-up got no answer");
    }
    if (end.end === "answered" && this.#troubled.delete(name)) log.info({ lookup: name }, "a look-up is answered again");
  }
}
