import { readFileSync, rmSync } from "node:fs";
import type { AttemptView } from "../api/ports.ts";
import type { Config } from "../config/schema.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Random } from "../kernel/random.ts";
import type { Stores } from "../main.ts";
import type { PassProgress } from "../strategy/strategy-campaign-ports.ts";
import { textOf } from "./api-client.ts";
import { compare } from "./compare.ts";
import type { ToldAgent } from "./demo-agents.ts";
import { compareMails, compareTexts, type SentMessage } from "./demo-books.ts";
import { deal, localTime, type Person, type Role, zoneNear } from "./demo-cast.ts";
import type { LabProcess } from "./demo-lab.ts";
import { type Promised, promises } from "./demo-promises.ts";
import { importInto, importText } from "./import.ts";
import type { Ask } from "./named.ts";
import { openProgress } from "./terminal.ts";

/* The demo's list and strategy: who is on it, how it goes on, and what it came to. */

export interface StoryParts {
  readonly stores: Stores;
  readonly config: Config;
  readonly lab: LabProcess;
  /** Over the API, as any other program would. */
  readonly ask: Ask;
  readonly random: Random;
  readonly clock: Clock;
  readonly say: (text: string) => void;
}

export interface DemoStory {
  /** The strategy campaign. */
  readonly id: string;
  /** Campaigns of its passes, by their names. */
  readonly passes: Readonly<Record<string, string>>;
  readonly people: ReadonlyMap<Person, Role>;
  readonly zones: { readonly awake: string; readonly asleep: string };
  /** Numbers of those who tell an agent to be left alone. */
  readonly complains: ReadonlySet<string>;
}

export interface Verdict {
  readonly passes: readonly PassProgress[];
  readonly outcomes: readonly string[];
  readonly compared: string;
  readonly disagreements: readonly string[];
  readonly promises: readonly Promised[];
}

/** Imports the list, says who is who in the lab, and starts the strategy. */
export async function startStory(parts: StoryParts, options: { readonly contacts: string; readonly strategy: string }): Promise<DemoStory> {
  const { stores, lab, ask, random, clock, say } = parts;
  const rejects = ".carillon/demo-rejects.csv";
  rmSync(rejects, { force: true });
  const report = await importInto(stores, options.contacts, { list: "demo", country: "US", rejects });
  say(importText(options.contacts, "demo", report, rejects));
  const now = clock.now();
  const zones = { awake: zoneNear(now, 14), asleep: zoneNear(now, 2) };
  const people = deal(await peopleOf(stores, report.listId), random);
  await settlePeople(stores, lab, people, zones);
  const { version } = await stores.strategies.publish(readFileSync(options.strategy, "utf8"), "demo");
  const body = { name: "demo", listId: report.listId, strategy: version.name, defaultTimeZone: zones.awake };
  const id = textOf(await ask("POST", "strategy-campaigns", body), "id") ?? "";
  await ask("POST", `strategy-campaigns/${id}/start`);
  const asleep = [...people.values()].filter((role) => role.asleep).length;
  say(
    `${options.strategy}: published as ${version.name} version ${version.version}, and started.\n` +
      `The people live where it is day now, in ${zones.awake} (${localTime(now, zones.awake).text}); ${asleep} of them in ${zones.asleep} (${localTime(now, zones.asleep).text}).\n`,
  );
  const complains = new Set([...people].flatMap(([{ number }, { tellsAgent }]) => (tellsAgent ? [number] : [])));
  return { id, passes: await stores.strategyCampaigns.passes(id), people, zones, complains };
}

async function peopleOf({ pool }: Pick<Stores, "pool">, listId: string): Promise<readonly Person[]> {
  const { rows } = await pool.query<{ id: string; client_id: string; number: string; mailbox: string | null }>(
    `select c.id::text, c.client_id, n.number, m.mailbox from contact c
     join address n on n.contact_id = c.id and n.number is not null left join address m on m.contact_id = c.id and m.mailbox is not null
     where c.list_id = $1 and c.client_id is not null order by c.id`,
    [listId],
  );
  return rows.map(({ id, client_id, number, mailbox }) => ({ contactId: id, clientId: client_id, number, mailbox: mailbox ?? undefined }));
}

/** Where they live, and what they do in the lab. */
async function settlePeople({ pool }: Pick<Stores, "pool">, lab: LabProcess, people: DemoStory["people"], zones: DemoStory["zones"]): Promise<void> {
  const asleep = [...people].flatMap(([{ contactId }, role]) => (role.asleep ? [contactId] : []));
  const all = [...people.keys()].map(({ contactId }) => contactId);
  await pool.query("update contact set time_zone = case when id = any($2::bigint[]) then $3 else $4 end where id = any($1::bigint[])", [
    all,
    asleep,
    zones.asleep,
    zones.awake,
  ]);
  const each = [...people];
  await lab.post("/personas", {
    numbers: { ...Object.fromEntries(each.map(([{ number }, { calls }]) => [number, calls ?? []])), "+15550100300": "clerk" },
  });
  await lab.post("/smsc/personas", { numbers: Object.fromEntries(each.map(([{ number }, { texts = ["delivered"] }]) => [number, texts])) });
  const mailboxes = each.flatMap(([{ mailbox }, { mail = "reader" }]) => (mailbox === undefined ? [] : [[mailbox, mail] as const]));
  await lab.post("/mails/personas", { mailboxes: Object.fromEntries(mailboxes) });
}

