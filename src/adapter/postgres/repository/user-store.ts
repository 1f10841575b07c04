import type pg from "pg";
import type { Grant, Role } from "../../../access/role.ts";
import type { Credentials, User, UserChange, UserStore } from "../../../access/user.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
/** @param u the alias of user_account, with its dot */
export const userColumns = (
  u = "",
) => `${u}id::text, ${u}name, ${u}role, ${u}group_ids, ${u}active, ${ms(`${u}created_at`)} as created_at, ${u}created_by,
  ${ms(`${u}password_at`)} as password_at, ${u}second_factor`;
const credentialColumns = `${userColumns()}, password, sealed_seed, last_step::float8 as last_step`;

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly group_ids: readonly string[] | null;
  readonly active: boolean;
  readonly created_at: number;
  readonly created_by: string;
  readonly password_at: number | null;
  readonly second_factor: boolean;
}

interface CredentialRow extends UserRow {
  readonly password: string | null;
  readonly sealed_seed: string | null;
  readonly last_step: number | null;
}

/** People who log in, in the table `user_account`. */
export class PostgresUserStore implements UserStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async add({ name, role, groupIds, createdBy }: Grant & { readonly name: string; readonly createdBy: string }): Promise<User> {
    const text = `insert into user_account (name, role, group_ids, recovery_hashes, created_at, created_by)
      values ($1, $2, $3, '{}', ${timeSql("$4")}, $5) returning ${userColumns()}`;
    try {
      const { rows } = await this.#pool.query<UserRow>(text, [name, role, groupIds ?? null, this.#clock.now(), createdBy]);
      const [row] = rows;
      if (!row) throw new Fault("database-fault", "The user was not found after they were written.");
      return toUser(row);
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault("user-exists", `There is a user ${name} already.`);
      throw databaseFault(error, "add a user");
    }
  }

  async find(id: string): Promise<Credentials | undefined> {
    const [row] = await this.#rows<CredentialRow>("look up a user", `select ${credentialColumns} from user_account where id = $1`, [idOr0(id)]);
    return row && toCredentials(row);
  }

  async findByName(name: string): Promise<Credentials | undefined> {
    if (name.includes("\0") || !name.isWellFormed()) return undefined;
    const [row] = await this.#rows<CredentialRow>("look up a user", `select ${credentialColumns} from user_account where name = $1`, [name]);
    return row && toCredentials(row);
  }

  async list({ limit, afterId }: { readonly limit: number; readonly afterId?: string }): Promise<readonly User[]> {
    const text = `select ${userColumns()} from user_account where id > $1 order by user_account.id limit $2`;
    return (await this.#rows<UserRow>("list the users", text, [idOr0(afterId), limit])).map(toUser);
  }

  async change(id: string, { role, groupIds, active }: UserChange): Promise<User> {
    return await inTransaction(this.#pool, "change a user", async (client) => {
      // Whoever takes owners away does so one after the other, so that one is left.
      await client.query("select pg_advisory_xact_lock(7243264)");
      const { rows: before } = await client.query<{ owns: boolean }>("select role = 'owner' and active as owns from user_account where id = $1", [
        idOr0(id),
      ]);
      const text = `update user_account set role = coalesce($2, role), group_ids = case when $3 then $4::text[] else group_ids end, active = coalesce($5, active)
        where id = $1 returning ${userColumns()}`;
      const values = [idOr0(id), role ?? null, groupIds !== undefined, groupIds ?? null, active ?? null];
      const { rows } = await client.query<UserRow>(text, values);
      const [row] = rows;
      if (!row) throw new Fault("user-unknown", `There is no user ${id}.`);
      const owners = await client.query("select from user_account where role = 'owner' and active limit 1");
      if (before[0]?.owns && owners.rowCount === 0) throw new Fault("user-last-owner", "Somebody has to be owner: make another one first.");
      // What they may do is another thing now: they log in anew.
      await client.query("delete from user_session where user_id = $1", [row.id]);
      return toUser(row);
    });
  }

  async setPassword(id: string, hash: string): Promise<void> {
    const text = `update user_account set password = $2, password_at = ${timeSql("$3")} where id = $1`;
    await this.#loggedOut("keep a password", id, text, [hash, this.#clock.now()]);
  }

  async setSeed(id: string, sealed: string): Promise<void> {
    await this.#rows("keep a second factor", "update user_account set sealed_seed = $2 where id = $1 and not second_factor", [idOr0(id), sealed]);
  }

  async enforceSeed(id: string, step: number, recoveryHashes: readonly string[]): Promise<void> {
    const text = "update user_account set second_factor = true, last_step = $2, recovery_hashes = $3 where id = $1";
    await this.#rows("enforce a second factor", text, [idOr0(id), step, [...recoveryHashes]]);
  }

  async removeSeed(id: string): Promise<void> {
    const text = "update user_account set second_factor = false, sealed_seed = null, last_step = null, recovery_hashes = '{}' where id = $1";
    await this.#loggedOut("remove a second factor", id, text);
  }

  async takeStep(id: string, step: number): Promise<boolean> {
    const text = "update user_account set last_step = $2 where id = $1 and (last_step is null or last_step < $2) returning id";
    return await this.#spend("take a code", text, [idOr0(id), step]);
  }

  async takeRecovery(id: string, hash: string): Promise<boolean> {
    const text =
      "update user_account set recovery_hashes = array_remove(recovery_hashes, $2) where id = $1 and $2 = any(recovery_hashes) returning id";
    return await this.#spend("take a recovery code", text, [idOr0(id), hash]);
  }

  async invite(id: string, hash: string, expiresAt: number): Promise<void> {
    const text = `with gone as (delete from user_invitation where user_id = $1), made as (
        insert into user_invitation (hash, user_id, created_at, expires_at) values ($2, $1, ${timeSql("$3")}, ${timeSql("$4")}))
      update user_account set password = null, password_at = null where id = $1`;
    await this.#loggedOut("invite a user", id, text, [hash, this.#clock.now(), expiresAt]);
  }

  async takeInvitation(hash: string): Promise<string | undefined> {
    const text = `delete from user_invitation i using user_account u where i.hash = $1 and u.id = i.user_id and u.active and i.expires_at > ${timeSql("$2")}
      returning i.user_id::text as id`;
    return (await this.#rows<{ id: string }>("take an invitation", text, [hash, this.#clock.now()]))[0]?.id;
  }

  async seeds(): Promise<readonly { readonly id: string; readonly sealedSeed: string }[]> {
    const text = `select id::text, sealed_seed as "sealedSeed" from user_account where sealed_seed is not null order by user_account.id`;
    return await this.#rows("read second factors", text, []);
  }

  async reseal(id: string, before: string, sealedSeed: string): Promise<boolean> {
    const text = "update user_account set sealed_seed = $3 where id = $1 and sealed_seed = $2 returning id";
    return (await this.#rows("seal a second factor", text, [id, before, sealedSeed])).length > 0;
  }

  /** Changes how somebody logs in, and ends their sessions by a statement of its own: that one sees those, too, that began before the change could be made. */
  async #loggedOut(doing: string, id: string, text: string, values: readonly unknown[] = []): Promise<void> {
    await inTransaction(this.#pool, doing, async (client) => {
      await client.query(text, [idOr0(id), ...values]);
      await client.query("delete from user_session where user_id = $1", [idOr0(id)]);
    });
  }

  /** At once, and apart from the change that it is for: that may be refused and undone, and whoever saw the code would have it still. */
  async #spend(doing: string, text: string, values: unknown[]): Promise<boolean> {
    try {
      const client = await this.#pool.connect();
      try {
        return (await client.query(text, values)).rows.length > 0;
      } finally {
        client.release();
      }
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

export function toUser(row: UserRow): User {
  const { id, name, role, active } = row;
  return {
    ...{ id, name, role, active, createdAt: row.created_at, createdBy: row.created_by, secondFactor: row.second_factor },
    groupIds: row.group_ids ?? undefined,
    passwordAt: row.password_at ?? undefined,
  };
}

function toCredentials(row: CredentialRow): Credentials {
  return {
    ...toUser(row),
    password: row.password ?? undefined,
    sealedSeed: row.sealed_seed ?? undefined,
    lastStep: row.last_step ?? undefined,
  };
}
