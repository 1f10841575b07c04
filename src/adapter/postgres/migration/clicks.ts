import { Migration } from "@mikro-orm/migrations";

/** Which links of which e-mails were followed. */
export class Clicks extends Migration {
  override up(): void {
    this.addSql(
      `create table "message_click" ("attempt_id" bigint not null, "target_hash" text not null, "at" timestamptz(3) not null, primary key ("attempt_id", "target_hash"))`,
    );
  }
}
