import { Migration } from "@mikro-orm/migrations";

/** Since when the stream of events has no gap, so that whoever goes on reading after a longer absence is told that they missed something. */
export class StreamSince extends Migration {
  override up(): void {
    this.addSql(`alter table "listening" add column "since" timestamptz(3) not null default 'infinity'`);
  }
}
