import type pg from "pg";
import type { ListedFields, MessageTemplate, TemplateContacts, TemplateStretch } from "../../../template/ports.ts";
import { isId } from "./id.ts";
import { inTransaction } from "./transaction.ts";
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
select c.id, c.client_id, c.time_zone, c.fields, coalesce(a.reachable, false) as reachable
from contact c
left join lateral (select true as reachable from address where contact_id = c.id and ${writableAddresses[channel].where} limit 1) a on true
where c.list_id = $1 and (c.list_id, c.id) > ($1::bigint, $2::bigint) order by c.id limit $3`;
    return await inTransaction(this.#pool, "read contacts", async (client) => {
      // Of a list that has just come in there are no statistics yet, and a sorted bitmap of the rest of it looks cheaper than its index in order: once for each page. For
      // the same reason the comparison has both columns of that index, and the address is looked up, not joined.
      await client.query("set local enable_bitmapscan = off");
      const { rows } = await client.query<Row>(text, [listId, after, limit]);
      return rows.map(({ id, client_id, time_zone, fields, reachable }) => ({
        id,
        ...(client_id !== null && { clientId: client_id }),
        fields: time_zone === null ? fields : { ...fields, time_zone },
        reachable,
      }));
    });
  }
}
