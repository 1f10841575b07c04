import { defineEntity, p } from "@mikro-orm/core";

/** The answer to a request that came with an Idempotency-Key, kept for when the same request comes again. */
export const KeptAnswerEntity = defineEntity({
  name: "KeptAnswer",
  tableName: "kept_answer",
  properties: {
    /** Keys of different callers have nothing to do with each other. */
    owner: p.text().primary(),
    key: p.text().primary(),
    /** Hash of method, path and body; empty while a body is still coming in. */
    request: p.text(),
    /** Who answers it; when that process is dead and there is no answer, there never will be one. */
    node: p.text(),
    incarnation: p.bigint("string"),
    askedAt: p.datetime(3),
    /** Status, headers and body; null while it is worked on. */
    answer: p.json<Record<string, unknown>>().nullable(),
  },
  indexes: [{ name: "kept_answer_asked_at_index", properties: ["askedAt"] }],
});
