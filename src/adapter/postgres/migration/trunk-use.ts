import { Migration } from "@mikro-orm/migrations";

/** What holds a trunk's limits over all nodes: its next moment, and how many of its lines each node may use. */
export class TrunkUse extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "trunk_pace" ("trunk" text not null, "next_at" timestamptz(6) not null, primary key ("trunk"))`,
  `create table "trunk_line" ("trunk" text not null, "node" text not null, "lines" int not null, "wanted" int not null, primary key ("trunk", "node"))`,
  // Written with every batch of calls, as the pace of campaigns is.
  `alter table "trunk_pace" set (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)`,
  `alter table "trunk_line" set (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)`,
];
