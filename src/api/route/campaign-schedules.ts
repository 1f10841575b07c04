import type { Static } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { Schedule } from "../../strategy/schedule.ts";
import type { Scheduled } from "../../strategy/schedule-ports.ts";
import { scheduledCampaign, setSchedule } from "../campaign-schedule.ts";
import { momentOf } from "../moment.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { runsSchema, scheduleBody, scheduleSchema, showRuns, showSchedule } from "../schema/schedule.ts";

const kinds = [
  { path: "/api/v1/campaigns/:id", tags: ["campaigns"], of: (id: string): Scheduled => ({ campaignId: id }) },
  { path: "/api/v1/strategy-campaigns/:id", tags: ["strategies"], of: (id: string): Scheduled => ({ strategyCampaignId: id }) },
] as const;

/** When campaigns start, stop and start again by themselves. */
export function addCampaignSchedules(app: App, parts: ApiParts): void {
  for (const {
    path,
    of,
    tags: [tag],
  } of kinds) {
    const tags = [tag];
    app.put(
      `${path}/schedule`,
      {
        schema: {
          tags,
          summary: "Give it a schedule, in place of the one that it has",
          description: "A draft with a start to come is `ready`. A start or stop by hand is possible all the same.",
          params: idParams,
          body: scheduleBody,
          response: { 200: scheduleSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
        },
      },
      async (request) => showSchedule(await setSchedule(of(request.params.id), scheduleOf(request.body), request.caller?.name ?? "", parts)),
    );
    app.get(
      `${path}/schedule`,
      {
        schema: { tags, summary: "Its schedule", params: idParams, response: { 200: scheduleSchema, ...problemResponses(400, 401, 404, 429, 503) } },
      },
      async ({ params }) => {
        const schedule = await parts.schedules.find(of(params.id));
        if (schedule === undefined) throw new Fault("schedule-unknown", `Campaign ${params.id} has no schedule.`);
        return showSchedule(schedule);
      },
    );
    app.delete(
      `${path}/schedule`,
      {
        schema: {
          tags,
          summary: "Take its schedule away",
          description: "What it has started goes on.",
          params: idParams,
          response: { 204: { type: "null", description: "It has none any more." }, ...problemResponses(400, 401, 404, 429, 503) },
        },
      },
      async ({ params }, reply) => {
        if (!(await parts.schedules.remove(of(params.id)))) throw new Fault("schedule-unknown", `Campaign ${params.id} has no schedule.`);
        return reply.code(204).send(null);
      },
    );
    app.get(
      `${path}/runs`,
      {
        schema: {
          tags,
          summary: "Each time it was to start again, and what came of it",
          params: idParams,
          response: { 200: runsSchema, ...problemResponses(400, 401, 404, 422, 429, 503) },
        },
      },
      async ({ params }) => {
        await scheduledCampaign(of(params.id), parts);
        return showRuns(await parts.schedules.runs(of(params.id), 500));
      },
    );
  }
}

function scheduleOf({ startAt, stopAt, every, runForS, staysOpen = false }: Static<typeof scheduleBody>): Schedule {
  return {
    staysOpen,
    ...(startAt !== undefined && { startAt: momentOf(startAt, "/startAt") }),
    ...(stopAt !== undefined && { stopAt: momentOf(stopAt, "/stopAt") }),
    ...(every !== undefined && { every }),
    ...(runForS !== undefined && { runForS }),
  };
}
