import { Migration } from "@mikro-orm/migrations";

/** What people write by e-mail, for agents: to which mailbox of ours, in answer to what, and with what hanging on it. */
export class WrittenMails extends Migration {
  override up(): void {
    this.addSql(
      `alter table "incoming_mail" add column "own_address" text null, add column "thread" jsonb not null default '[]', add column "attachments" jsonb not null default '[]'`,
    );
    this.addSql(`create index incoming_mail_correspondence_index on incoming_mail (from_address, own_address, id) where own_address is not null`);
  }
}
