import { Migration } from "@mikro-orm/migrations";

/** In which pass of a strategy campaign people begin, also those who come to its list later. */
export class FirstPass extends Migration {
  override up(): void {
    this.addSql(`alter table "strategy_campaign" add column "first_pass" text not null default ''`);
  }
}
