/** What a statement about a person may name; `:word` stands for it. */
export interface PersonValues {
  readonly contacts: readonly string[];
  /** E.164, of theirs alone. */
  readonly numbers: readonly string[];
  /** The same, and without the plus, as an SMSC may write them. */
  readonly senders: readonly string[];
  readonly mailboxes: readonly string[];
  readonly clients: readonly string[];
  readonly attempts: readonly string[];
  readonly subjects: readonly string[];
}

const types: Readonly<Record<keyof PersonValues, string>> = {
  contacts: "bigint[]",
  numbers: "text[]",
  senders: "text[]",
  mailboxes: "text[]",
  clients: "text[]",
  attempts: "bigint[]",
  subjects: "text[]",
};
const word = new RegExp(`(?<!:):(${Object.keys(types).join("|")})\\b`, "g");

/** The statement with the values that it names, and those alone: PostgreSQL wants to know the type of each. */
export function bound(text: string, values: Partial<PersonValues>): { readonly text: string; readonly values: unknown[] } {
  const used: (keyof PersonValues)[] = [];
  const numbered = text.replaceAll(word, (_, name: keyof PersonValues) => {
    if (!used.includes(name)) used.push(name);
    return `$${used.indexOf(name) + 1}::${types[name]}`;
  });
  return { text: numbered, values: used.map((name) => values[name] ?? []) };
}

/** Contacts by what was named, and those with the same client ids on other lists. */
export const peopleSql = `
with named as (
  select contact_id as id from address where number = any(:numbers) union select contact_id from address where mailbox = any(:mailboxes)
  union select id from contact where client_id = any(:clients)
)
select c.id::text as id, c.client_id as "clientId" from contact c
where c.id in (select id from named)
  or c.client_id in (select n.client_id from contact n where n.id in (select id from named) and n.client_id is not null)
order by c.id`;

/** Their numbers and mailboxes; `shared`: somebody else has it too. */
export const addressesSql = `
select distinct d.number, d.mailbox, exists (select from address o where (o.number = d.number or o.mailbox = d.mailbox) and o.contact_id <> all(:contacts)) as shared
from address d where d.contact_id = any(:contacts)`;

/** What was tried with them, and what is of nobody that is known but came from, or went to, an address of theirs. */
export const attemptsSql = `
select id::text as id from attempt where contact_id = any(:contacts)
union select id::text from attempt where address = any(:numbers) and contact_id is null
union select id::text from attempt where address = any(:mailboxes) and contact_id is null`;

const incoming = `(i.contact_id = any(:contacts) or i.contact_id is null and i.from_address = any(:senders) or i.after_attempt_id = any(:attempts))`;
const mails = `(i.contact_id = any(:contacts) or i.attempt_id = any(:attempts) or i.contact_id is null and i.from_address = any(:mailboxes))`;
const conversations = `(v.contact_id = any(:contacts) or v.contact_id is null and (v.person_address = any(:senders) or v.person_address = any(:mailboxes)))`;
const receipts = "(r.attempt_id = any(:attempts) or r.to_address = any(:senders) or r.from_address = any(:senders))";
/** Of events that are about others too only the others' remain; those stay. */
const events = `(e.client_id = any(:clients) or e.address = any(:numbers) or e.address = any(:mailboxes)
  or e.id in (select event_id from event_contact where contact_id = any(:contacts)))
  and not exists (select from event_contact o where o.event_id = e.id and o.contact_id <> all(:contacts))`;
/** What was told of them to other systems. */
const told = (body: string) => `(${body}->>'contactId' = any((:contacts)::text[]) or ${body}->>'clientId' = any(:clients)
  or ${body}->>'number' = any(:numbers) or ${body}->>'mailbox' = any(:mailboxes) or ${body}->>'attemptId' = any((:attempts)::text[]))`;

/** What was asked about them alone. Within an erasure by contacts, their numbers and ids stand with these still. */
const lookups = `(l.subject = any(:numbers) or l.subject = any(:clients)
  or l.subject in (select d.number from address d where d.contact_id = any(:contacts) and not exists (select from address o where o.number = d.number and o.contact_id <> all(:contacts)))
  or l.subject in (select c.client_id from contact c where c.id = any(:contacts)))`;

/** Conditions that both the export and the erasure go by, so that what is shown is what is taken out. */
export const whose = { incoming, mails, conversations, receipts, events, told, lookups } as const;
