import { Migration } from "@mikro-orm/migrations";

/** Places whose hours a pass of a strategy keeps for everybody, as its document says. */
export class PassLaws extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign" add column "laws" text[] null`);
  }
}
