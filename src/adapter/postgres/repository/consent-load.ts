import { once } from "node:events";
import type { Writable } from "node:stream";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { NewConsent } from "../../../compliance/consent.ts";
import type { ConsentLoad, ConsentLoadResult } from "../../../compliance/consent-ports.ts";
import { databaseFault } from "../faults.ts";
import { copyLine } from "./copy-line.ts";

/** Of this connection alone. */
export const stageSql = `create temporary table consent_stage (place bigint generated always as identity primary key, kind text not null, subject_kind text not null, whom text not null,
  channel text, purpose text, obtained_at timestamptz(3) not null, source text not null, proof text, expires_at timestamptz(3))`;
const copySql = "copy consent_stage (kind, subject_kind, whom, channel, purpose, obtained_at, source, proof, expires_at) from stdin";

/** Whoever opts out meanwhile waits for one part: some 50 ms. */
const partRows = 500;

const said = ["kind", "channel", "purpose", "obtained_at", "source", "proof", "expires_at"];
const subject = "encode(sha256((select evidence_key()) || convert_to(subject_kind || ':' || whom, 'UTF8')), 'hex')";

/** $1 and $2 places, $3 by whom: what stands between them comes to the end of the chain, unless it says what is there already. */
const partSql = `
with part as materialized (
  select place, subject_kind, ${subject} as subject, ${said.join(", ")} from consent_stage where place > $1 and place <= $2
), fresh as (
  select distinct on (subject, ${said.join(", ")}) * from part p
  where not exists (select from consent c where c.subject = p.subject and ${said.map((column) => `c.${column} is not distinct from p.${column}`).join(" and ")})
  order by subject, ${said.join(", ")}, place
), made as (
  insert into consent (subject_kind, subject, ${said.join(", ")}, recorded_by)
  select subject_kind, subject, ${said.join(", ")}, $3 from fresh order by place
  returning id, hash, kind
)
select count(*)::int as recorded, count(*) filter (where kind = 'revocation')::int as revoked, max(id)::text as last, (array_agg(hash order by id desc))[1] as hash from made`;

interface PartRow {
  readonly recorded: number;
  readonly revoked: number;
  readonly last: string | null;
  readonly hash: string | null;
}

/** One file, on a connection of its own. */
export class PostgresConsentLoad implements ConsentLoad {
  readonly #client: pg.PoolClient;
  /** After the last part, when somebody has taken something back. */
  readonly #revoked: () => Promise<void>;
  readonly #stage: Writable;
  #fault: unknown;
  #open = true;
  #staged = 0;

  constructor(client: pg.PoolClient, revoked: () => Promise<void>) {
    this.#client = client;
    this.#revoked = revoked;
    this.#stage = client.query(copyFrom(copySql));
    this.#stage.on("error", (error) => {
      this.#fault = error;
    });
  }

  async add(consents: readonly NewConsent[]): Promise<void> {
    const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
    const lines = consents.map(({ kind, whom, channel, purpose, obtainedAt, source, proof, expiresAt }) =>
      copyLine([kind, whom.kind, whom.value, channel, purpose, time(obtainedAt), source, proof, time(expiresAt)]),
    );
    this.#staged += consents.length;
    const room = this.#stage.write(lines.join(""));
    if (!room && this.#fault === undefined) await once(this.#stage, "drain").catch(() => {});
    if (this.#fault !== undefined) throw databaseFault(this.#fault, "load the consents");
  }

  async commit(by: string): Promise<ConsentLoadResult> {
    try {
      this.#stage.end();
      if (!this.#stage.writableFinished) await once(this.#stage, "finish");
      let [recorded, revoked] = [0, 0];
      let last: ConsentLoadResult["last"];
      for (let from = 0; from < this.#staged; from += partRows) {
        const { rows } = await this.#client.query<PartRow>(partSql, [from, from + partRows, by]);
        const [part] = rows;
        recorded += part?.recorded ?? 0;
        revoked += part?.revoked ?? 0;
        if (part?.last && part.hash) last = { id: part.last, hash: part.hash };
      }
      await this.#client.query("drop table consent_stage");
      this.#open = false;
      this.#client.release();
      if (revoked > 0) await this.#revoked();
      return { recorded, known: this.#staged - recorded, ...(last && { last }) };
    } catch (error) {
      await this.abort();
      throw databaseFault(this.#fault ?? error, "load the consents");
    }
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    // The COPY that is under way ends with its connection, and what was staged with it.
    this.#stage.destroy();
    this.#client.release(true);
  }
}
