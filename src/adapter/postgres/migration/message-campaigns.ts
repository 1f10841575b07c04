import { Migration } from "@mikro-orm/migrations";

/** Campaigns that write: their channel, template and sender; and mailboxes beside numbers, of contacts and of those who must not be contacted. */
export class MessageCampaigns extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table "campaign" add column "channel" text not null default 'voice', add column "template_id" bigint null, add column "template_version_id" bigint null, add column "sender" text null`,
  `alter table "campaign" alter column "script_id" drop not null, alter column "mode" drop not null, alter column "trunk" drop not null, alter column "caller_id" drop not null, alter column "max_lines" drop not null, alter column "ring_timeout_ms" drop not null`,
  `alter table "campaign" add constraint "campaign_channel_check" check ("channel" in ('voice', 'sms', 'email'))`,
  `alter table "campaign" add constraint "campaign_template_id_foreign" foreign key ("template_id") references "template" ("id") on delete no action`,
  `alter table "campaign" add constraint "campaign_template_version_id_foreign" foreign key ("template_version_id") references "template_version" ("id") on delete no action`,
  `alter table "campaign" add constraint "campaign_parts_check" check (case when channel = 'voice' then num_nulls(script_id, mode, trunk, caller_id, max_lines, ring_timeout_ms) = 0 and num_nonnulls(template_id, template_version_id, sender) = 0 else num_nulls(template_id, sender) = 0 and num_nonnulls(script_id, script_version_id, inbound_script_id, mode, pacing, trunk, caller_id, max_lines, ring_timeout_ms, amd) = 0 end)`,
  `create index "campaign_template_id_index" on "campaign" ("template_id")`,
  `alter table "attempt" add column "template_version_id" bigint null`,
  `alter table "address" add column "mailbox" text null, alter column "number" drop not null`,
  `alter table "address" drop constraint "address_kind_check"`,
  `alter table "address" add constraint "address_kind_check" check ("kind" in ('mobile', 'landline', 'unknown', 'email'))`,
  `alter table "address" add constraint "address_what_check" check (num_nonnulls(number, mailbox) = 1 and (kind = 'email') = (mailbox is not null))`,
  `create index address_mailbox_index on address (mailbox) where mailbox is not null`,
  `create unique index address_first_mailbox_unique on address (list_id, mailbox) where position = 0 and mailbox is not null`,
  `alter table "suppression" add column "mailbox" text null`,
  `alter table "suppression" drop constraint "suppression_whom_check"`,
  `alter table "suppression" add constraint "suppression_whom_check" check (num_nonnulls(number, mailbox, client_id) = 1)`,
  `create index "suppression_mailbox_index" on "suppression" ("mailbox")`,
];
