import { Migration } from "@mikro-orm/migrations";

/** Each attempt keeps which version of the script it was made with: campaigns follow releases, so theirs may be another one by now. */
export class AttemptScript extends Migration {
  override up(): void {
    this.addSql(`alter table "attempt" add column "script_version_id" bigint null`);
  }
}
