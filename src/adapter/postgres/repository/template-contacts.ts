import type pg from "pg";
import type { ListedFields, MessageTemplate, TemplateContacts, TemplateStretch } from "../../../template/ports.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";
import { writableAddresses } from "./work-message-sql.ts";

interface Row {
  readonly id: string;
  readonly client_id: string | null;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly reachable: boolean;
}

/** Lists as templates are held against them. */
export class PostgresTemplateContacts implements TemplateContacts {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async page(listId: string, channel: MessageTemplate["channel"], { limit, afterId }: TemplateStretch): Promise<readonly ListedFields[]> {
    if (!isId(listId)) return [];
    const after = afterId !== undefined && isId(afterId) ? afterId : "0";
    const text = `
select c.id, c.client_id, c.time_zone, c.fields,
  exists (select from address where contact_id = c.id and ${writableAddresses[channel].where}) as reachable
from contact c where c.list_id = $1 and c.id > $2 order by c.id limit $3`;
    try {
      const { rows } = await this.#pool.query<Row>(text, [listId, after, limit]);
      return rows.map(({ id, client_id, time_zone, fields, reachable }) => ({
        id,
        ...(client_id !== null && { clientId: client_id }),
        fields: time_zone === null ? fields : { ...fields, time_zone },
        reachable,
      }));
    } catch (error) {
      throw databaseFault(error, "read contacts");
    }
  }
}