/** Until nobody waits who is to be contacted within the next minutes, and nothing is on its way. The bank tells of payments meanwhile. @returns false when it was broken off */
export async function followStory(parts: StoryParts, story: DemoStory, stop: AbortSignal): Promise<boolean> {
  const { stores, clock } = parts;
  const line = openProgress(process.stdout, () => clock.now());
  const paid = new Set<string>();
  for (let quiet = 0; !stop.aborted && quiet < 3; ) {
    await tellPayments(parts, story, paid);
    line.show(passesText(await stores.strategyCampaigns.progress(story.id)));
    quiet = (await isQuiet(stores, story.id)) ? quiet + 1 : 0;
    await pause(clock, 300);
  }
  line.end();
  return !stop.aborted;
}

/** Whoever has the text and pays by themselves: the bank says so, as its system would, over the API. */
async function tellPayments({ stores, ask }: StoryParts, { passes, people }: DemoStory, paid: Set<string>): Promise<void> {
  const payers = [...people].flatMap(([{ contactId }, role]) => (role.paysAfterText && !paid.has(contactId) ? [contactId] : []));
  const { rows } = await stores.pool.query<{ contact_id: string; client_id: string; amount: number }>(
    `select a.contact_id::text, c.client_id, (c.fields->>'amount_due')::float8 as amount from attempt a join contact c on c.id = a.contact_id
     where a.campaign_id = $1 and a.contact_id = any($2::bigint[]) and a.result = 'delivered'`,
    [passes["text"], payers],
  );
  for (const { contact_id, client_id, amount } of rows) {
    paid.add(contact_id);
    const event = { name: "payment-received", clientId: client_id, amount, currency: "USD", key: `demo-${client_id}` };
    await ask("POST", "events", event);
  }
}

async function isQuiet({ pool }: Pick<Stores, "pool">, id: string): Promise<boolean> {
  const { rows } = await pool.query<{ busy: boolean }>(
    `select exists (select from work w join campaign c on c.id = w.campaign_id where c.strategy_campaign_id = $1 and w.due_at < now() + interval '10 min')
       or exists (select from attempt where ended_at is null or (channel = 'sms' and result = 'sent' and ended_at > now() - interval '5 s'))
       or exists (select from effect where state = 'pending' and kind = 'send') as busy`,
    [id],
  );
  return rows[0]?.busy === false;
}

/** `text 95 done; call 40 done, 20 now, 5 wait` */
function passesText(passes: readonly PassProgress[]): string {
  return passes
    .map(({ pass, progress: { done, inFlight, waiting } }) =>
      [`${pass} ${done} done`, ...(inFlight > 0 ? [`${inFlight} now`] : []), ...(waiting > 0 ? [`${waiting} wait`] : [])].join(", "),
    )
    .join("; ");
}

/** Our account beside everybody's books. */
export async function judgeStory({ stores, config, lab }: StoryParts, story: DemoStory, told: readonly ToldAgent[]): Promise<Verdict> {
  const [calls, texts, mails, payments] = [await lab.books(), await lab.texts(), await lab.mails(), await lab.payments()];
  const suppressed = await stores.pool.query<{ number: string }>("select number from suppression where number is not null");
  const numbers = new Set(suppressed.rows.map(({ number }) => number));
  const of = (pass: string) => attemptsOf(stores, story.passes[pass]);
  const [scripted, talked] = [[...(await of("call")), ...(await of("again"))], await of("agents")];
  const own = new Set(talked.map(({ id }) => id));
  const isTalked = (attempt: string | null) => own.has(attempt?.split(";")[0] ?? "");
  const byScript = compare(
    scripted,
    calls.filter(({ attempt }) => !isTalked(attempt)),
    numbers,
    payments,
    true,
  );
  const byAgent = compare(
    talked,
    calls.filter(({ attempt }) => isTalked(attempt)),
    numbers,
  );
  const messages = await messagesOf(stores);
  const disagreements = [
    ...byScript.disagreements,
    ...byAgent.disagreements,
    ...compareTexts(messages, texts),
    ...compareMails(messages, mails, config.email.key ?? ""),
  ];
  const count = (channel: string) => messages.filter((message) => message.channel === channel).length;
  return {
    passes: await stores.strategyCampaigns.progress(story.id),
    outcomes: scripted.flatMap(({ outcome }) => outcome ?? []),
    compared: `${byScript.calls + byAgent.calls} calls and ${byScript.transfers} transfers with the carrier's books, ${byScript.payments} payments with the bank's, ${count("sms")} texts with the SMSC's, ${count("email")} mails with the mail exchanger's`,
    disagreements,
    promises: promises({ ...story, calls, texts, mails, told, stopAnswer: config.sms.stopAnswer }),
  };
}

async function attemptsOf({ attemptReader }: Pick<Stores, "attemptReader">, campaignId: string | undefined): Promise<readonly AttemptView[]> {
  if (campaignId === undefined) throw new Fault("campaign-unknown", "The demo's strategy needs the passes text, call, again and agents.");
  const all: AttemptView[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await attemptReader.attempts(campaignId, {}, { limit: 1000, ...(afterId && { afterId }) });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function messagesOf({ pool }: Pick<Stores, "pool">): Promise<readonly SentMessage[]> {
  const { rows } = await pool.query<SentMessage>(
    `select a.id::text, a.channel, a.address, a.result, m.reference from attempt a left join message m on m.attempt_id = a.id
     where a.channel in ('sms', 'email') order by a.id`,
  );
  return rows;
}
