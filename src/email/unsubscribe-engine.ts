import type { AttemptLog } from "../attempt/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { attemptOfUnsubscribe, type UnsubscribeScope } from "./link.ts";

export interface UnsubscribesParts {
  /** For marks. Undefined: there is no e-mail, and no mark is good. */
  readonly key: string | undefined;
  /** A page of the customer's own, with {mark} and perhaps {scope} in it. */
  readonly ownPage: string | undefined;
  readonly attempts: Pick<AttemptLog, "effect">;
  readonly clock: Clock;
  readonly log: Log;
}

/** What people's unsubscribe links do. */
export class Unsubscribes {
  readonly #parts: UnsubscribesParts;

  constructor(parts: UnsubscribesParts) {
    this.#parts = parts;
  }

  /** Whether the mark stands in an e-mail of ours. Nobody is asked. */
  knows(mark: string): boolean {
    return this.#attemptOf(mark) !== undefined;
  }

  /** Where people are sent instead of our own page; undefined: nowhere. */
  pageFor(mark: string, scope: UnsubscribeScope): string | undefined {
    return this.#parts.ownPage?.replaceAll("{mark}", encodeURIComponent(mark)).replaceAll("{scope}", scope);
  }

  /**
   * The person wants no more e-mail, of ours or of the campaign. Kept when it resolves; said again, nothing more happens.
   * @returns false when the mark is none of ours
   */
  async take(mark: string, scope: UnsubscribeScope, how: string): Promise<boolean> {
    const { attempts, clock, log } = this.#parts;
    const attemptId = this.#attemptOf(mark);
    if (attemptId === undefined) return false;
    try {
      await attempts.effect(attemptId, clock.now(), [{ kind: "suppress", channels: ["email"], scope, reason: `unsubscribed: ${how}` }]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === "attempt-unknown") return false;
      // Kept on disk by then, and written as soon as the database is there.
      if (error.code !== "effect-late") throw error;
    }
    log.info({ attempt: attemptId, scope, how }, "somebody wants no more e-mail");
    return true;
  }

  #attemptOf(mark: string): string | undefined {
    const { key } = this.#parts;
    return key === undefined ? undefined : attemptOfUnsubscribe(key, mark);
  }
}
