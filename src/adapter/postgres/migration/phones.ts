import { Migration } from "@mikro-orm/migrations";

/** Agents' telephones, the devices of theirs that register, and the legs to them. */
export class Phones extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "agent_phone" ("agent_id" bigint not null, "kind" text not null, "uri" text null, "number" text null, "trunk" text null, "caller_id" text null, "username" text null, "sealed_password" text null, "nailed_up" boolean not null, "changed_at" timestamptz(3) not null, primary key ("agent_id"))`,
  `alter table "agent_phone" add constraint "agent_phone_kind_check" check ("kind" in ('uri', 'number', 'device'))`,
  `alter table "agent_phone" add constraint "agent_phone_username_unique" unique ("username")`,
  `create table "phone_binding" ("agent_id" bigint not null, "contact" text not null, "proxy" text not null, "via" text null, "call_id" text not null, "cseq" bigint not null, "user_agent" text null, "registered_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, primary key ("agent_id", "contact"))`,
  `create table "phone_leg" ("dialog_id" text not null, "agent_id" bigint not null, "node" text not null, "incarnation" bigint not null, "media_server" text not null, "endpoint_id" text not null, "transaction_id" text null, "rings_until" timestamptz(3) null, "attempt_id" bigint null, primary key ("dialog_id"))`,
];
