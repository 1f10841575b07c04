import { Type } from "typebox";
import { type FeedRun, type FeedView, feedRunStates } from "../../contact/feed-ports.ts";
import type { FeedOptions } from "../../contact/options.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

export const feedParams = Type.Object(
  { name: Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$", description: "As the configuration has it, under `feeds`." }) },
  { additionalProperties: false },
);
export const feedRunsQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: "So many at most; 50 if not given." })) },
  { additionalProperties: false },
);

export const feedSchema = Type.Object({
  name: Type.String(),
  here: Type.Boolean({ description: "Whether this server's configuration has it; another node's may." }),
  does: Type.Optional(Type.Enum(["import", "suppress", "export"])),
  host: Type.Optional(Type.String({ description: "SFTP server; absent for a folder of the server's own machine." })),
  folder: Type.Optional(Type.String()),
  nextAt: Type.Optional(Type.Union([timeSchema], { description: "When it is looked next." })),
  lookedAt: Type.Optional(timeSchema),
  takenBy: Type.Optional(Type.String({ description: "The node that is at it now." })),
  failures: Type.Integer({ description: "Looks in a row that failed." }),
  trouble: Type.Optional(Type.String({ description: "Why the last one failed." })),
  hostKey: Type.Optional(
    Type.String({ description: "The key that its server showed first, and must show since; only where `trustFirstHostKey` is set." }),
  ),
});

export const feedRunSchema = Type.Object({
  id: idSchema,
  node: Type.String(),
  state: Type.Enum([...feedRunStates], {
    description:
      "`loaded`: the file has gone in, and what is to follow has not been done. `repeated`: the same file was taken before. `interrupted`: its server died or stopped; it is taken up again.",
  }),
  file: Type.Optional(Type.String({ description: "Absent of a look that came to no file." })),
  bytes: Type.Optional(Type.Integer()),
  sha256: Type.Optional(Type.String()),
  report: Type.Optional(
    Type.Unsafe<Record<string, unknown>>(Type.Object({}, { additionalProperties: true, description: "What the file has become." })),
  ),
  fault: Type.Optional(Type.String()),
  at: timeSchema,
  endedAt: Type.Optional(timeSchema),
});

/** A feed as all nodes know it, with what the configuration here says of it. */
export function showFeed({ nextAt, lookedAt, ...view }: FeedView, options: FeedOptions | undefined) {
  return {
    ...view,
    here: options !== undefined,
    ...(options && { does: options.does, folder: options.folder, ...(options.host !== undefined && { host: options.host }) }),
    ...(nextAt !== undefined && { nextAt: timeText(nextAt) }),
    ...(lookedAt !== undefined && { lookedAt: timeText(lookedAt) }),
  };
}

export function showFeedRun({ feed: _, at, endedAt, report, ...run }: FeedRun) {
  return { ...run, ...(report && { report: { ...report } }), at: timeText(at), ...(endedAt !== undefined && { endedAt: timeText(endedAt) }) };
}
