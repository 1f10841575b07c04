import type pg from "pg";
import type { Whom } from "../../../compliance/suppression.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { RecordingConsent } from "../../../privacy/consent.ts";
import { checkErasure, checkOnePerson, checkPerson, type Erasure, type ErasureOrder, type PersonExport } from "../../../privacy/person.ts";
import type { PrivacyStore, RecordingStore } from "../../../privacy/ports.ts";
import { codeOf, databaseFault, isCollision } from "../faults.ts";
import { subjectSql } from "./consented.ts";
import { withdrawSql } from "./contact-update.ts";
import { importsEndedSql } from "./erased.ts";
import { idOr0 } from "./id.ts";
import { eraseSql, stopSql, underWaySql } from "./person-erase-sql.ts";
import { exportSql } from "./person-export-sql.ts";
import { addressesSql, attemptsSql, bound, type PersonValues, peopleSql } from "./person-sql.ts";
import { PostgresRetentionStore } from "./retention-store.ts";
import { sweepInFlight } from "./suppression-sweep.ts";
import { inTransaction } from "./transaction.ts";

type Querying = Pick<pg.PoolClient, "query">;

/** Somebody, as far as they are found; `attempts` are those of the time of asking. */
interface Person {
  readonly values: PersonValues;
  readonly knownBy: readonly Whom[];
}

/** One erasure at a time: what one has found no other takes away. */
const erasingLock = 7_243_270;
const mostTries = 5;
/** An import holds its lists for as long as it takes; nobody waits for that. */
const lockTimeout = "set local lock_timeout = '3s'";

/** What is kept of people: looked up, told and forgotten. @param loads for what takes long: some of it is found by reading whole tables */
export class PostgresPrivacyStore implements PrivacyStore, RecordingStore {
  readonly #pool: pg.Pool;
  readonly #loads: pg.Pool;
  readonly #clock: Clock;
  /** For how long what is kept of people stays. */
  readonly retention: PostgresRetentionStore;

  constructor(pool: pg.Pool, loads: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#loads = loads;
    this.#clock = clock;
    this.retention = new PostgresRetentionStore(loads);
  }

  async collect(whom: readonly Whom[]): Promise<PersonExport> {
    checkPerson(whom);
    return await inTransaction(this.#loads, "collect what is known of a person", async (client) => {
      // What is told is of one moment.
      await client.query("set transaction isolation level repeatable read read only");
      const { values, knownBy } = await findPerson(client, whom);
      const kinds: Record<string, Record<string, unknown>[]> = {};
      for (const [kind, text] of Object.entries(exportSql)) {
        const { rows } = await client.query<{ row: Record<string, unknown> }>(bound(text, values));
        kinds[kind] = rows.map(({ row }) => shown(row));
      }
      return { format: "carillon.person/1", exportedAt: new Date(this.#clock.now()).toISOString(), asked: whom, knownBy, kinds };
    });
  }

  async erase(order: ErasureOrder): Promise<Erasure> {
    checkErasure(order);
    await this.#retried("stop contacting a person", (client) => this.#stop(client, order));
    await sweepInFlight(this.#pool, this.#clock.now()).catch((error: unknown) => {
      throw databaseFault(error, "take back what is on its way");
    });
    return await this.#retried("forget a person", (client) => this.#forget(client, order));
  }

  /** What was queued is taken back, what rings is hung up, nothing new begins. */
  async #stop(client: Querying, { whom, everybody }: ErasureOrder): Promise<void> {
    const { values } = await findPerson(client, whom);
    checkOnePerson(values.clients, everybody);
    await run(client, stopSql.lists, values);
    await run(client, stopSql.suppressed, values);
    await run(client, stopSql.left, values);
    await client.query(withdrawSql("= any($1::bigint[])", "$2"), [values.contacts, this.#clock.now()]);
  }

  async #forget(client: Querying, { whom, everybody, reason, by }: ErasureOrder): Promise<Erasure> {
    // What began before it was known that they are to be forgotten may bring them in again; what begins now leaves them out.
    await client.query(importsEndedSql);
    const { values } = await findPerson(client, whom);
    checkOnePerson(values.clients, everybody);
    await refuseUnderWay(client, values);
    await client.query("set local carillon.erasing = 'on'");
    const counts: Record<string, number> = {};
    for (const [kind, text] of Object.entries(eraseSql)) {
      const changed = await run(client, text, values);
      if (changed > 0) counts[kind] = changed;
    }
    // What another process had begun before it could know, and has committed meanwhile.
    await refuseUnderWay(client, { ...values, attempts: await attemptsOf(client, values) });
    if (Object.keys(counts).length === 0)
      throw new Fault("person-unknown", "Nothing is known of anybody by that name, so there is nothing to forget.");
    const { rows } = await client.query<{ id: string; at: number }>(
      `insert into erasure (at, by_whom, reason, subjects, counts) values (clock_timestamp(), $1, $2, $3, $4)
       returning id::text as id, (extract(epoch from at) * 1000)::float8 as at`,
      [by.name, reason, values.subjects, JSON.stringify(counts)],
    );
    const { id = "", at = 0 } = rows[0] ?? {};
    await client.query(
      "insert into audit (actor_kind, actor_id, actor, action, target, after, origin) values ($1, $2, $3, 'erase a person', $4, $5, $6)",
      [...[by.kind, by.id ?? null, by.name, `/api/v1/erasures/${id}`, JSON.stringify({ reason, counts }), by.origin]],
    );
    return { id, at, by: by.name, reason, subjects: values.subjects, counts };
  }

