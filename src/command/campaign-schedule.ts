import { systemClock } from "../adapter/system/clock.ts";
import { scheduledCampaign, setSchedule } from "../api/campaign-schedule.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { durationText, parseDuration } from "../strategy/read-duration.ts";
import type { Schedule } from "../strategy/schedule.ts";
import type { Scheduled, ScheduleView } from "../strategy/schedule-ports.ts";
import { findCampaign } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

export interface ScheduleOptions extends CommonOptions {
  readonly start?: string;
  readonly stop?: string;
  readonly every?: string;
  readonly for?: string;
  readonly staysOpen?: boolean;
  readonly off?: boolean;
}

/** `carillon campaign schedule NAME …`: gives it one, takes it away, or shows the one it has. */
export function scheduleCampaign(name: string, { start, stop, every, for: runFor, staysOpen, off, ...options }: ScheduleOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const of = await scheduledOf(stores, name);
    const { schedules } = stores;
    const parts = { ...stores, clock: systemClock };
    if (off) return (await schedules.remove(of)) ? `Campaign ${name} has no schedule any more.` : `Campaign ${name} has no schedule.`;
    if (start === undefined && stop === undefined && every === undefined && runFor === undefined && staysOpen === undefined) {
      await scheduledCampaign(of, parts);
      const known = await schedules.find(of);
      return known === undefined ? `Campaign ${name} has no schedule.` : scheduleText(known);
    }
    const runForS = runFor === undefined ? undefined : parseDuration(runFor);
    if (runFor !== undefined && runForS === undefined) throw new Fault("campaign-invalid", `--for ${oneLine(runFor)}: write it as 8 h, or 90 min.`);
    const schedule: Schedule = {
      staysOpen: staysOpen ?? false,
      ...(start !== undefined && { startAt: timeOf(start, "--start") }),
      ...(stop !== undefined && { stopAt: timeOf(stop, "--stop") }),
      ...(every !== undefined && { every }),
      ...(runForS !== undefined && { runForS }),
    };
    return scheduleText(await setSchedule(of, schedule, "the command line", parts));
  });
}

/** `carillon campaign runs NAME`: each time it was to start again, the newest first. */
export function campaignRuns(name: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const runs = await stores.schedules.runs(await scheduledOf(stores, name), 100);
    if (runs.length === 0) return `Campaign ${name} has not started again so far.`;
    const rows = runs.map(({ at, made, trouble }) => [timeCell(at), made?.name ?? "-", made?.state ?? "-", trouble ?? "-"]);
    return tableText(["DUE", "CAMPAIGN", "STATE", "TROUBLE"], rows);
  });
}

async function scheduledOf(stores: Stores, name: string): Promise<Scheduled> {
  const whole = await stores.strategyCampaigns.findByName(name);
  return whole ? { strategyCampaignId: whole.id } : { campaignId: (await findCampaign(stores, name)).id };
}

function timeOf(text: string, option: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(at))
    throw new Fault("campaign-invalid", `${option} ${oneLine(text)}: write a time with its zone, as in 2026-12-01T09:00-05:00 or 2026-12-01T14:00Z.`);
  return at;
}

function scheduleText({ name, zone, every, runForS, staysOpen, stopAt, next, trouble }: ScheduleView): string {
  const words = { start: "starts", stop: "stops", run: "starts again, as a copy," } as const;
  return [
    next === undefined ? `Campaign ${name}: nothing is to be done by its schedule.` : `Campaign ${name} ${words[next.step]} at ${timeCell(next.at)}.`,
    ...(every === undefined ? [] : [`Every: ${every} (${zone})${runForS === undefined ? "" : `, each for ${durationText(runForS)}`}.`]),
    ...(stopAt === undefined || next?.step === "stop" ? [] : [`${every === undefined ? "Stops" : "No run any more from"}: ${timeCell(stopAt)}.`]),
    ...(staysOpen ? ["It stays open when nobody waits any more, until it is told to stop."] : []),
    ...(trouble === undefined ? [] : [oneLine(`Trouble: ${trouble}`)]),
  ].join("\n");
}
