import type { Schedule, ScheduleStep } from "./schedule.ts";

/** Whose schedule it is: a campaign by itself, or one that carries out a strategy. */
export type Scheduled = { readonly campaignId: string } | { readonly strategyCampaignId: string };

export interface ScheduleView extends Schedule {
  readonly id: string;
  readonly of: Scheduled;
  /** Of the campaign. */
  readonly name: string;
  /** Where its times of day are: the campaign's zone for whom none is known. */
  readonly zone: string;
  readonly next?: { readonly step: ScheduleStep; readonly at: number };
  /** Why the last step could not be done. It is tried again. */
  readonly trouble?: string;
  readonly changedBy: string;
}

/** One time that a campaign was to start again. */
export interface CampaignRun {
  /** When it was due, epoch ms. */
  readonly at: number;
  /** The copy that was started; absent: none was, for the reason in `trouble`. */
  readonly made?: Scheduled & { readonly name: string; readonly state: string };
  readonly trouble?: string;
}

export interface ScheduleStore {
  find(of: Scheduled): Promise<ScheduleView | undefined>;
  /** @param by for people. Faults: `campaign-unknown` */
  set(of: Scheduled, schedule: Schedule, next: ScheduleView["next"], by: string): Promise<ScheduleView>;
  /** @returns false when there was none */
  remove(of: Scheduled): Promise<boolean>;
  /** Those whose next step is due. @param now epoch ms */
  due(now: number): Promise<readonly (ScheduleView & Required<Pick<ScheduleView, "next">>)[]>;
  /** For this process alone, until `untilAt` (epoch ms). @returns false when somebody else has it, or it was changed meanwhile */
  take(schedule: ScheduleView, untilAt: number): Promise<boolean>;
  /** Its step takes longer. @param takenUntil what it was taken until @returns false when it was changed meanwhile */
  hold(id: string, takenUntil: number, untilAt: number): Promise<boolean>;
  /** The step is done, or given up. @param takenUntil what it was taken until: what was changed meanwhile stays as it is */
  settle(id: string, takenUntil: number, next: ScheduleView["next"], trouble?: string): Promise<void>;
  /** It could not be done: tried again when what it was taken for is over. */
  note(id: string, trouble: string): Promise<void>;
  addRun(id: string, run: { readonly at: number; readonly made?: Scheduled; readonly trouble?: string }): Promise<void>;
  /** The newest first, at most so many. */
  runs(of: Scheduled, limit: number): Promise<readonly CampaignRun[]>;
}
