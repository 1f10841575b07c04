import type pg from "pg";
import type { LoadMode, NewSuppression, NewSuppressionList, Suppression, SuppressionList, Whom } from "../../../compliance/suppression.ts";
import { checkReason, checkSuppression, checkSuppressionList, checkWhom } from "../../../compliance/suppression.ts";
import type { AfterId, SuppressionLoad, SuppressionStore } from "../../../compliance/suppression-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import { type Database, keepNow, writeLine } from "./change.ts";
import { subjectSql } from "./consented.ts";
import { addingSql, importingSql, subjectOfErased } from "./erased.ts";
import { idOr0, isId } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { PostgresSuppressionLoad, stageSql } from "./suppression-load.ts";
import { type ListRow, listsWhere, type SuppressionRow, suppressionsWhere, toList, toSuppression, whomColumns } from "./suppression-row.ts";
import { sweepSuppressed } from "./suppression-sweep.ts";
import { inTransaction } from "./transaction.ts";

/** More of one person nobody reads. */
const mostAbout = 500;
/** From so many on the statistics of the table would mislead for too long. */
const analyzeFrom = 100_000;

/** Suppressions and their lists, in the tables `suppression`, `suppression_list`, `suppression_load`. */
export class PostgresSuppressionStore implements SuppressionStore {
  readonly #pool: Database;
  readonly #loads: pg.Pool;
  readonly #clock: Clock;

  /** @param loads for what takes long */
  constructor(pool: Database, loads: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#loads = loads;
    this.#clock = clock;
  }

