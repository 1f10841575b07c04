import { Migration } from "@mikro-orm/migrations";

/** Who changed what, in a chain. */
export class AuditLog extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "audit" ("id" bigint not null, "at" timestamptz(3) not null, "actor_kind" text not null, "actor_id" text null, "actor" text not null, "action" text not null, "target" text not null, "before" jsonb null, "after" jsonb null, "origin" text not null, "previous" text not null, "hash" text not null, primary key ("id"))`,
  `alter table "audit" add constraint "audit_actor_kind_check" check ("actor_kind" in ('user', 'key', 'terminal', 'nobody'))`,
  `create index "audit_actor_id_index" on "audit" ("actor", "id")`,
  `create index audit_target_id_index on audit (target text_pattern_ops, id)`,
  // One after the other over all nodes, so the chain cannot fork; the id is the place in it, without gaps. What is hashed: access/audit.ts, chainText.
  `create function chain_audit() returns trigger language plpgsql as $$
declare last record;
begin
  perform pg_advisory_xact_lock(7243263);
  select id, hash into last from audit order by id desc limit 1;
  new.id := coalesce(last.id, 0) + 1;
  new.previous := coalesce(last.hash, repeat('0', 64));
  new.at := date_trunc('milliseconds', clock_timestamp());
  new.hash := encode(sha256(convert_to(json_build_array(new.id::text, new.previous, round(extract(epoch from new.at) * 1000)::text, new.actor_kind, new.actor_id, new.actor,
    new.action, new.target, new.before::text, new.after::text, new.origin)::text, 'UTF8')), 'hex');
  return new;
end $$`,
  `create trigger audit_chained before insert on audit for each row execute function chain_audit()`,
  `create trigger audit_append_only before update or delete on audit for each row execute function refuse_change()`,
  `create trigger audit_not_emptied before truncate on audit for each statement execute function refuse_change()`,
];
