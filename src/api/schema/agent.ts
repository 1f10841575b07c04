import { Type } from "typebox";
import { callbackStates } from "../../agent/callback.ts";
import { answerers, type DispositionCategory, dispositionCategories, dispositionDetails } from "../../agent/disposition.ts";
import { codePattern } from "../../agent/group.ts";
import type { AgentView, GroupView, LogEntry } from "../../agent/ports.ts";
import { agentStates, type Desk, type WrapUpRules } from "../../agent/state.ts";
import type { StandingCallback } from "../../agent/work-engine.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const strict = { additionalProperties: false };

export const nameSchema = Type.String({ minLength: 1, maxLength: 100, pattern: "^\\P{Cc}*$", description: "Unique." });
export const codeSchema = Type.String({ minLength: 1, maxLength: 50, pattern: codePattern, examples: ["lunch"] });
const labelSchema = Type.String({ minLength: 1, maxLength: 100, pattern: "^\\P{Cc}*$" });
export const noteSchema = Type.String({ minLength: 1, maxLength: 2000 });

/** An agent at one moment, as REST and the agents' WebSocket show it. */
export const deskSchema = Type.Object({
  state: Type.Enum([...agentStates]),
  since: timeSchema,
  reason: Type.Optional(Type.String({ description: "Why not ready: a reason code; or `logged-in`, `missed`, `phone`, `supervisor`." })),
  attemptId: Type.Optional(idSchema),
  groupId: Type.Optional(idSchema),
  until: Type.Optional(Type.String({ ...timeSchema, description: "When a reservation or a ringing lapses, or a wrap-up ends by itself." })),
  extensions: Type.Optional(Type.Integer({ description: "How often this wrap-up was put off." })),
  next: Type.Optional(
    Type.Object(
      { state: Type.Enum(["not-ready", "logged-out"]), reason: Type.Optional(Type.String()) },
      { description: "What comes when the conversation is over." },
    ),
  ),
});

export function showDesk({ state, since, reason, hold, until, extensions, next }: Desk) {
  return {
    state,
    since: timeText(since),
    ...(reason !== undefined && { reason }),
    ...(hold && { attemptId: hold.attemptId, groupId: hold.groupId }),
    ...(until !== undefined && { until: timeText(until) }),
    ...(extensions !== undefined && { extensions }),
    ...(next && { next: { ...next } }),
  };
}

export const membershipBody = Type.Object(
  {
    priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: "1 gets calls first; 5 if not given." })),
    skills: Type.Optional(Type.Array(codeSchema, { maxItems: 50, uniqueItems: true })),
  },
  strict,
);

const membershipSchema = Type.Object({ agentId: idSchema, groupId: idSchema, priority: Type.Integer(), skills: Type.Array(Type.String()) });

export const agentSchema = Type.Object({
  id: idSchema,
  name: nameSchema,
  active: Type.Boolean({ description: "Who is not cannot log in." }),
  desk: deskSchema,
  memberships: Type.Array(membershipSchema),
});

export function showAgent({ id, name, active, desk, memberships }: AgentView) {
  return { id, name, active, desk: showDesk(desk), memberships: memberships.map((each) => ({ ...each, skills: [...each.skills] })) };
}

export const stateBody = Type.Object(
  {
    state: Type.Enum(["ready", "not-ready", "logged-out"]),
    reason: Type.Optional(Type.String({ ...codeSchema, description: "For not-ready; `supervisor` if not given." })),
  },
  strict,
);

export const logEntrySchema = Type.Object({
  id: idSchema,
  at: timeSchema,
  state: Type.Enum([...agentStates]),
  reason: Type.Optional(Type.String()),
  cause: Type.String({ description: "What happened: `login`, `hang-up`, `lapse`, `force`, …" }),
  by: Type.Optional(Type.String({ description: "The supervisor's key." })),
  attemptId: Type.Optional(idSchema),
});

export function showLogEntry({ id, at, state, reason, cause, by, attemptId }: LogEntry) {
  const optional = { ...(reason !== undefined && { reason }), ...(by !== undefined && { by }), ...(attemptId !== undefined && { attemptId }) };
  return { id, at: timeText(at), state, cause, ...optional };
}

export const wrapUpSchema = Type.Object(
  {
    wrapUpMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 3_600_000, description: "Time to write a conversation up; 0 is none; left out: until the agent says so." }),
    ),
    extensionMs: Type.Integer({ minimum: 0, maximum: 3_600_000, description: "By how much the agent may put its end off…" }),
    maxExtensions: Type.Integer({ minimum: 0, maximum: 100, description: "…and how often." }),
  },
  strict,
);

