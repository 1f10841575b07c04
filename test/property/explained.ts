import type pg from "pg";
import { gateRules, meaningOf } from "../../src/compliance/gate-rules.ts";
import type { NewContact } from "../../src/contact/contact.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import type { Books } from "./books.ts";
import type { Course } from "./course.ts";

/* What the database says of a run when it is over, held against the books: whoever was not contacted is waiting or was refused, by a rule that is there and is true. */

interface ContactRow {
  readonly id: string;
  readonly waiting: boolean;
  readonly unfinished: boolean;
  readonly tried: number;
  /** Ended by the second question, with this reason. */
  readonly withheld: string | null;
  readonly refused: boolean;
}

interface RefusalRow {
  readonly contact_id: string;
  readonly at: number;
  readonly rule: string;
  readonly retry_at: number | null;
}

const contactsSql = `
select c.id::text, exists (select from work w where w.campaign_id = $1 and w.contact_id = c.id) as waiting,
  exists (select from attempt a where a.campaign_id = $1 and a.contact_id = c.id and a.ended_at is null) as unfinished,
  (select count(*)::int from attempt a where a.campaign_id = $1 and a.contact_id = c.id and a.sending_at is not null) as tried,
  (select max(a.reason) from attempt a where a.campaign_id = $1 and a.contact_id = c.id and a.result = 'canceled') as withheld,
  exists (select from refusal f where f.campaign_id = $1 and f.contact_id = c.id and f.retry_at is null) as refused
from contact c where c.list_id = $2 order by c.id`;

const refusalsSql = `
select contact_id::text, (extract(epoch from at) * 1000)::float8 as at, rule, (extract(epoch from retry_at) * 1000)::float8 as retry_at
from refusal where campaign_id = $1 order by id`;

export async function explain(
  pool: pg.Pool,
  campaigns: readonly Campaign[],
  finished: ReadonlySet<string>,
  books: Books,
): Promise<{ readonly refusals: number; readonly violations: readonly string[] }> {
  const violations: string[] = [];
  let refusals = 0;
  for (const campaign of campaigns) {
    const { rows } = await pool.query<ContactRow>({ name: "explain-contacts", text: contactsSql, values: [campaign.id, campaign.listId] });
    for (const row of rows) {
      const what = unexplained(row, finished.has(campaign.id), books.ofContact(campaign.id, row.id).length, campaign.pass !== undefined);
      if (what !== undefined) violations.push(`${what}: contact ${row.id} of campaign ${campaign.id} (${row.withheld ?? "never withheld"})`);
    }
    const given = await pool.query<RefusalRow>({ name: "explain-refusals", text: refusalsSql, values: [campaign.id] });
    refusals += given.rows.length;
    for (const refusal of given.rows) {
      const person = books.people.get(refusal.contact_id);
      const why = person ? untrue(refusal, person, campaign, books) : "of nobody on its list";
      if (why !== undefined)
        violations.push(`refused as ${refusal.rule}, ${why}: contact ${refusal.contact_id}, ${new Date(refusal.at).toISOString()}`);
    }
  }
  for (const course of new Set(books.courses.values())) violations.push(...(await forgotten(pool, course)));
  return { refusals, violations };
}

const standingSql = `
select c.id::text from contact c where c.id = any($1::bigint[])
and not exists (select from work w where w.contact_id = c.id and w.campaign_id = any($2::bigint[]))
and not exists (select from refusal f where f.contact_id = c.id and f.campaign_id = any($2::bigint[]))
and not exists (select from attempt a where a.contact_id = c.id and a.campaign_id = any($2::bigint[]) and (a.ended_at is null or a.result = 'canceled'))`;

/** People of a strategy to whom something should have led, and who neither wait nor were refused. */
async function forgotten(pool: pg.Pool, course: Course): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(standingSql, [course.owed(), Object.values(course.campaigns)]);
  return rows.map(({ id }) => `forgotten by strategy ${course.strategy.name}: contact ${id}`);
}

/** @param pass to which not everybody comes */
function unexplained({ waiting, unfinished, tried, refused }: ContactRow, finished: boolean, contacted: number, pass: boolean): string | undefined {
  if (contacted > tried) return "contacted without a record";
  if (unfinished) return "left in the middle of an attempt";
  if (finished && waiting) return "waiting in a campaign that is finished";
  return !pass && !waiting && tried === 0 && !refused ? "never contacted, and nothing says why" : undefined;
}

/** Why a refusal is not what the books say; undefined when it is right. */
function untrue({ at, rule, retry_at: retryAt }: RefusalRow, person: NewContact, campaign: Campaign, books: Books): string | undefined {
  if (meaningOf(rule) === undefined) return "which nobody can explain";
  const gate = Object.entries(gateRules).find(([name]) => name === rule)?.[1];
  if (gate && gate.final !== (retryAt === null)) return "final or not, against what the rule says";
  const { where, caps } = books;
  const open = where.isOpenInOwn(at, person, campaign);
  switch (rule) {
    case "outside-calling-window":
    case "outside-legal-hours": {
      if (rule === "outside-calling-window" && open !== false) return "inside the calling hours";
      if (rule === "outside-legal-hours" && (open !== true || where.isLawful(at, person, campaign))) return "inside the hours of the law";
      const [opening, before] = [where.isOpen(retryAt ?? 0, person, campaign), where.isOpen((retryAt ?? 0) - 1, person, campaign)];
      return opening === true && before === false ? undefined : "until something else than the next opening";
    }
    case "window-never-opens":
      return where.neverOpens(person, campaign) ? undefined : "with hours that open";
    case "frequency-cap":
      return caps.some(({ channel }) => channel === undefined || channel === campaign.channel) ? undefined : "without a cap";
    case "unknown-time-zone":
      return open === undefined ? undefined : "with a zone that is known";
    case "no-address":
      return usable(person, campaign) ? "with an address that could be used" : undefined;
    case "attempt-limit":
    case "address-limit":
    case "event":
    case "in-pass-already":
    case "being-called":
      return campaign.pass ? undefined : "which is for passes";
    case "suppressed":
      return person.addresses.some((address) => books.covering("number" in address ? address.number : address.mailbox, person, campaign).length > 0)
        ? undefined
        : "without an opt-out";
    default:
      return "which cannot be here";
  }
}

function usable(person: NewContact, campaign: Campaign): boolean {
  return usableOf(person, campaign).length > 0;
}

function usableOf({ addresses }: NewContact, { channel }: Campaign): readonly string[] {
  return addresses.flatMap((address): readonly string[] => {
    if (address.kind === "email") return channel === "email" ? [address.mailbox] : [];
    return channel === "voice" || (channel === "sms" && address.kind !== "landline") ? [address.number] : [];
  });
}