  async createList(list: NewSuppressionList, by: string): Promise<SuppressionList> {
    checkSuppressionList(list);
    const { name, kind = null, mandatory, channels, reason } = list;
    const text = `insert into suppression_list (name, kind, mandatory, channels, reason, created_at, created_by)
      values ($1, $2, $3, $4, $5, ${timeSql("$6")}, $7) returning id::text`;
    try {
      const values = [name, kind, mandatory, channels.length === 0 ? null : channels, reason, this.#clock.now(), by];
      const { rows } = await this.#pool.query<{ id: string }>(text, values);
      const made = await this.list(rows[0]?.id ?? "");
      if (!made) throw new Fault("database-fault", `The list ${name} was not found after it was written.`);
      return made;
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault("suppression-list-exists", `A suppression list named ${name} exists already.`, { cause: error });
      throw databaseFault(error, "make the suppression list");
    }
  }

  async lists(): Promise<readonly SuppressionList[]> {
    return (await this.#rows<ListRow>("read suppression lists", listsWhere("order by l.id"), [])).map(toList);
  }

  async list(nameOrId: string): Promise<SuppressionList | undefined> {
    const rest = "where l.name = $1 or l.id = $2 order by l.name = $1 desc limit 1";
    return (await this.#rows<ListRow>("read a suppression list", listsWhere(rest), [nameOrId, idOr0(nameOrId)])).map(toList)[0];
  }

  async openLoad(listId: string, mode: LoadMode): Promise<SuppressionLoad> {
    const client = await this.#loads.connect().catch((error: unknown) => {
      throw databaseFault(error, "open the load");
    });
    try {
      await client.query("begin");
      // The reader of the file may be slow; the transaction is not forgotten.
      await client.query("set local idle_in_transaction_session_timeout = 0");
      const { rows } = await client.query("select from suppression_list where id = $1 for update", [idOr0(listId)]);
      if (rows.length === 0) throw noList(listId);
      await client.query(importingSql);
      await client.query(stageSql);
      const loaded = async (from: string, to: string) => {
        if (BigInt(to) - BigInt(from) >= analyzeFrom) await this.#pool.query("analyze suppression");
        await sweepSuppressed(this.#pool, this.#clock.now(), from, to);
      };
      return new PostgresSuppressionLoad({
        client,
        listId,
        mode,
        now: () => this.#clock.now(),
        beforeCommit: () => writeLine(this.#pool, client),
        loaded,
      });
    } catch (error) {
      client.release(true);
      throw databaseFault(error, "open the load");
    }
  }

  async add(suppression: NewSuppression, by: string): Promise<Suppression> {
    const now = this.#clock.now();
    checkSuppression(suppression, now);
    const { whom, listId, campaignId, channel, reason, expiresAt } = suppression;
    const id = await inTransaction(this.#pool, "suppress somebody", async (client) => {
      // Held while it is counted, and so that two who say the same at once write it once.
      if (listId !== undefined) {
        const { rows } = await client.query("select from suppression_list where id = $1 for update", [idOr0(listId)]);
        if (rows.length === 0) throw noList(listId);
      } else await client.query("select pg_advisory_xact_lock(hashtextextended($1, 7))", [whom.value]);
      if (campaignId !== undefined) {
        const { rows } = await client.query("select from campaign where id = $1", [idOr0(campaignId)]);
        if (rows.length === 0) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
      }
      await client.query(addingSql);
      // Whoever was erased is not named in the clear again.
      const subject = await subjectOfErased(client, whom);
      const column = subject === undefined ? whomColumns[whom.kind] : "subject";
      const values = [listId ?? null, campaignId ?? null, subject ?? whom.value, channel ?? null, reason, expiresAt ?? null];
      const { rows: known } = await client.query<{ id: string }>(
        `select id::text from suppression where ${column} = $3 and list_id is not distinct from $1::bigint and campaign_id is not distinct from $2::bigint
           and channel is not distinct from $4 and reason = $5 and expires_at is not distinct from ${timeSql("$6")} and ended_by is null limit 1`,
        values,
      );
      if (known[0]) return known[0].id;
      const { rows } = await client.query<{ id: string }>(
        `insert into suppression (list_id, campaign_id, ${column}, channel, reason, source, expires_at, created_at, recorded_by, subject_kind)
         values ($1, $2, $3, $4, $5, $7, ${timeSql("$6")}, ${timeSql("$8")}, $9, $10) returning id::text`,
        [...values, listId === undefined ? "admin" : "list", now, by, subject === undefined ? null : whom.kind],
      );
      if (listId !== undefined) await client.query("update suppression_list set entries = entries + 1 where id = $1", [listId]);
      return rows[0]?.id ?? "0";
    });
    // Whoever is about to be contacted must see it before what is on its way is looked at.
    await keepNow(this.#pool, { id });
    try {
      await sweepSuppressed(this.#pool, now, id, id);
    } catch (error) {
      throw databaseFault(error, "take back what is on its way");
    }
    const made = await this.#one(id);
    if (!made) throw new Fault("database-fault", "The suppression was not found after it was written.");
    return made;
  }

  async end(id: string, reason: string, by: string): Promise<Suppression | undefined> {
    checkReason(reason);
    const text = `with ended as (
        update suppression set expires_at = ${timeSql("$2")}, ended_by = $3, ended_reason = $4
        where id = $1 and ended_by is null and (expires_at is null or expires_at > ${timeSql("$2")}) returning id, list_id
      ), counted as (update suppression_list l set entries = l.entries - 1 from ended e where l.id = e.list_id)
      select id from ended`;
    const rows = await this.#rows<{ id: string }>("end a suppression", text, [idOr0(id), this.#clock.now(), by, reason]);
    return rows.length === 0 ? undefined : await this.#one(id);
  }

  async about(whom: Whom): Promise<readonly Suppression[]> {
    checkWhom(whom);
    const rest = `where s.${whomColumns[whom.kind]} = $1 or s.subject = ${subjectSql(whom.kind, "$1::text")} order by s.id desc limit ${mostAbout}`;
    return (await this.#rows<SuppressionRow>("look for suppressions", suppressionsWhere(rest), [whom.value])).map(toSuppression);
  }

  async entries(listId: string, { limit, afterId = "0" }: AfterId): Promise<readonly Suppression[]> {
    if (!isId(listId)) return [];
    const rest = `where s.list_id = $1 and s.id > $2 and (s.expires_at is null or s.expires_at > ${timeSql("$3")}) order by s.list_id, s.id limit $4`;
    const values = [listId, idOr0(afterId), this.#clock.now(), limit];
    return (await this.#rows<SuppressionRow>("read a suppression list", suppressionsWhere(rest), values)).map(toSuppression);
  }

  async #one(id: string): Promise<Suppression | undefined> {
    return (await this.#rows<SuppressionRow>("read a suppression", suppressionsWhere("where s.id = $1"), [idOr0(id)])).map(toSuppression)[0];
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

function noList(id: string): Fault {
  return new Fault("suppression-list-unknown", `There is no suppression list ${id}.`);
}
