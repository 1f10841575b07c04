import type pg from "pg";
import type { AddressView, ContactView, ListReader, ListView, Page } from "../../../api/ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0, isId } from "./id.ts";

const lists = `select id::text, name, contacts, columns, (extract(epoch from created_at) * 1000)::float8 as "createdAt" from list`;

/** With their addresses: one statement for a page, which is read for every look at a list. */
const contacts = `
select c.id::text, c.list_id::text as "listId", c.client_id as "clientId", c.time_zone as "timeZone", c.fields, coalesce((
  select json_agg(json_strip_nulls(json_build_object('id', a.id::text, 'kind', a.kind, 'number', a.number, 'mailbox', a.mailbox)) order by a.position)
  from address a where a.contact_id = c.id), '[]') as addresses
from contact c`;

/** Lists and the people on them, as they are looked at. In plain SQL: a mapper's entities cost five times as much processor time as the whole answer. */
export class PostgresListReader implements ListReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async lists({ limit, afterId }: Page): Promise<readonly ListView[]> {
    return (await this.#rows<ListRow>(`${lists} where id > $1 order by list.id limit $2`, [idOr0(afterId), limit])).map(toList);
  }

  async list(id: string): Promise<ListView | undefined> {
    if (!isId(id)) return undefined;
    return (await this.#rows<ListRow>(`${lists} where id = $1`, [id])).map(toList)[0];
  }

  async listByName(name: string): Promise<ListView | undefined> {
    return (await this.#rows<ListRow>(`${lists} where name = $1`, [name])).map(toList)[0];
  }

  async contacts(listId: string, { limit, afterId }: Page): Promise<readonly ContactView[]> {
    if (!isId(listId)) return [];
    const text = `${contacts} where c.list_id = $1 and c.id > $2 order by c.id limit $3`;
    return (await this.#rows<ContactRow>(text, [listId, idOr0(afterId), limit])).map(toContact);
  }

  async contact(id: string): Promise<ContactView | undefined> {
    if (!isId(id)) return undefined;
    return (await this.#rows<ContactRow>(`${contacts} where c.id = $1`, [id])).map(toContact)[0];
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read contacts");
    }
  }
}

interface ListRow extends Omit<ListView, "columns"> {
  readonly columns: readonly string[] | null;
}

function toList({ columns, ...list }: ListRow): ListView {
  return { ...list, columns: columns ?? undefined };
}

interface ContactRow {
  readonly id: string;
  readonly listId: string | null;
  readonly clientId: string | null;
  readonly timeZone: string | null;
  readonly addresses: readonly AddressView[];
  readonly fields: Readonly<Record<string, string>>;
}

function toContact({ id, listId, clientId, timeZone, addresses, fields }: ContactRow): ContactView {
  return { id, listId: listId ?? undefined, clientId: clientId ?? undefined, timeZone: timeZone ?? undefined, addresses, fields };
}
