import { Migration } from "@mikro-orm/migrations";

/** Agents whom another agent asks for help: on the same attempt, beside the one who has it. */
export class Consulted extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table "agent_desk" add column "beside" boolean not null default false`,
  `drop index "agent_desk_attempt_unique"`,
  // Nobody can be connected with two agents at once, unless one of them has brought the other in.
  `create unique index agent_desk_attempt_unique on agent_desk (attempt_id) where state in ('reserved', 'ringing', 'talking') and not beside`,
];
