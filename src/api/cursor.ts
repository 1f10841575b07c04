import { Fault } from "../kernel/fault.ts";
import type { Page } from "./ports.ts";
import type { TimelinePlace } from "./timeline-ports.ts";

const form = /^after:([1-9]\d{0,17})$/;

/** Where the next page begins, as an opaque text: callers hand it back and never look into it. */
export function writeCursor(lastId: string): string {
  return Buffer.from(`after:${lastId}`).toString("base64url");
}

/** @throws Fault `cursor-invalid` */
export function readCursor(cursor: string): string {
  const id = form.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (id === undefined || writeCursor(id) !== cursor) throw notOurs();
  return id;
}

const placeForm = /^at:(-?\d{1,15}):(refused|attempt|suppressed):([1-9]\d{0,18})$/;

/** The same for a timeline, whose order is not that of one id. */
export function writePlace({ at, kind, id }: TimelinePlace): string {
  return Buffer.from(`at:${at}:${kind}:${id}`).toString("base64url");
}

/** @throws Fault `cursor-invalid` */
export function readPlace(cursor: string): TimelinePlace {
  const [, at, kind, id] = placeForm.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (id === undefined || (kind !== "refused" && kind !== "attempt" && kind !== "suppressed")) throw notOurs();
  const place: TimelinePlace = { at: Number(at), kind, id };
  if (writePlace(place) !== cursor) throw notOurs();
  return place;
}

function notOurs(): Fault {
  return new Fault("cursor-invalid", "Give the cursor exactly as the previous page gave it, or none for the first page.");
}

/**
 * One page of a query: reads one row more than wanted, to know whether there are more.
 * @param read gives rows in ascending id order
 */
export async function readPage<Row extends { readonly id: string }>(
  query: { readonly limit?: number; readonly cursor?: string },
  read: (page: Page) => Promise<readonly Row[]>,
): Promise<{ readonly items: readonly Row[]; readonly next?: string }> {
  const limit = query.limit ?? 100;
  const rows = await read({ limit: limit + 1, ...(query.cursor === undefined ? {} : { afterId: readCursor(query.cursor) }) });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, next: writeCursor(last.id) } : { items };
}