export function readWrapUp({
  wrapUpMs,
  ...rest
}: {
  readonly wrapUpMs?: number;
  readonly extensionMs: number;
  readonly maxExtensions: number;
}): WrapUpRules {
  return { ...rest, wrapUpMs };
}

function showWrapUp({ wrapUpMs, extensionMs, maxExtensions }: WrapUpRules) {
  return { ...(wrapUpMs !== undefined && { wrapUpMs }), extensionMs, maxExtensions };
}

export const groupSchema = Type.Object({
  id: idSchema,
  name: nameSchema,
  wrapUp: wrapUpSchema,
  members: Type.Array(membershipSchema),
  campaignIds: Type.Array(idSchema, { description: "For which campaigns it works." }),
});

export function showGroup({ id, name, wrapUp, members, campaignIds }: GroupView) {
  return {
    id,
    name,
    wrapUp: showWrapUp(wrapUp),
    members: members.map((each) => ({ ...each, skills: [...each.skills] })),
    campaignIds: [...campaignIds],
  };
}

export const reasonCodesSchema = Type.Object(
  { items: Type.Array(Type.Object({ code: codeSchema, label: labelSchema }, strict), { minItems: 1, maxItems: 50 }) },
  strict,
);

const categories = Object.entries(dispositionCategories).map(([name, meaning]) => `${name}: ${meaning}`);

export const dispositionSchema = Type.Object(
  {
    code: codeSchema,
    label: labelSchema,
    category: Type.Enum(Object.keys(dispositionCategories) as DispositionCategory[], { description: `${categories.join("; ")}.` }),
    needs: Type.Array(Type.Enum([...dispositionDetails]), { maxItems: 3, description: "What must be told besides." }),
    answeredBy: Type.Optional(
      Type.Enum([...answerers], {
        description:
          "Whom the agent had on the line, by which it is measured how many machines are people (`amd.holdoutShare`). Left out: `machine` for the category retry, else `person`.",
      }),
    ),
  },
  strict,
);

export const dispositionsSchema = Type.Object({ items: Type.Array(dispositionSchema, { minItems: 1, maxItems: 100 }) }, strict);

export const callbackSchema = Type.Object({
  id: idSchema,
  campaignId: idSchema,
  campaign: Type.String(),
  contactId: idSchema,
  attemptId: Type.Optional(Type.String({ ...idSchema, description: "The conversation from which it came." })),
  state: Type.Enum([...callbackStates]),
  standing: Type.Enum(["later", "closed", "never", "due", "missed", "taken", "done", "canceled"], {
    description:
      "`due`: may be taken now; `missed`: the same, and late by 15 minutes or more; `closed`: the gate does not let the person be called now; `never`: it never will.",
  }),
  dueAt: timeSchema,
  agentId: Type.Optional(Type.String({ ...idSchema, description: "Only for this agent, until `fallbackAt`." })),
  fallbackAt: Type.Optional(timeSchema),
  takenBy: Type.Optional(idSchema),
  note: Type.Optional(Type.String()),
  source: Type.String({ description: "Who asked for it: the name of an agent or a key, or `script`." }),
  address: Type.String({ description: "E.164." }),
  timeZone: Type.Optional(Type.String()),
  fields: Type.Record(Type.String(), Type.String()),
});

export function showCallback(callback: StandingCallback) {
  const { id, campaignId, campaign, contactId, state, standing, source, address, attemptId, agentId, fallbackAt, takenBy, note, timeZone } = callback;
  return {
    ...{ id, campaignId, campaign, contactId, state, standing, source, address, dueAt: timeText(callback.dueAt), fields: { ...callback.fields } },
    ...(attemptId !== undefined && { attemptId }),
    ...(agentId !== undefined && { agentId }),
    ...(fallbackAt !== undefined && { fallbackAt: timeText(fallbackAt) }),
    ...(takenBy !== undefined && { takenBy }),
    ...(note !== undefined && { note }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

/** A time that callers give. */
export const givenTimeSchema = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2})$",
  description: "RFC 3339, with an offset.",
  examples: ["2026-12-24T18:30:00+01:00"],
});

export const callbackBody = Type.Object(
  {
    campaignId: idSchema,
    contactId: idSchema,
    dueAt: givenTimeSchema,
    agentId: Type.Optional(Type.String({ ...idSchema, description: "Only for this agent; left out: for everybody in the campaign's groups." })),
    fallbackAt: Type.Optional(givenTimeSchema),
    note: Type.Optional(noteSchema),
  },
  strict,
);
