import type pg from "pg";
import type { LookupFact } from "../../../contact/lookup/lookup.ts";
import type { Verdict } from "../../../strategy/ports.ts";
import type { CandidateRow } from "./claim.ts";
import { waitSql, wantSql } from "./lookup-sql.ts";

type Question = Pick<LookupFact, "name" | "subject" | "dated">;

/** Wants answers of which a campaign is in need. @returns those that are there by now, or will not be: nobody need wait for them */
export async function want(client: Pick<pg.PoolClient, "query">, facts: readonly Question[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ lookup: string; subject: string; dated: string }>(wantSql, [...columnsOf(facts), true]);
  return new Set(rows.map(({ lookup, subject, dated }) => keyOf({ name: lookup, subject, dated })));
}

/** Has those asked about on whom something is missing, and puts them aside until it is known; whose answer has come meanwhile is judged anew. Within a claim. */
export async function putAside(
  client: pg.PoolClient,
  campaignId: string,
  rows: readonly CandidateRow[],
  verdicts: ReadonlyMap<string, Verdict>,
  now: number,
): Promise<ReadonlyMap<string, Verdict>> {
  const aside = rows.flatMap((row) => {
    const verdict = verdicts.get(row.contact_id);
    return verdict !== undefined && !verdict.go && verdict.wanted ? [{ row, verdict, wanted: verdict.wanted }] : [];
  });
  if (aside.length === 0) return verdicts;
  const known = await want(
    client,
    aside.flatMap(({ wanted }) => wanted),
  );
  const waits = aside.flatMap(({ row, wanted }) => wanted.filter((fact) => !known.has(keyOf(fact))).map((fact) => ({ row, fact })));
  const [names, subjects, days] = columnsOf(waits.map(({ fact }) => fact));
  const dues = waits.map(({ row }) => row.due_at.getTime());
  const contacts = waits.map(({ row }) => row.contact_id);
  if (waits.length > 0) await client.query(waitSql, [contacts, campaignId, names, subjects, days, dues]);
  const waiting = new Set(contacts);
  const again = aside.flatMap(({ row, verdict }) => (waiting.has(row.contact_id) ? [] : [[row.contact_id, { ...verdict, retryAt: now }] as const]));
  return new Map([...verdicts, ...again]);
}

function columnsOf(facts: readonly Question[]): [names: readonly string[], subjects: readonly string[], days: readonly string[]] {
  return [facts.map(({ name }) => name), facts.map(({ subject }) => subject ?? ""), facts.map(({ dated }) => dated)];
}

function keyOf({ name, subject, dated }: Question): string {
  return JSON.stringify([name, subject, dated]);
}
