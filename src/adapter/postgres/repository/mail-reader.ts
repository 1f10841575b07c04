import type pg from "pg";
import type { IncomingMailFilter, IncomingMailReader, IncomingMailView } from "../../../email/mail-ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";

interface Row {
  readonly id: string;
  readonly inbox: string;
  readonly at: Date;
  readonly kind: IncomingMailView["kind"];
  readonly from_address: string | null;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly enhanced: string | null;
  readonly reason: string;
  readonly attempt_id: string | null;
  readonly campaign_id: string | null;
  readonly contact_id: string | null;
  readonly size: string;
  readonly attachments: IncomingMailView["attachments"];
}

const columns =
  "id::text, inbox, at, kind, from_address, recipients, subject, text, enhanced, reason, attempt_id::text, campaign_id::text, contact_id::text, size, attachments";
/** By name of the filter. */
const filterColumns = { campaignId: "campaign_id", contactId: "contact_id", attemptId: "attempt_id" } as const;

/** Reads the table `incoming_mail`. */
export class PostgresMailReader implements IncomingMailReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async mails(
    filter: IncomingMailFilter,
    { limit, afterId }: { readonly limit: number; readonly afterId?: string },
  ): Promise<readonly IncomingMailView[]> {
    const values: unknown[] = [idOr0(afterId), limit];
    const where = ["id > $1"];
    for (const name of ["campaignId", "contactId", "attemptId"] as const) {
      const value = filter[name];
      if (value !== undefined) where.push(`${filterColumns[name]} = $${values.push(idOr0(value))}`);
    }
    if (filter.kind !== undefined) where.push(`kind = $${values.push(filter.kind)}`);
    return await this.#read(`select ${columns} from incoming_mail where ${where.join(" and ")} order by incoming_mail.id limit $2`, values);
  }

  async mail(id: string): Promise<IncomingMailView | undefined> {
    return (await this.#read(`select ${columns} from incoming_mail where id = $1`, [idOr0(id)]))[0];
  }

  async #read(text: string, values: unknown[]): Promise<readonly IncomingMailView[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows.map(toView);
    } catch (error) {
      throw databaseFault(error, "read incoming e-mails");
    }
  }
}

function toView(row: Row): IncomingMailView {
  const { id, inbox, kind, recipients, subject, text, reason, attachments } = row;
  return {
    ...{ id, inbox, at: row.at.getTime(), kind, recipients, subject, text, reason, attachments, size: Number(row.size) },
    ...(row.from_address !== null && { from: row.from_address }),
    ...(row.enhanced !== null && { enhanced: row.enhanced }),
    ...(row.attempt_id !== null && { attemptId: row.attempt_id }),
    ...(row.campaign_id !== null && { campaignId: row.campaign_id }),
    ...(row.contact_id !== null && { contactId: row.contact_id }),
  };
}
