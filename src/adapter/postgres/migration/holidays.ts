import { Migration } from "@mikro-orm/migrations";

/** Days on which a campaign contacts nobody. */
export class Holidays extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign" add column "window_holidays" text[] null`);
  }
}
