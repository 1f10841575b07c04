import { Migration } from "@mikro-orm/migrations";

/** Answers to challenges that devices have given already, so that nobody gives one a second time. */
export class PhoneNonces extends Migration {
  override up(): void {
    this.addSql(
      `create table "phone_nonce" ("nonce" text not null, "uses" bigint not null, "holds_until" timestamptz(3) not null, primary key ("nonce"))`,
    );
  }
}
