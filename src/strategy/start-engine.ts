import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { ScheduledCampaigns } from "./schedule-engine.ts";
import type { LeftStart, StartStore } from "./start-ports.ts";

export interface LeftStartsParts {
  readonly starts: StartStore;
  readonly campaigns: Pick<ScheduledCampaigns, "order">;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks. Default 10 s. */
  readonly lookMs?: number;
}

/** As a run of a schedule: what nobody could start for so long is not wanted any more without somebody saying so. */
const mostLateMs = 3_600_000;

/** Takes up the starts of campaigns over which a server died that had promised to go on with them. */
export class LeftStarts {
  readonly #parts: LeftStartsParts;
  readonly #end: () => Promise<void>;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: LeftStartsParts) {
    this.#parts = parts;
    const { clock, log, lookMs = 10_000 } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "starts of campaigns that were left cannot be looked after; trying on"),
    );
  }

  /** Nothing is taken up any more; what is under way here ends with nothing done, and others take it up. */
  async close(): Promise<void> {
    await this.#end();
    await this.#parts.starts.breakOff();
    await Promise.all(this.#underWay);
  }

  /** Begins with what was left. A start takes minutes: it is not waited for. */
  async look(): Promise<void> {
    for (const left of await this.#parts.starts.takeLeft()) {
      const start = this.#start(left).finally(() => this.#underWay.delete(start));
      this.#underWay.add(start);
    }
  }

  async #start({ of, name, seenAt }: LeftStart): Promise<void> {
    const { starts, campaigns, clock, log } = this.#parts;
    try {
      if (clock.now() - seenAt > mostLateMs) {
        await starts.forget(of);
        log.warn({ campaign: name }, "the start of a campaign was broken off longer than an hour ago: it is a draft, and started by nobody any more");
        return;
      }
      log.warn({ campaign: name }, "a server died while it started the campaign: taken up");
      await campaigns.order(of, "start");
      log.info({ campaign: name }, "the start that was broken off is done");
    } catch (error) {
      // Somebody else is at it, or it can be done later.
      if (error instanceof Fault && error.retryable) return;
      await starts.forget(of).catch(() => undefined);
      log.error({ err: error, campaign: name }, "a start that was broken off could not be taken up; the campaign is as it was before");
    }
  }
}
