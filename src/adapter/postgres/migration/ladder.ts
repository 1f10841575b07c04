import { Migration } from "@mikro-orm/migrations";

/** The SIP messages and media events of an attempt, as one event or a few. */
export class LadderEvents extends Migration {
  override up(): void {
    this.addSql(`alter table "attempt_event" drop constraint "attempt_event_kind_check"`);
    this.addSql(
      `alter table "attempt_event" add constraint "attempt_event_kind_check" check ("kind" in ('sent', 'ringing', 'early-media', 'answered', 'step', 'transfer', 'guard', 'ladder', 'suppress', 'send', 'callback', 'ended'))`,
    );
  }
}
