import { Migration } from "@mikro-orm/migrations";

/** The attempts of a person by their time, too: caps count those of a window, and read no others for it. */
export class AttemptByPerson extends Migration {
  override up(): void {
    this.addSql(`create index "attempt_contact_id_reserved_at_index" on "attempt" ("contact_id", "reserved_at")`);
    this.addSql(`drop index "attempt_contact_id_index"`);
  }
}
