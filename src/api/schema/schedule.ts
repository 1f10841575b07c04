import { Type } from "typebox";
import type { CampaignRun, ScheduleView } from "../../strategy/schedule-ports.ts";
import { givenTimeSchema } from "./agent.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const every = Type.String({
  minLength: 1,
  maxLength: 100,
  description:
    "When it starts again and again: `daily 09:00`, `mon-fri 09:00`, `monthly 15 09:00`, `monthly last 09:00`, in the campaign's zone. Each time a copy of it is started, named after the day; the campaign itself never is.",
  examples: ["mon-fri 09:00"],
});
const runForS = Type.Integer({ minimum: 60, maximum: 2_678_400, description: "With `every`: after so many seconds each run is stopped." });
const staysOpen = Type.Boolean({
  description: "Whether it goes on when nobody waits any more, for those who come to its list later, until it is told to stop. Default false.",
});

export const scheduleBody = Type.Object(
  {
    startAt: Type.Optional(Type.String({ ...givenTimeSchema, description: "When it starts; with `every` the first run is not before it." })),
    stopAt: Type.Optional(Type.String({ ...givenTimeSchema, description: "When it is stopped; with `every` no run begins from then on." })),
    every: Type.Optional(every),
    runForS: Type.Optional(runForS),
    staysOpen: Type.Optional(staysOpen),
  },
  { additionalProperties: false },
);

export const scheduleSchema = Type.Object({
  startAt: Type.Optional(timeSchema),
  stopAt: Type.Optional(timeSchema),
  every: Type.Optional(every),
  runForS: Type.Optional(runForS),
  staysOpen,
  zone: Type.String({ description: "Where its times of day are." }),
  next: Type.Optional(
    Type.Object({ step: Type.Enum(["start", "stop", "run"]), at: timeSchema }, { description: "What is done next. Absent: nothing any more." }),
  ),
  trouble: Type.Optional(Type.String({ description: "Why the last step could not be done." })),
  changedBy: Type.String({ description: "The name of the API key, or the command line." }),
});

export const runsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      at: timeSchema,
      made: Type.Optional(
        Type.Object({ campaignId: Type.Optional(idSchema), strategyCampaignId: Type.Optional(idSchema), name: Type.String(), state: Type.String() }),
      ),
      trouble: Type.Optional(Type.String({ description: "Why none was started." })),
    }),
    { description: "The newest first, at most 500." },
  ),
});

export function showSchedule({ id: _, of: __, name: ___, startAt, stopAt, next, ...rest }: ScheduleView) {
  return {
    ...rest,
    ...(startAt !== undefined && { startAt: timeText(startAt) }),
    ...(stopAt !== undefined && { stopAt: timeText(stopAt) }),
    ...(next && { next: { step: next.step, at: timeText(next.at) } }),
  };
}

export function showRuns(runs: readonly CampaignRun[]) {
  return { items: runs.map(({ at, ...run }) => ({ at: timeText(at), ...run })) };
}
