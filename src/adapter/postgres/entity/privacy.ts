import { defineEntity, p } from "@mikro-orm/core";
import { recordingKinds, recordingStates } from "../../../privacy/recording.ts";
import { appendOnly } from "./append-only.ts";
import { identity } from "./identity.ts";

/** Somebody was forgotten. Names nobody: `subjects` are the hashes under which suppressions and consents know them. Append-only. */
export const ErasureEntity = defineEntity({
  name: "Erasure",
  tableName: "erasure",
  properties: {
    id: identity(),
    at: p.datetime(3),
    byWhom: p.text(),
    reason: p.text(),
    subjects: p.array(),
    /** What was taken out, by its kind. */
    counts: p.json<Readonly<Record<string, number>>>(),
  },
  triggers: appendOnly("erasure"),
});

/** When what is kept for so many days was looked through last, and how much of it has been taken away altogether. */
export const RetentionTallyEntity = defineEntity({
  name: "RetentionTally",
  tableName: "retention_tally",
  properties: {
    kind: p.text().primary(),
    at: p.datetime(3),
    removed: p.bigint("string"),
    /** The id up to which everything has been looked at; it is old, and done with. */
    place: p.bigint("string").defaultRaw("0"),
  },
});

/** What somebody said, kept as a file in the directory of recordings. */
export const RecordingEntity = defineEntity({
  name: "Recording",
  tableName: "recording",
  properties: {
    id: identity(),
    attemptId: p.bigint("string"),
    /** Its name in the directory. */
    file: p.text().unique("recording_file_unique"),
    kind: p.enum(recordingKinds),
    /** What the person was told or asked; null where nothing is known. */
    consent: p.text().nullable(),
    at: p.datetime(3),
    /** `going`: the file is to be removed; `gone`: it is. */
    state: p.enum(recordingStates),
    goneAt: p.datetime(3).nullable(),
  },
  indexes: [
    { name: "recording_attempt_id_index", properties: ["attemptId"] },
    { name: "recording_unremoved_index", expression: "create index recording_unremoved_index on recording (at) where state <> 'gone'" },
  ],
});
