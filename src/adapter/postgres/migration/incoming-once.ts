import { Migration } from "@mikro-orm/migrations";

/** What an SMSC brings again because it was never told that we have it is not stored twice; and reports that fit nothing are looked through from the newest back to a time, however many lie behind it. */
export class IncomingOnce extends Migration {
  override up(): void {
    this.addSql(
      `create table "incoming_unconfirmed" ("key" text not null, "at" timestamptz(3) not null, "incoming_id" bigint null, primary key ("key"))`,
    );
    this.addSql(`drop index message_receipt_unmatched_id_index`);
    this.addSql(`create index message_receipt_unmatched_index on message_receipt (at, id) where attempt_id is null`);
  }
}
