import { Migration } from "@mikro-orm/migrations";

/**
 * Room in the page for what every attempt goes through. With 70 only every second beginning found any, and wrote another entry into each index; the part of a message is written once
 * more when its report comes.
 */
export class MessageRoom extends Migration {
  override up(): void {
    this.addSql(`alter table "attempt" set (fillfactor = 50)`);
    this.addSql(`alter table "message_part" set (fillfactor = 50)`);
  }
}
