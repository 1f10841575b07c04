import { Migration } from "@mikro-orm/migrations";

/** Trunks that are added over the API. */
export class Trunk extends Migration {
  override up(): void {
    this.addSql(
      `create table "trunk" ("name" text not null, "settings" jsonb not null, "sealed_password" text null, "revision" int not null, "changed_at" timestamptz(3) not null, primary key ("name"))`,
    );
  }
}
