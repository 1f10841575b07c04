import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { attemptOfClick } from "./click.ts";
import type { ClickStore } from "./ports.ts";

export interface ClicksParts {
  /** For marks. Undefined: there is no e-mail, and no link is one of ours. */
  readonly key: string | undefined;
  readonly store: ClickStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** What people click on in e-mails. */
export class Clicks {
  readonly #parts: ClicksParts;

  constructor(parts: ClicksParts) {
    this.#parts = parts;
  }

  /** The attempt in whose e-mail the link stood; undefined when it is none of ours. Nobody is asked. */
  attemptOf(mark: string, target: string): string | undefined {
    const { key } = this.#parts;
    return key === undefined ? undefined : attemptOfClick(key, mark, target);
  }

  /**
   * Writes down that somebody followed it. Each link of a message counts once, whoever follows it however often: what looks at links for the person does not
   * count beside them. Never rejects: people get where they want to also while the database is away.
   */
  async count(attemptId: string, target: string, program: string): Promise<void> {
    const { store, clock, log } = this.#parts;
    try {
      if (await store.clicked({ attemptId, target, at: clock.now(), program })) log.info({ attempt: attemptId }, "somebody followed a link");
    } catch (error) {
      log.error({ err: error, attempt: attemptId }, "a click could not be written down");
    }
  }
}
