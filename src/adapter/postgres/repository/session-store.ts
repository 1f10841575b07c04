import type pg from "pg";
import { blockMs, failureSubject, firstBlockMs, freeFailures, idleMs, knownPlaceMs, longestBlockMs } from "../../../access/login.ts";
import type { LoginGuard, SessionStore, User, UserSession } from "../../../access/user.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { toUser, type UserRow, userColumns } from "./user-store.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const sessionColumns = `s.id::text as "sessionId", ${ms("s.created_at")} as "createdAt", ${ms("s.seen_at")} as "seenAt", ${ms("s.expires_at")} as "expiresAt",
  s.address, s.browser`;
/** $1 now: it has not ended, and something was asked for of late. */
const holdsSql = `s.expires_at > ${timeSql("$1")} and s.seen_at > ${timeSql(`($1::float8 - ${idleMs})`)}`;

/** That a session is in use is written down when the time before is this long ago. */
const seenEveryMs = 60_000;
/** A row of failures is forgotten after a day without one. */
const forgottenMs = 86_400_000;

/** `blockMs`, in SQL, so that the count and the wait are one step: $2 now, $3 failures that are free, $4 the first wait, $5 the longest. */
const waitSql = timeSql(
  "($2::float8 + case when f.failures + 1 < $3::int then 0 else least($5::float8, $4::float8 * power(2, least(30, f.failures + 1 - $3::int))) end)",
);

type SessionRow = Omit<UserSession, "id" | "userId"> & { readonly sessionId: string };

/** Sessions of people, in the table `user_session`. */
export class PostgresSessionStore implements SessionStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async add({ hash, userId, expiresAt, address, browser, password }: Parameters<SessionStore["add"]>[0]): Promise<boolean> {
    const now = this.#clock.now();
    // With each new one, so that as many go as come.
    await query(this.#pool, "sweep sessions", `delete from user_session s where not (${holdsSql})`, [now]);
    const text = `insert into user_session (hash, user_id, created_at, seen_at, expires_at, address, browser)
      select $1, id, ${timeSql("$3")}, ${timeSql("$3")}, ${timeSql("$4")}, $5, $6 from user_account where id = $2 and password is not distinct from $7
      for share returning id`;
    return (await query(this.#pool, "begin a session", text, [hash, idOr0(userId), now, expiresAt, address, browser, password])).length > 0;
  }

  async find(hash: string): Promise<{ readonly session: UserSession; readonly user: User } | undefined> {
    const now = this.#clock.now();
    const text = `select ${userColumns("u.")}, ${sessionColumns} from user_session s join user_account u on u.id = s.user_id
      where s.hash = $2 and u.active and ${holdsSql}`;
    const [row] = await query<UserRow & SessionRow>(this.#pool, "look up a session", text, [now, hash]);
    if (!row) return undefined;
    if (now - row.seenAt >= seenEveryMs)
      await query(this.#pool, "note the use of a session", `update user_session set seen_at = ${timeSql("$2")} where hash = $1`, [hash, now]);
    return { session: toSession(row, row.id), user: toUser(row) };
  }

  async list(userId: string): Promise<readonly UserSession[]> {
    const text = `select ${sessionColumns} from user_session s where s.user_id = $2 and ${holdsSql} order by s.id`;
    const rows = await query<SessionRow>(this.#pool, "list sessions", text, [this.#clock.now(), idOr0(userId)]);
    return rows.map((row) => toSession(row, userId));
  }

  async end(userId: string, id: string): Promise<boolean> {
    if (!isId(id)) return false;
    return (
      (await query(this.#pool, "end a session", "delete from user_session where user_id = $1 and id = $2 returning id", [userId, id])).length > 0
    );
  }

  async endAll(userId: string): Promise<number> {
    return (await query(this.#pool, "end sessions", "delete from user_session where user_id = $1 returning id", [idOr0(userId)])).length;
  }
}

/** Failed logins, and from where somebody has got in, in the table `login_failure`. */
export class PostgresLoginGuard implements LoginGuard {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;

  constructor(pool: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async begin(kind: "account" | "address", value: string): Promise<number | undefined> {
    const [subject, now] = [failureSubject(kind, value), this.#clock.now()];
    await query(this.#pool, "sweep failed logins", `delete from login_failure where failed_at < ${timeSql("$1")}`, [now - forgottenMs]);
    const text = `insert into login_failure as f (subject, failures, failed_at, blocked_until) values ($1, 1, ${timeSql("$2")}, ${timeSql("$2")})
      on conflict (subject) do update set failures = f.failures + 1, failed_at = ${timeSql("$2")}, blocked_until = ${waitSql}
      where f.blocked_until <= ${timeSql("$2")} returning f.failures`;
    const values = [subject, now, freeFailures[kind], firstBlockMs, longestBlockMs];
    if ((await query(this.#pool, "count a login", text, values)).length > 0) return undefined;
    return (await this.#blockedUntil(subject)) ?? now + blockMs(kind, freeFailures[kind]);
  }

  async beginAt(account: string, address: string): Promise<number | undefined | "stranger"> {
    const [subject, now] = [placeSubject(account, address), this.#clock.now()];
    const text = `update login_failure f set failures = f.failures + 1, failed_at = greatest(f.failed_at, ${timeSql("$2")}), blocked_until = ${waitSql}
      where f.subject = $1 and f.blocked_until <= ${timeSql("$2")} returning f.failures`;
    const values = [subject, now, freeFailures.place, firstBlockMs, longestBlockMs];
    if ((await query(this.#pool, "count a login", text, values)).length > 0) return undefined;
    return (await this.#blockedUntil(subject)) ?? "stranger";
  }

  async #blockedUntil(subject: string): Promise<number | undefined> {
    const text = `select ${ms("blocked_until")} as until from login_failure where subject = $1`;
    return (await query<{ until: number }>(this.#pool, "count a login", text, [subject]))[0]?.until;
  }

  async succeed(account: string, address: string): Promise<void> {
    const forget = (text: string, values: unknown[]) => query(this.#pool, "forget failed logins", text, values);
    const now = this.#clock.now();
    await Promise.all([
      forget("delete from login_failure where subject = $1", [failureSubject("account", account)]),
      // Of an address only this one: others of it may be guessing.
      forget("update login_failure set failures = greatest(0, failures - 1), blocked_until = failed_at where subject = $1", [
        failureSubject("address", address),
      ]),
      // Kept as if it failed last when it is to be forgotten: so the sweep takes it then.
      forget(
        `insert into login_failure (subject, failures, failed_at, blocked_until) values ($1, 0, ${timeSql("$3")}, ${timeSql("$2")})
          on conflict (subject) do update set failures = 0, failed_at = excluded.failed_at, blocked_until = excluded.blocked_until`,
        [placeSubject(account, address), now, now + knownPlaceMs - forgottenMs],
      ),
    ]);
  }
}

function placeSubject(account: string, address: string): string {
  return failureSubject("place", `${address}\n${account}`);
}

async function query<Row extends pg.QueryResultRow>(
  pool: Pick<pg.Pool, "query">,
  doing: string,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> {
  try {
    return (await pool.query<Row>(text, values)).rows;
  } catch (error) {
    throw databaseFault(error, doing);
  }
}

function toSession({ sessionId, createdAt, seenAt, expiresAt, address, browser }: SessionRow, userId: string): UserSession {
  return { id: sessionId, userId, createdAt, seenAt, expiresAt, address, browser };
}
