import { defineEntity, p } from "@mikro-orm/core";
import { identity } from "./identity.ts";
import { counted } from "./report.ts";

/** What each kind of effect is waited for by: an opt-out is done when it is written, the others by the engine they belong to. */
export const effectKinds = ["suppress", "send", "callback"] as const;
export const effectStates = ["pending", "done", "expired"] as const;

/** Something that must happen because of a step. No foreign key, as for attempts. */
export const EffectEntity = defineEntity({
  name: "Effect",
  tableName: "effect",
  properties: {
    id: identity(),
    attemptId: p.bigint("string"),
    /** The same however often one effect is written. */
    key: p.text(),
    kind: p.enum(effectKinds),
    body: p.json<Record<string, unknown>>(),
    state: p.enum(effectStates),
    at: p.datetime(3),
    /** Not done before it… */
    dueAt: p.datetime(3),
    /** …nor after it. */
    expiresAt: p.datetime(3).nullable(),
    /** Of one that sends: the attempt by which it does. */
    sentAttemptId: p.bigint("string").nullable(),
  },
  uniques: [{ name: "effect_attempt_id_key_unique", properties: ["attemptId", "key"] }],
  indexes: [
    { name: "effect_pending_index", expression: "create index effect_pending_index on effect (kind, due_at) where state = 'pending'" },
    {
      name: "effect_sent_attempt_id_index",
      expression: "create index effect_sent_attempt_id_index on effect (sent_attempt_id) where sent_attempt_id is not null",
    },
  ],
});

/** What a person answered during an attempt, by the name of the question; never secrets. */
export const AnswerEntity = defineEntity({
  name: "Answer",
  tableName: "answer",
  properties: {
    attemptId: p.bigint("string").primary(),
    name: p.text().primary(),
    value: p.text(),
    /** Length of a recording, whose file the value names then. */
    durationMs: p.integer().nullable(),
    /** Of a recording: the person was asked and said yes. */
    agreed: p.boolean().nullable(),
  },
  triggers: [
    counted("answer"),
    {
      name: "answer_recorded",
      timing: "after",
      events: ["insert"],
      forEach: "statement",
      expression:
        "create trigger answer_recorded after insert on answer referencing new table as rows_now for each statement execute function keep_recording()",
    },
  ],
});
