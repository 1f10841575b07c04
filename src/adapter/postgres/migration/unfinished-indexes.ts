import { Migration } from "@mikro-orm/migrations";

/**
 * The indexes of unfinished attempts serve only who asks by node or by campaign. They were taken for every question about unfinished attempts once statistics had been made at a moment when
 * there were none, and read as a whole for each contact of a claim.
 */
export class UnfinishedIndexes extends Migration {
  override up(): void {
    this.addSql(`drop index "attempt_unfinished_node_index"`);
    this.addSql(`create index attempt_unfinished_node_index on attempt (node) where ended_at is null and node is not null`);
    this.addSql(`drop index "attempt_unfinished_campaign_id_id_index"`);
    this.addSql(
      `create index attempt_unfinished_campaign_id_id_index on attempt (campaign_id, id) where ended_at is null and campaign_id is not null`,
    );
  }
}
