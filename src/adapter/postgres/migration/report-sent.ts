import { Migration } from "@mikro-orm/migrations";
import { countedSql, lastSent } from "./report-people.ts";

/** Where the events of attempts had no statistics, counting looked for the INVITE of each call that ended through all events of all calls. */
export class ReportSent extends Migration {
  override up(): void {
    this.addSql(countedSql(lastSent));
  }
}
