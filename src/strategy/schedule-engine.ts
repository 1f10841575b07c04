import { DateTime } from "luxon";
import { again, againDespite } from "../kernel/again.ts";
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
  /** A step that failed is tried again after so long, as is that of a process which died over it. Default one minute. */
  readonly leaseMs?: number;
}

/** A run that is later than this, because no server was there, is left out. */
const mostLateMs = 3_600_000;
const ended: readonly CampaignState[] = ["finished", "stopped"];

/** So often, in the time that a step is taken for, whoever is at one that takes long says so, as at the start of a campaign over a long list. */
const holds = 3;
/** Others are not kept waiting for it longer than this. */
const soonMs = 5000;

type Due = Awaited<ReturnType<ScheduleStore["due"]>>[number];

/** Starts and stops campaigns when their schedules say so, each step by one node. */
export class ScheduleEngine {
  readonly #parts: ScheduleParts;
  readonly #end: () => Promise<void>;
  #closed = false;
  /** Steps that are being done, by schedule. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    const { clock, lookMs = 1000, log } = parts;
    const trouble = (error: unknown) => log.error({ err: error }, "schedules of campaigns cannot be looked after; trying on");
    this.#end = againDespite(clock, lookMs, () => this.#soon(trouble), trouble);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
    await Promise.allSettled(this.#underWay.values());
  }

  /** Resolves when all that is due is done, but for what is being done already. */
  async look(): Promise<void> {
    const { schedules, clock } = this.#parts;
    const all = await schedules.due(clock.now());
    // A look that took long is not waited for.
    const due = this.#closed ? [] : all.filter(({ id }) => !this.#underWay.has(id));
    await Promise.all(
      due.map((schedule) => {
        const step = this.#follow(schedule).finally(() => this.#underWay.delete(schedule.id));
        this.#underWay.set(schedule.id, step);
        return step;
      }),
    );
  }

  /** A look that takes long holds up no other. */
  async #soon(trouble: (error: unknown) => void): Promise<void> {
    const waited = Promise.withResolvers<boolean>();
    const timer = this.#parts.clock.after(soonMs, () => waited.resolve(true));
    const look = this.look();
    try {
      if (await Promise.race([look, waited.promise])) look.catch(trouble);
    } finally {
      timer.cancel();
    }
  }

  async #follow(schedule: Due): Promise<void> {
    const { schedules, clock, log, leaseMs = 60_000 } = this.#parts;
    let until = clock.now() + leaseMs;
    if (!(await schedules.take(schedule, until))) return;
    const { id, name, zone, next } = schedule;
    const letGo = again(clock, leaseMs / holds, async () => {
      const later = clock.now() + leaseMs;
      // Away for the moment, perhaps: what it was taken for is longer than that.
      const held = await schedules.hold(id, until, later).catch(() => undefined);
      if (held) until = later;
      return held !== false;
    });
    try {
      const trouble = await (next.step === "run" ? this.#run(schedule, next.at) : this.#order(schedule, next.step)).finally(letGo);
      await schedules.settle(id, until, nextStep(schedule, zone, Math.max(next.at, next.step === "run" ? clock.now() : 0)), trouble);
      log.info({ campaign: name, step: next.step, ...(trouble !== undefined && { trouble }) }, "a schedule was followed");
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await schedules.note(id, error.message);
      log.warn({ campaign: name, step: next.step, reason: error.message }, "a schedule could not be followed; tried again in a minute");
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
      // Somebody told it to already. Whether one that is being started will run is not known yet.
      if (error instanceof Fault && error.code === "campaign-state" && !error.retryable) return error.message;
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
