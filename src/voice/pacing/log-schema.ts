import { type TSchema, Type } from "typebox";
import { Check } from "typebox/value";
import type { PacingLogEntry } from "./log.ts";
import type { PacerRecord } from "./pacer.ts";

/* What a line of a pacing log has to look like, since the file may be anybody's. */

const count = Type.Integer({ minimum: 0 });
const ms = Type.Number();
const name = Type.String();
const exactly = { additionalProperties: false };
const words = <const T extends readonly string[]>(...all: T) => Type.Enum(all);
const list = (of: TSchema) => Type.Array(of);
const record = (of: TSchema) => Type.Record(name, of);

const policy = Type.Object(
  {
    mode: words("manual", "preview", "progressive", "predictive", "ivr-power", "ivr-progressive"),
    linesPerAgent: Type.Number({ minimum: 0 }),
    linesPerPort: Type.Number({ minimum: 0 }),
    target: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    cap: Type.Number({ minimum: 0, maximum: 1 }),
    graceMs: Type.Number({ minimum: 0, maximum: 60_000 }),
    maxLinesPerAgent: Type.Number({ minimum: 0, maximum: 100 }),
    staleMs: ms,
    expectedTalkMs: Type.Number({ exclusiveMinimum: 0 }),
    expectedWrapMs: Type.Number({ exclusiveMinimum: 0 }),
  },
  exactly,
);
const end = words("answered", "unclassified", "unanswered", "carrier");
const agentState = words("ready", "talking", "wrap-up", "away");
const call = { call: name, atMs: ms, list: name, attempt: count };
const cell = Type.Object({ dials: Type.Number(), answers: Type.Number() }, exactly);
const ring = Type.Object({ weights: list(Type.Number()), total: Type.Number(), sinceDecay: count }, exactly);
const hazard = Type.Object({ ends: list(Type.Number()), spentMs: list(Type.Number()) }, exactly);
const pace = Type.Object({ ends: Type.Number(), expected: Type.Number() }, exactly);
const agent = Type.Object({ state: agentState, sinceMs: ms, leavesAtMs: Type.Optional(ms) }, exactly);
const knowledge = Type.Object(
  {
    rates: Type.Object({ campaign: cell, lists: record(cell), cells: record(cell), resolved: count }, exactly),
    live: ring,
    dead: ring,
    talk: hazard,
    wrap: hazard,
    paces: record(pace),
    cohort: list(Type.Object({ ...call, how: Type.Optional(end), lastedMs: Type.Optional(ms) }, exactly)),
    seen: count,
  },
  exactly,
);
const board = Type.Object(
  {
    calls: list(Type.Object(call, exactly)),
    waiting: list(Type.Object({ call: name, classified: Type.Boolean() }, exactly)),
    agents: list(Type.Tuple([name, agent])),
  },
  exactly,
);
/** A kept pacer. */
export const pacerRecordSchema = Type.Object(
  {
    version: Type.Literal(1),
    policy,
    knowledge,
    board,
    logTheta: Type.Number(),
    logThetas: record(Type.Number()),
    outcomeAtMs: ms,
    held: Type.Boolean(),
    slew: Type.Object({ fromMs: ms, calls: count }, exactly),
  },
  exactly,
);
// Not whole where nodes share what may yet be lost.
const figure = Type.Number({ minimum: 0 });
const share = Type.Object({ answers: figure, abandoned: figure }, exactly);
const facts = Type.Object(
  {
    atMs: ms,
    list: name,
    attempt: count,
    room: Type.Integer(),
    fedAtMs: ms,
    ledger: Type.Object({ day: share, month: share }, exactly),
    asked: count,
    freePorts: count,
  },
  exactly,
);

const byKind = {
  start: Type.Object({ kind: Type.Literal("start"), record: pacerRecordSchema }),
  policy: Type.Object({ kind: Type.Literal("policy"), policy }),
  event: Type.Object({
    kind: Type.Literal("event"),
    event: Type.Union([
      Type.Object({ kind: Type.Literal("agent"), atMs: ms, agent: name, state: agentState, leavesAtMs: Type.Optional(ms) }, exactly),
      Type.Object({ kind: Type.Literal("dialled"), ...call }, exactly),
      Type.Object({ kind: Type.Literal("ended"), atMs: ms, call: name, how: end }, exactly),
      Type.Object({ kind: words("connected", "abandoned", "left"), atMs: ms, call: name }, exactly),
    ]),
  }),
  kept: Type.Object({ kind: Type.Literal("kept") }),
  // What was chosen may be anything: it is held against what is chosen now.
  choice: Type.Object({ kind: Type.Literal("choice"), facts, choice: Type.Object({}) }),
} satisfies Readonly<Record<PacingLogEntry["kind"], TSchema>>;

/** Whether this is a line of a pacing log. */
export function isLogEntry(value: unknown): value is PacingLogEntry {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const { kind } = value as { readonly kind: unknown };
  return typeof kind === "string" && Object.hasOwn(byKind, kind) && Check(byKind[kind as keyof typeof byKind], value);
}

/** Whether this is a pacer that was kept. */
export function isPacerRecord(value: unknown): value is PacerRecord {
  return Check(pacerRecordSchema, value);
}
