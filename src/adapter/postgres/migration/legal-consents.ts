import { Migration } from "@mikro-orm/migrations";

/** Where the law wants consent to calls: kept with each start. */
export class LegalConsents extends Migration {
  override up(): void {
    this.addSql(`alter table "legal_reach" add column "consents" jsonb null`);
  }
}
