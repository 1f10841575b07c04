import { Migration } from "@mikro-orm/migrations";

/** Routes and pools of caller ids that are added over the API. */
export class KeptSettings extends Migration {
  override up(): void {
    this.addSql(
      `create table "kept_setting" ("kind" text not null, "name" text not null, "settings" jsonb not null, "revision" int not null, "changed_at" timestamptz(3) not null, primary key ("kind", "name"))`,
    );
  }
}
