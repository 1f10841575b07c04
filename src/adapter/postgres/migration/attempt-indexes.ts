import { Migration } from "@mikro-orm/migrations";

/**
 * Fewer entries for each attempt: to write one into an index costs PostgreSQL as much as the row itself. What is unfinished is in one index in place of two, and what has no result yet not in
 * that of results.
 */
export class AttemptIndexes extends Migration {
  override up(): void {
    this.addSql(`drop index "attempt_campaign_id_result_index"`);
    this.addSql(`create index attempt_campaign_id_result_index on attempt (campaign_id, result, id) where result is not null`);
    this.addSql(`drop index "attempt_unfinished_node_index"`);
    this.addSql(`drop index "attempt_unfinished_campaign_id_id_index"`);
    this.addSql(
      `create index attempt_unfinished_index on attempt (campaign_id, id, node) where ended_at is null and (campaign_id is not null or node is not null)`,
    );
  }
}
