import { defineEntity, p } from "@mikro-orm/core";
import { actorKinds } from "../../../access/audit.ts";
import { appendOnly } from "./append-only.ts";

/** A line of the audit log. Append-only; id, at, previous and hash are the database's. */
export const AuditEntity = defineEntity({
  name: "Audit",
  tableName: "audit",
  properties: {
    id: p.bigint("string").primary().autoincrement(false),
    at: p.datetime(3),
    actorKind: p.enum(actorKinds),
    actorId: p.text().nullable(),
    actor: p.text(),
    action: p.text(),
    target: p.text(),
    before: p.json<unknown>().nullable(),
    after: p.json<unknown>().nullable(),
    origin: p.text(),
    previous: p.text(),
    hash: p.text(),
  },
  indexes: [
    { name: "audit_actor_id_index", properties: ["actor", "id"] },
    { name: "audit_target_id_index", expression: "create index audit_target_id_index on audit (target text_pattern_ops, id)" },
  ],
  triggers: [
    {
      name: "audit_chained",
      timing: "before" as const,
      events: ["insert" as const],
      forEach: "row" as const,
      expression: "create trigger audit_chained before insert on audit for each row execute function chain_audit()",
    },
    ...appendOnly("audit"),
  ],
});
