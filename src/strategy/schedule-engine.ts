import { DateTime } from "luxon";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { CampaignState } from "./campaign.ts";
import { nextStep, type Schedule } from "./schedule.ts";
import type { Scheduled, ScheduleStore, ScheduleView } from "./schedule-ports.ts";

/** What is done with campaigns of either kind. */
export interface ScheduledCampaigns {
  /** Faults: `campaign-state`, and whatever keeps it from running. */
  order(of: Scheduled, order: "start" | "stop"): Promise<void>;
  /** A draft like it. Faults: `campaign-exists`. */
  copy(of: Scheduled, name: string): Promise<Scheduled>;
  named(name: string): Promise<{ readonly of: Scheduled; readonly state: CampaignState } | undefined>;
}

export interface ScheduleParts {
  readonly schedules: ScheduleStore;
  readonly campaigns: ScheduledCampaigns;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks. Default 1 s. */
  readonly lookMs?: number;
}

/** A step that failed is tried again after so long, as is that of a process which died over it. */
const leaseMs = 60_000;
/** A run that is later than this, because no server was there, is left out. */
const mostLateMs = 3_600_000;
const ended: readonly CampaignState[] = ["finished", "stopped"];

/** Starts and stops campaigns when their schedules say so, each step by one node. */
export class ScheduleEngine {
  readonly #parts: ScheduleParts;
  readonly #end: () => Promise<void>;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    const { clock, lookMs = 1000, log } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "schedules of campaigns cannot be looked after; trying on"),
    );
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async look(): Promise<void> {
    const { schedules, clock, log } = this.#parts;
    for (const schedule of await schedules.due(clock.now())) {
      const until = clock.now() + leaseMs;
      if (!(await schedules.take(schedule, until))) continue;
      const { id, name, zone, next } = schedule;
      try {
        const trouble = next.step === "run" ? await this.#run(schedule, next.at) : await this.#order(schedule, next.step);
        await schedules.settle(id, until, nextStep(schedule, zone, Math.max(next.at, next.step === "run" ? clock.now() : 0)), trouble);
        log.info({ campaign: name, step: next.step, ...(trouble !== undefined && { trouble }) }, "a schedule was followed");
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await schedules.note(id, error.message);
        log.warn({ campaign: name, step: next.step, reason: error.message }, "a schedule could not be followed; tried again in a minute");
      }
    }
  }

  /** @returns why there was nothing to be done, for people */
  async #order({ of, stopAt }: ScheduleView, step: "start" | "stop"): Promise<string | undefined> {
    const { campaigns, clock } = this.#parts;
    if (step === "start" && stopAt !== undefined && clock.now() >= stopAt)
      return "it was to start while no server was there, and is to have stopped by now";
    try {
      await campaigns.order(of, step);
      return undefined;
    } catch (error) {
      // Somebody told it to already.
      if (error instanceof Fault && error.code === "campaign-state") return error.message;
      throw error;
    }
  }

  async #run({ id, of, name, zone, runForS }: ScheduleView, at: number): Promise<string | undefined> {
    const { schedules, campaigns, clock } = this.#parts;
    const leftOut = async (trouble: string) => {
      await schedules.addRun(id, { at, trouble });
      return trouble;
    };
    if (clock.now() > at + mostLateMs) return await leftOut("no server was there at that time");
    const [before] = await schedules.runs(of, 1);
    if (before?.at === at) return undefined;
    if (before?.made !== undefined && !ended.some((state) => state === before.made?.state))
      return await leftOut(`${before.made.name} had not ended by then`);
    // The name of the copy says which run it is: made by a process that died over it, it is there already.
    const copyName = `${name} ${DateTime.fromMillis(at, { zone }).toISODate()}`;
    const known = await campaigns.named(copyName);
    const made = known?.of ?? (await campaigns.copy(of, copyName));
    if (runForS !== undefined && (known === undefined || known.state === "draft")) {
      const schedule: Schedule = { stopAt: at + runForS * 1000, staysOpen: false };
      await schedules.set(made, schedule, nextStep(schedule, zone, clock.now()), "the schedule");
    }
    if (known === undefined || known.state === "draft" || known.state === "ready") await campaigns.order(made, "start");
    await schedules.addRun(id, { at, made });
    return undefined;
  }
}
