import type pg from "pg";
import type { Whom } from "../../../compliance/suppression.ts";
import type { NewContact } from "../../../contact/contact.ts";
import { subjectOfSql } from "./consented.ts";
import { storable } from "./copy-line.ts";
import { anyErasedSql } from "./suppressed.ts";

type Querying = Pick<pg.ClientBase, "query">;

/** Held by each import until its end, and by an erasure while it forgets: whom an import brought in before it could know is found, and forgotten too. */
const importsLock = 7_243_271;
export const importingSql = `select pg_advisory_xact_lock_shared(${importsLock})`;
/** The same for what lasts a moment, and waits for no erasure: one that has the lock, or waits for it, has told by then whom it is about. */
export const addingSql = `select pg_try_advisory_xact_lock_shared(${importsLock})`;
export const importsEndedSql = `select pg_advisory_xact_lock(${importsLock})`;

/** SQL: whether the block of an erasure holds for a hash. Whose block was ended is a person like others again. Scalar: of EXISTS the planner may hash every suppression there is. */
export function erasedSql(subject: string): string {
  return `coalesce((select true from suppression se where se.subject = ${subject} and se.source = 'erasure' and (se.expires_at is null or se.expires_at > clock_timestamp()) limit 1), false)`;
}

/** $1 places, $2 kinds, $3 values. */
const whoSql = `select k.place, k.kind from unnest($1::int[], $2::text[], $3::text[]) k(place, kind, value) where ${erasedSql(subjectOfSql("k.kind", "k.value"))}`;

/** The column of a file in which somebody is named, as the store calls it. */
const columns: Readonly<Record<string, string>> = { number: "phone", mailbox: "email", "client-id": "client_id" };

/** Whether anybody was erased: one look into an index that is empty until then. */
export async function anybodyErased(client: Querying): Promise<boolean> {
  return (await client.query<{ any: boolean | null }>(`select ${anyErasedSql} as any`)).rows[0]?.any === true;
}

/** The hash under which somebody stands who was erased; undefined of others. */
export async function subjectOfErased(client: Querying, { kind, value }: Whom): Promise<string | undefined> {
  if (!(await anybodyErased(client))) return undefined;
  const subject = subjectOfSql("$1::text", "$2::text");
  const { rows } = await client.query<{ subject: string }>(`select ${subject} as subject where ${erasedSql(subject)}`, [kind, value]);
  return rows[0]?.subject;
}

/** Which of these people were erased: named by one of their numbers, mailboxes or client ids. @returns by place, the column that says so */
export async function erasedAmong(
  client: Querying,
  people: readonly Pick<NewContact, "clientId" | "addresses">[],
): Promise<ReadonlyMap<number, string>> {
  const names = people.flatMap(({ clientId, addresses }, place) => [
    ...(clientId === undefined || clientId === "" ? [] : [{ place, kind: "client-id", value: storable(clientId) }]),
    ...addresses.map((address) =>
      address.kind === "email"
        ? { place, kind: "mailbox", value: address.mailbox as string }
        : { place, kind: "number", value: address.number as string },
    ),
  ]);
  const values = [names.map(({ place }) => place), names.map(({ kind }) => kind), names.map(({ value }) => value)];
  const { rows } = await client.query<{ place: number; kind: string }>({ name: "contact-erased", text: whoSql, values });
  return new Map(rows.map(({ place, kind }) => [place, columns[kind] ?? "row"]));
}
