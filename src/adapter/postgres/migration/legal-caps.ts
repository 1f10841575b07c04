import { Migration } from "@mikro-orm/migrations";

/** Caps by law: they hold where their `law` says, which is kept from the data of the version that runs. */
export class LegalCaps extends Migration {
  override up(): void {
    this.addSql(`alter table "frequency_cap" add column "law" jsonb null`);
    this.addSql(`alter table "frequency_cap" drop constraint "frequency_cap_kind_check"`);
    this.addSql(
      `alter table "frequency_cap" add constraint "frequency_cap_kind_check" check ("kind" in ('cap', 'debt-calls', 'debt-conversation', 'law'))`,
    );
  }
}