  /** In a transaction of its own, one erasure after the other; run again when it lost against another transaction. */
  async #retried<T>(doing: string, work: (client: Querying) => Promise<T>): Promise<T> {
    for (let time = 1; ; time += 1) {
      try {
        return await inTransaction(this.#loads, doing, async (client) => {
          await client.query("select pg_advisory_xact_lock($1)", [erasingLock]);
          await client.query(lockTimeout);
          return await work(client);
        });
      } catch (error) {
        if (codeOf(error) === "55P03")
          throw new Fault("list-busy", "An import is under way that may hold them; ask again when it has ended.", { cause: error, retryable: true });
        if (time >= mostTries || !isCollision(error)) throw error;
      }
    }
  }

  async erasures({ limit, beforeId }: { readonly limit: number; readonly beforeId?: string }): Promise<readonly Erasure[]> {
    return await this.#rows<Erasure>(
      "read the erasures",
      `select id::text as id, (extract(epoch from at) * 1000)::float8 as at, by_whom as by, reason, subjects, counts from erasure
       where $2::bigint is null or id < $2 order by erasure.id desc limit $1`,
      [limit, beforeId === undefined ? null : idOr0(beforeId)],
    );
  }

  async addressOf(attemptId: string): Promise<string | undefined> {
    return (
      await this.#rows<{ address: string }>("look whom a conversation is with", "select address from attempt where id = $1", [idOr0(attemptId)])
    )[0]?.address;
  }

  async talkBegins({
    attemptId,
    file,
    consent,
  }: {
    readonly attemptId: string;
    readonly file: string;
    readonly consent: RecordingConsent;
  }): Promise<void> {
    const text = "insert into recording (attempt_id, file, kind, consent, at, state) values ($1, $2, 'talk', $3, clock_timestamp(), 'kept')";
    await this.#rows("note a recording", text, [idOr0(attemptId), file, consent]);
  }

  async going(limit: number): Promise<readonly { readonly id: string; readonly file: string }[]> {
    return await this.#rows(
      "look for recordings that are to go",
      "select id::text as id, file from recording where state = 'going' order by at, id limit $1",
      [limit],
    );
  }

  async gone(ids: readonly string[]): Promise<void> {
    await this.#rows(
      "note recordings that are gone",
      "update recording set state = 'gone', gone_at = clock_timestamp() where id = any($1::bigint[])",
      [ids],
    );
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

async function findPerson(client: Querying, whom: readonly Whom[]): Promise<Person> {
  const asked = (kind: Whom["kind"]) => whom.flatMap((each) => (each.kind === kind ? [each.value] : []));
  const named = { numbers: asked("number"), mailboxes: asked("mailbox"), clients: asked("client-id") };
  const { rows: people } = await client.query<{ id: string; clientId: string | null }>(bound(peopleSql, named));
  const contacts = people.map(({ id }) => id);
  const { rows: addresses } = await client.query<{ number: string | null; mailbox: string | null; shared: boolean }>(
    bound(addressesSql, { contacts }),
  );
  const own = addresses.filter(({ shared }) => !shared);
  const numbers = unique([...named.numbers, ...own.flatMap(({ number }) => number ?? [])]);
  const mailboxes = unique([...named.mailboxes, ...own.flatMap(({ mailbox }) => mailbox ?? [])]);
  const clients = unique([...named.clients, ...people.flatMap(({ clientId }) => clientId ?? [])]);
  const knownBy: Whom[] = [
    ...numbers.map((value) => ({ kind: "number" as const, value })),
    ...mailboxes.map((value) => ({ kind: "mailbox" as const, value })),
    ...clients.map((value) => ({ kind: "client-id" as const, value })),
  ];
  const hashes = knownBy.map(({ kind }, place) => `(${place}, ${subjectSql(kind, `$${place + 1}::text`)})`).join(", ");
  const { rows: found } = await client.query<{ subject: string }>(
    `select v.subject from (values ${hashes}) v(place, subject) order by v.place`,
    knownBy.map(({ value }) => value),
  );
  const known = {
    ...{ contacts, numbers, mailboxes, clients, attempts: [], subjects: found.map(({ subject }) => subject) },
    senders: numbers.flatMap((number) => [number, number.slice(1)]),
  };
  return { values: { ...known, attempts: await attemptsOf(client, known) }, knownBy };
}

async function attemptsOf(client: Querying, values: PersonValues): Promise<readonly string[]> {
  return (await client.query<{ id: string }>(bound(attemptsSql, values))).rows.map(({ id }) => id);
}

async function refuseUnderWay(client: Querying, values: PersonValues): Promise<void> {
  const { rows } = await client.query<{ what: string }>(bound(underWaySql, values));
  if (rows[0])
    throw new Fault("person-busy", `There is ${rows[0].what} under way. Nothing more will be begun with them; ask again when it has ended.`, {
      retryable: true,
    });
}

async function run(client: Querying, text: string, values: PersonValues): Promise<number> {
  return (await client.query(bound(text, values))).rowCount ?? 0;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** A row as it is told: names as the API has them, ids as text, nothing that is not there. */
function shown(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([name, value]) => {
      const called = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [called, /^id$|Id$/.test(called) && typeof value === "number" ? String(value) : value];
    }),
  );
}
