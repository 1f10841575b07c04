import { Fault } from "../kernel/fault.ts";
import { type Ask, allOf, idAmong, type Noun } from "./named.ts";

/** Finds ids of what a file names, each noun read once. */
export type IdOf = (noun: Noun, name: string) => Promise<string>;

/** What can be done to many with one file. */
export interface BulkKind {
  /** Of a CSV file. */
  readonly columns: readonly string[];
  /** What a row of a CSV file asks for, as the API takes it. @throws Fault when it names what there is not */
  item(cells: ReadonlyMap<string, string>, idOf: IdOf): Promise<unknown>;
  readonly path: string;
  /** What is shown once of each. */
  readonly secret?: "invitation" | "key";
  /** Whether one request takes each thing only once. */
  readonly once?: true;
  body(items: readonly unknown[]): unknown;
}

export function idsOver(ask: Ask): IdOf {
  const known = new Map<Noun, Promise<readonly unknown[]>>();
  return async (noun, name) => {
    const all = known.get(noun) ?? allOf(ask, noun);
    known.set(noun, all);
    return idAmong(await all, noun, name);
  };
}

type Cells = ReadonlyMap<string, string>;

const items = (all: readonly unknown[]) => ({ items: all });
/** Several in one cell stand between semicolons. */
const several = (text: string) => text.split(";").map((part) => part.trim());
const texts = (cells: Cells, ...names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (cells.has(name) ? [[name, cells.get(name)]] : [])));
/** What is neither is left for the server to refuse. */
const flag = (text: string) => (text === "true" ? true : text === "false" ? false : text);
const flags = (cells: Cells, ...names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (cells.has(name) ? [[name, flag(cells.get(name) ?? "")]] : [])));

async function groupsOf(cells: Cells, idOf: IdOf): Promise<{ readonly groupIds?: readonly string[] | null }> {
  const named = cells.get("groups");
  if (named === undefined) return {};
  return { groupIds: named === "*" ? null : await Promise.all(several(named).map((name) => idOf("groups", name))) };
}

function personOf(cells: Cells): Record<string, unknown> {
  const addresses = ["number", "mailbox"].flatMap((name) =>
    cells.has(name) ? several(cells.get(name) ?? "").map((each) => ({ [name]: each })) : [],
  );
  const fields = [...cells].flatMap(([name, value]) => (name.startsWith("field.") ? [[name.slice("field.".length), value]] : []));
  return {
    ...texts(cells, "clientId", "timeZone"),
    ...(addresses.length > 0 && { addresses }),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    ...flags(cells, "enter"),
  };
}

export const addContacts = (listId: string): BulkKind => ({
  columns: ["clientId", "timeZone", "number", "mailbox", "enter", "field.*"],
  item: async (cells) => personOf(cells),
  path: `lists/${listId}/contacts/bulk`,
  body: items,
});

export const changeContacts: BulkKind = {
  columns: ["id", "timeZone", "number", "mailbox", "field.*", "withdraw"],
  async item(cells) {
    const change = personOf(cells);
    return { ...texts(cells, "id"), ...flags(cells, "withdraw"), ...(Object.keys(change).length > 0 && { change }) };
  },
  path: "contacts/bulk",
  body: items,
};

export const suppressMany: BulkKind = {
  columns: ["number", "mailbox", "clientId", "list", "campaign", "channel", "reason", "expiresAt"],
  async item(cells, idOf) {
    const campaign = cells.get("campaign");
    return {
      ...texts(cells, "number", "mailbox", "clientId", "list", "channel", "reason", "expiresAt"),
      ...(campaign !== undefined && { campaignId: await idOf("campaigns", campaign) }),
    };
  },
  path: "suppressions/bulk",
  body: items,
};

export const endSuppressions: BulkKind = {
  columns: ["id", "reason"],
  item: async (cells) => texts(cells, "id", "reason"),
  path: "suppressions/bulk/end",
  body: items,
};

export const addUsers: BulkKind = {
  columns: ["name", "role", "groups"],
  item: async (cells, idOf) => ({ ...texts(cells, "name", "role"), ...(await groupsOf(cells, idOf)) }),
  path: "users/bulk",
  secret: "invitation",
  body: items,
};

export const changeUsers: BulkKind = {
  columns: ["name", "role", "groups", "active"],
  async item(cells, idOf) {
    const change = { ...texts(cells, "role"), ...(await groupsOf(cells, idOf)), ...flags(cells, "active") };
    return { id: await idOf("users", needed(cells, "name")), change };
  },
  path: "users/bulk/change",
  body: items,
};

export const createKeys: BulkKind = {
  columns: ["name", "role", "groups", "expiresAt"],
  item: async (cells, idOf) => ({ ...texts(cells, "name", "role", "expiresAt"), ...(await groupsOf(cells, idOf)) }),
  path: "keys/bulk",
  secret: "key",
  body: items,
};

/** Of an item that names one thing: `{"id":"7"}`, or the id alone. */
export const idNamed = (item: unknown): string => String(typeof item === "object" && item !== null && "id" in item ? item.id : item);

export const revokeKeys: BulkKind = {
  columns: ["id"],
  item: async (cells) => ({ id: needed(cells, "id") }),
  path: "keys/bulk/revoke",
  once: true,
  body: (all) => ({ ids: all.map(idNamed) }),
};

/** @param kind campaigns of one channel, or of a strategy */
export const orderCampaigns = (order: string, kind: "campaigns" | "strategy-campaigns"): BulkKind => ({
  columns: ["name"],
  item: async (cells, idOf) => ({ id: await idOf(kind, needed(cells, "name")) }),
  path: "campaign-orders",
  once: true,
  body: (all) => ({ order, [kind === "campaigns" ? "campaignIds" : "strategyCampaignIds"]: all.map(idNamed) }),
});

function needed(cells: Cells, name: string): string {
  const text = cells.get(name);
  if (text === undefined) throw new Fault("bulk-file", `${name} is empty`);
  return text;
}
