import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import { type FeedsParts, openFeeds } from "./feeds.ts";
import { openLeftStarts, openSchedules, type SchedulesParts, scheduledCampaigns } from "./schedules.ts";

export interface RoutineParts extends Pick<SchedulesParts, "pass" | "clock" | "log"> {
  readonly stores: Parameters<typeof openLeftStarts>[0]["stores"] & FeedsParts["stores"];
  readonly guard: Pick<ApiParts["safeguards"], "hindrances" | "load">;
  readonly config: Pick<Config, "feeds" | "contact" | "node" | "database" | "tariffs">;
}

/** What happens by itself: campaigns start and stop when their schedules say so, starts that were broken off are taken up, and feeds take files in. */
export function openRoutines({ guard: { hindrances, load: suppress }, config, ...parts }: RoutineParts): {
  /** Lets feeds begin. */
  start(): Promise<void>;
  close(): Promise<void>;
} {
  const scheduling = { ...parts, hindrances };
  const schedules = openSchedules(scheduling);
  const starts = openLeftStarts(scheduling);
  const feeds = openFeeds({ ...parts, config, suppress, campaigns: scheduledCampaigns(scheduling) });
  return {
    start: () => feeds.start(),
    close: async () => {
      // Schedules and feeds wait for what they have begun: a start takes minutes.
      const ended = starts.close();
      await Promise.all([ended, schedules.close(), feeds.close()]);
    },
  };
}
