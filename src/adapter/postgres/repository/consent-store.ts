import type pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import { type ConsentKind, type ConsentRecord, checkConsent, type NewConsent } from "../../../compliance/consent.ts";
import type { ConsentEvidence, ConsentLoad, ConsentStore } from "../../../compliance/consent-ports.ts";
import { checkWhom, type Whom } from "../../../compliance/suppression.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { PostgresConsentLoad, stageSql } from "./consent-load.ts";
import { subjectSql } from "./consented.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { sweepInFlight } from "./suppression-sweep.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const columns = `id::text, ${ms("at")} as at, kind, subject_kind, subject, channel, purpose, ${ms("obtained_at")} as obtained_at, source, proof,
  ${ms("expires_at")} as expires_at, recorded_by, suppression_id::text, previous, hash`;

/** Who is known by so much is not one person. */
const mostNames = 50;
const mostRecords = 10_000;

interface Row {
  readonly id: string;
  readonly at: number;
  readonly kind: ConsentKind;
  readonly subject_kind: Whom["kind"];
  readonly subject: string;
  readonly channel: ChannelName | null;
  readonly purpose: string | null;
  readonly obtained_at: number;
  readonly source: string;
  readonly proof: string | null;
  readonly expires_at: number | null;
  readonly recorded_by: string;
  readonly suppression_id: string | null;
  readonly previous: string;
  readonly hash: string;
}

/** The chain, in the table `consent`; the database links it (migration/consents.ts). */
export class PostgresConsentStore implements ConsentStore {
  readonly #pool: Database;
  readonly #loads: pg.Pool;
  readonly #clock: Clock;

  /** @param loads for what takes long */
  constructor(pool: Database, loads: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#loads = loads;
    this.#clock = clock;
  }

  async record(consent: NewConsent, by: string): Promise<ConsentRecord> {
    const now = this.#clock.now();
    checkConsent(consent, now);
    const { kind, whom, channel = null, purpose = null, obtainedAt, source, proof = null, expiresAt = null } = consent;
    const text = `insert into consent (kind, subject_kind, subject, channel, purpose, obtained_at, source, proof, expires_at, recorded_by)
      values ($1, $2, ${subjectSql(whom.kind, "$3::text")}, $4, $5, ${timeSql("$6")}, $7, $8, ${timeSql("$9")}, $10) returning ${columns}`;
    const [row] = await this.#rows<Row>("record a consent", text, [
      kind,
      whom.kind,
      whom.value,
      channel,
      purpose,
      obtainedAt,
      source,
      proof,
      expiresAt,
      by,
    ]);
    if (!row) throw new Fault("database-fault", "The consent was not found after it was written.");
    // As for a suppression: seen first, then looked at what is on its way.
    await keepNow(this.#pool, { id: row.id });
    if (kind === "revocation")
      await sweepInFlight(this.#pool, now).catch((error: unknown) => {
        throw databaseFault(error, "take back what is on its way");
      });
    return toRecord(row);
  }

  async openLoad(): Promise<ConsentLoad> {
    const client = await this.#loads.connect().catch((error: unknown) => {
      throw databaseFault(error, "open the load");
    });
    try {
      await client.query(stageSql);
      return new PostgresConsentLoad(client, () => sweepInFlight(this.#pool, this.#clock.now()));
    } catch (error) {
      client.release(true);
      throw databaseFault(error, "open the load");
    }
  }

  async evidence(whom: readonly Whom[]): Promise<ConsentEvidence> {
    for (const each of whom) checkWhom(each);
    if (whom.length === 0 || whom.length > mostNames)
      throw new Fault("suppression-invalid", `Name somebody by 1 to ${mostNames} numbers, mailboxes and client ids.`);
    const named = whom.map(({ kind }, index) => `(${index}, ${subjectSql(kind, `$${index + 1}::text`)})`).join(", ");
    const found = await this.#rows<{ subject: string }>(
      "look somebody up",
      `select v.subject from (values ${named}) v(place, subject) order by v.place`,
      whom.map(({ value }) => value),
    );
    const subjects = found.map(({ subject }) => subject);
    const text = `select ${columns} from consent where subject = any($1) order by consent.id limit ${mostRecords}`;
    const records = await this.#rows<Row>("read consents", text, [subjects]);
    return {
      subjects: whom.map(({ kind }, index) => ({ kind, subject: subjects[index] ?? "" })),
      records: records.map(toRecord),
    };
  }

  async chain(after: string, limit: number): Promise<readonly ConsentRecord[]> {
    return (
      await this.#rows<Row>("read consents", `select ${columns} from consent where id > $1 order by consent.id limit $2`, [idOr0(after), limit])
    ).map(toRecord);
  }

  async #rows<T extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

function toRecord(row: Row): ConsentRecord {
  const { id, at, kind, subject_kind: subjectKind, subject, channel, purpose, obtained_at: obtainedAt, source, proof, previous, hash } = row;
  return {
    ...{ id, at, kind, subjectKind, subject, obtainedAt, source, recordedBy: row.recorded_by, previous, hash },
    ...(channel !== null && { channel }),
    ...(purpose !== null && { purpose }),
    ...(proof !== null && { proof }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.suppression_id !== null && { suppressionId: row.suppression_id }),
  };
}
