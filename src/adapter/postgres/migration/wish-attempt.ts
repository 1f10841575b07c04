import { Migration } from "@mikro-orm/migrations";

/** The attempt by which a message that was wished for is sent: it is wished for again when that came to nothing because its process died. */
export class WishAttempt extends Migration {
  override up(): void {
    this.addSql(`alter table "effect" add column "sent_attempt_id" bigint null`);
    this.addSql(`create index effect_sent_attempt_id_index on effect (sent_attempt_id) where sent_attempt_id is not null`);
  }
}
