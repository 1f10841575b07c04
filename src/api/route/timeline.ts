import { Type } from "typebox";
import type { Caller } from "../../access/role.ts";
import { meaningOf } from "../../compliance/gate-rules.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPlace, writePlace } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { attemptSchema } from "../schema/attempt.ts";
import { idParams, idSchema, pageQuery, problemResponses, timeSchema, timeText } from "../schema/common.ts";
import type { TimelineEntry } from "../timeline-ports.ts";

const { channel, address, calledNumber, state, result, outcome, answeredAt, endedAt } = attemptSchema.properties;

const entrySchema = Type.Object({
  at: timeSchema,
  kind: Type.Enum(["refused", "attempt", "suppressed"]),
  id: idSchema,
  campaignId: Type.Optional(idSchema),
  rule: Type.Optional(Type.String({ description: "refused: the rule of the gate." })),
  meaning: Type.Optional(Type.String({ description: "refused: the rule in words." })),
  retryAt: Type.Optional(Type.String({ description: "refused: when it is asked again; absent when it is not asked again in that campaign." })),
  channel: Type.Optional(channel),
  address: Type.Optional(address),
  calledNumber: Type.Optional(calledNumber),
  state: Type.Optional(state),
  result: Type.Optional(result),
  outcome: Type.Optional(outcome),
  reason: Type.Optional(Type.String({ description: "attempt, suppressed: why, for people." })),
  answeredAt: Type.Optional(answeredAt),
  endedAt: Type.Optional(endedAt),
  source: Type.Optional(Type.String({ description: "suppressed: where it came from." })),
  list: Type.Optional(Type.String({ description: "suppressed: the suppression list that says so." })),
  expiresAt: Type.Optional(Type.String({ description: "suppressed: until when; absent when it has no end." })),
});

const timelineSchema = Type.Object({
  items: Type.Array(entrySchema),
  next: Type.Optional(Type.String({ description: "Cursor of the next page; absent on the last." })),
  waiting: Type.Array(Type.Object({ campaignId: idSchema, dueAt: timeSchema }), { description: "Campaigns that still mean to contact the person." }),
});

interface Named {
  readonly kind?: TimelineEntry["kind"];
  readonly campaignId?: string;
}

export function addTimeline(app: App, { lists, timelines, groups }: ApiParts): void {
  /** Of a person on a list that others work on as well, only what belongs to the caller's groups, and suppressions from every campaign. */
  const ownOf = async (caller: Caller | undefined, named: readonly Named[]) => {
    const { groupIds } = caller ?? {};
    if (groupIds === undefined) return () => true;
    const ids = new Set(named.flatMap(({ campaignId }) => campaignId ?? []));
    const own = await groups.visible(groupIds, "campaign", [...ids]);
    return ({ kind, campaignId }: Named) => (campaignId === undefined ? kind === "suppressed" : own.has(campaignId));
  };

  app.get(
    "/api/v1/contacts/:id/timeline",
    {
      schema: {
        tags: ["lists"],
        summary: "Why a person was contacted, or was not",
        description: "Every refusal of the gate with its rule, every attempt, and every suppression that covers the person, in order.",
        params: idParams,
        querystring: pageQuery,
        response: { 200: timelineSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { limit = 100, cursor } = request.query;
      const after = cursor === undefined ? undefined : readPlace(cursor);
      const [rows, waiting] = await Promise.all([timelines.timeline(id, limit + 1, after), timelines.waiting(id)]);
      if (rows.length + waiting.length === 0 && (await lists.contact(id)) === undefined)
        throw new Fault("contact-unknown", `There is no contact ${id}.`);
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const isOwn = await ownOf(request.caller, [...items, ...waiting]);
      return {
        items: items.filter(isOwn).map(showEntry),
        waiting: waiting.filter(isOwn).map(({ campaignId, dueAt }) => ({ campaignId, dueAt: timeText(dueAt) })),
        ...(rows.length > limit && last && { next: writePlace(last) }),
      };
    },
  );
}

function showEntry(entry: TimelineEntry) {
  const at = timeText(entry.at);
  switch (entry.kind) {
    case "refused": {
      const { retryAt, ...rest } = entry;
      const meaning = meaningOf(entry.rule);
      return { ...rest, at, ...(retryAt !== undefined && { retryAt: timeText(retryAt) }), ...(meaning && { meaning }) };
    }
    case "attempt": {
      const { answeredAt, endedAt, ...rest } = entry;
      const times = {
        ...(answeredAt !== undefined && { answeredAt: timeText(answeredAt) }),
        ...(endedAt !== undefined && { endedAt: timeText(endedAt) }),
      };
      return { ...rest, at, ...times };
    }
    case "suppressed": {
      const { expiresAt, ...rest } = entry;
      return { ...rest, at, ...(expiresAt !== undefined && { expiresAt: timeText(expiresAt) }) };
    }
  }
}
