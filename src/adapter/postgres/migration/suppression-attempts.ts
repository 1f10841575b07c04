import { Migration } from "@mikro-orm/migrations";

/** What a STOP has brought about is found without reading every entry of every list. */
export class SuppressionAttempts extends Migration {
  override up(): void {
    this.addSql(`create index suppression_attempt_id_index on suppression (attempt_id) where attempt_id is not null`);
  }
}
