import { Migration } from "@mikro-orm/migrations";

/** What is known of our own numbers: how often one was shown on a day, and how long it rests. */
export class NumberUse extends Migration {
  override up(): void {
    this.addSql(
      `create table "number_use" ("number" text not null, "day" int not null, "calls" int not null, "run" int not null, "rests_until" timestamptz(3) null, primary key ("number"))`,
    );
  }
}
