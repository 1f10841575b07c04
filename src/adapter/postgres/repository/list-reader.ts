import type { EntityManager } from "@mikro-orm/postgresql";
import type { ContactView, ListReader, ListView, Page } from "../../../api/ports.ts";
import { AddressEntity, ContactEntity, ListEntity } from "../entity/contact.ts";
import { databaseFault } from "../faults.ts";
import type { Entities } from "../orm.ts";
import { isId } from "./id.ts";

export class PostgresListReader implements ListReader {
  readonly #entities: Entities;

  constructor(entities: Entities) {
    this.#entities = entities;
  }

  async lists({ limit, afterId }: Page): Promise<readonly ListView[]> {
    return await this.#reading(async (em) => {
      const rows = await em.find(ListEntity, after(afterId), { orderBy: { id: "asc" }, limit });
      return rows.map(toList);
    });
  }

  async list(id: string): Promise<ListView | undefined> {
    if (!isId(id)) return undefined;
    return await this.#reading(async (em) => {
      const row = await em.findOne(ListEntity, { id });
      return row ? toList(row) : undefined;
    });
  }

  async listByName(name: string): Promise<ListView | undefined> {
    return await this.#reading(async (em) => {
      const row = await em.findOne(ListEntity, { name });
      return row ? toList(row) : undefined;
    });
  }

  async contacts(listId: string, { limit, afterId }: Page): Promise<readonly ContactView[]> {
    if (!isId(listId)) return [];
    return await this.#reading(async (em) => {
      const rows = await em.find(ContactEntity, { listId, ...after(afterId) }, { orderBy: { id: "asc" }, limit });
      return await withAddresses(em, rows);
    });
  }

  async contact(id: string): Promise<ContactView | undefined> {
    if (!isId(id)) return undefined;
    return await this.#reading(async (em) => {
      const row = await em.findOne(ContactEntity, { id });
      return row ? (await withAddresses(em, [row]))[0] : undefined;
    });
  }

  async #reading<T>(read: (em: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await read(await this.#entities.fork());
    } catch (error) {
      throw databaseFault(error, "read contacts");
    }
  }
}

interface ContactRow {
  readonly id: string;
  readonly listId?: string | null;
  readonly clientId?: string | null;
  readonly timeZone?: string | null;
  readonly fields: Readonly<Record<string, string>>;
}

/** An id that is none is before every other. */
function after(afterId: string | undefined): { id?: { $gt: string } } {
  return afterId !== undefined && isId(afterId) ? { id: { $gt: afterId } } : {};
}

async function withAddresses(em: EntityManager, rows: readonly ContactRow[]): Promise<ContactView[]> {
  const contactId = { $in: rows.map(({ id }) => id) };
  const addresses = rows.length > 0 ? await em.find(AddressEntity, { contactId }, { orderBy: { contactId: "asc", position: "asc" } }) : [];
  const byContact = Map.groupBy(addresses, (address) => address.contactId);
  return rows.map(({ id, listId, clientId, timeZone, fields }) => ({
    id,
    listId: listId ?? undefined,
    clientId: clientId ?? undefined,
    timeZone: timeZone ?? undefined,
    addresses: (byContact.get(id) ?? []).map((address) => {
      const { kind, number, mailbox } = address;
      return { id: address.id, kind, ...(number != null && { number }), ...(mailbox != null && { mailbox }) };
    }),
    fields,
  }));
}

function toList(row: { id: string; name: string; contacts: number; columns?: string[] | null; createdAt: Date }): ListView {
  return { id: row.id, name: row.name, contacts: row.contacts, columns: row.columns ?? undefined, createdAt: row.createdAt.getTime() };
}
