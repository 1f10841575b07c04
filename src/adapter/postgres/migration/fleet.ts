import { Migration } from "@mikro-orm/migrations";

/** Servers that take no new calls, by order, and how each node sees its servers. */
export class Fleet extends Migration {
  override up(): void {
    this.addSql(`create table "server_drain" ("server" text not null, "since" timestamptz(3) not null, primary key ("server"))`);
    this.addSql(
      `create table "server_seen" ("node" text not null, "server" text not null, "state" text not null, "sessions" int not null, "max_sessions" int null, "at" timestamptz(3) not null, primary key ("node", "server"))`,
    );
  }
}
