import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { foresee } from "../../src/compliance/preflight.ts";
import { isMailbox } from "../../src/kernel/mailbox.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import type { Waiting } from "../../src/strategy/candidate-ports.ts";
import { type AccountPolicy, gatePolicyOf } from "../../src/strategy/gate-policy.ts";
import { judge } from "../../src/strategy/judge.ts";
import type { Candidate } from "../../src/strategy/ports.ts";
import { Preflights } from "../../src/strategy/preflight-engine.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { makeCampaign, node, openWorld, phone } from "./stores-kit.ts";

t.setTimeout(280_000);

/** A Monday: 08:30 in New York, 05:30 in Los Angeles, 13:30 in London. The campaign calls from 08:00 to 20:00 on weekdays. */
const start = Date.UTC(2030, 0, 7, 13, 30);
const hour = 3_600_000;
const account: AccountPolicy = { destinations: { countries: ["US"], premium: false } };

const british = "+442079460100";

async function listOf(stores: Stores, name: string, from: number): Promise<string> {
  const load = await stores.contacts.openLoad({ name, append: false });
  const someone = (index: number, timeZone?: string) => ({
    clientId: `${name}-${index}`,
    timeZone,
    addresses: [{ kind: "mobile" as const, number: phone(from + index) }],
    fields: {},
  });
  const mailbox = `${name}@example.com`;
  if (!isPhoneNumber(british) || !isMailbox(mailbox)) throw new Error("the addresses are wrong");
  await load.add([
    ...Array.from({ length: 7 }, (_, index) => someone(index, "America/New_York")),
    ...Array.from({ length: 5 }, (_, index) => someone(10 + index, "America/Los_Angeles")),
    someone(20, "Mars/Base"),
    { clientId: undefined, timeZone: "Europe/London", addresses: [{ kind: "mobile" as const, number: british }], fields: {} },
    { clientId: "nobody", timeZone: undefined, addresses: [{ kind: "email" as const, mailbox }], fields: {} },
  ]);
  return (await load.commit()).listId ?? "";
}

/** Claims everybody as their turn comes. @returns in the form of a preflight what was reserved in which hour, and who was refused for good */
async function run(stores: Stores, campaign: Campaign, between: (round: number) => Promise<void> = async () => {}) {
  if (campaign.channel !== "voice") throw new Error("a campaign that calls");
  const hours = new Map<number, number>();
  let round = 0;
  for (let at: number | undefined = start; at !== undefined; ) {
    const now: number = at;
    const policy = gatePolicyOf(campaign, account);
    const { orders, nextDueAt } = await stores.work.claim(campaign, 4, now, node, (candidate) => judge(now, candidate, policy));
    const from = Math.floor(now / hour) * hour;
    if (orders.length > 0) hours.set(from, (hours.get(from) ?? 0) + orders.length);
    await between(round++);
    at = nextDueAt === undefined ? undefined : Math.max(now, nextDueAt);
  }
  const { rows } = await stores.pool.query<{ rule: string; contacts: number }>(
    "select rule, count(*)::int as contacts from refusal where campaign_id = $1 and retry_at is null group by rule order by count(*) desc, rule",
    [campaign.id],
  );
  return { hours: [...hours].map(([from, contacts]) => ({ from, contacts })), refused: rows };
}

t.test("a preflight says what the run then does, and an opt-out in the middle makes just its own difference", async (t) => {
  const { stores } = await openWorld(t);
  const clock = new VirtualClock(start);
  const preflights = new Preflights({ campaigns: stores.campaigns, candidates: stores.candidates, account, clock });
  const suppress = (number: string) =>
    stores.pool.query("insert into suppression (number, reason, source, created_at) values ($1, 'asked for', 'admin', now())", [number]);
  await suppress(phone(1));
  await suppress(phone(1001));
  // Whoever was called an hour ago is called again tomorrow.
  await stores.caps.add([{ name: "daily", kind: "cap", per: "address", most: 1, windowS: 86_400 }]);
  for (const number of [phone(2), phone(1002)])
    await stores.pool.query(
      `insert into attempt (channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at)
       select 'sms', $1, 'ended', 'delivered', 'n', at, at, at, at from (select to_timestamp($2::float8 / 1000) as at) t`,
      [number, start - hour],
    );

  const make = async (name: string, from: number) => {
    const draft = await makeCampaign(stores, { name, listId: await listOf(stores, name, from), started: false });
    const told = await preflights.run(draft.id);
    await stores.campaigns.move(draft.id, "draft", "running");
    return { told, campaign: { ...draft, state: "running" as const } };
  };

  const first = await make("first", 0);
  t.match(first.told, {
    contacts: 15,
    complete: true,
    contacted: 11,
    hours: [
      { from: start - hour / 2, contacts: 5 },
      { from: start + 2.5 * hour, contacts: 5 },
      { from: start + 23.5 * hour, contacts: 1 },
    ],
    delayed: [
      { rule: "outside-calling-window", contacts: 5 },
      { rule: "frequency-cap", contacts: 1 },
    ],
    refused: [
      { rule: "country-not-allowed", contacts: 1 },
      { rule: "no-address", contacts: 1 },
      { rule: "suppressed", contacts: 1 },
      { rule: "unknown-time-zone", contacts: 1 },
    ],
  });
  const waiting = await preflights.run(first.campaign.id);
  t.same(waiting, first.told, "started, and nobody called yet: the same");
  t.match(await preflights.run(first.campaign.id, 4), { contacts: 4, complete: false });
  t.equal(await preflights.run("99"), undefined);
  const done = await run(stores, first.campaign);
  t.same(done, { hours: first.told?.hours, refused: first.told?.refused }, "and the run does just that");

  const second = await make("second", 1000);
  // In Los Angeles, where it is night.
  const leaving = phone(1012);
  const other = await run(stores, second.campaign, async (round) => {
    if (round === 1) await suppress(leaving);
  });
  const less = (counts: readonly { contacts: number }[] = [], at: number, by: number) =>
    counts.map((count, index) => (index === at ? { ...count, contacts: count.contacts + by } : count));
  t.same(other.hours, less(second.told?.hours, 1, -1), "one less in the hour of the one who left");
  const refused = new Map(other.refused.map(({ rule, contacts }) => [rule, contacts]));
  t.same(
    refused,
    new Map(second.told?.refused.map(({ rule, contacts }) => [rule, rule === "suppressed" ? contacts + 1 : contacts])),
    "and one more that is suppressed",
  );
});

/** What becomes of each, by their name: the hour in which their turn begins, or the rule that keeps them from it for good. */
type Fates = Readonly<Record<string, string>>;

const hourOf = (at: number) => `contacted ${new Date(Math.floor(at / hour) * hour).toISOString().slice(0, 13)}`;

async function nameOf(stores: Stores, listId: string): Promise<(contactId: string) => string> {
  const { rows } = await stores.pool.query<{ id: string; name: string }>("select id::text, client_id as name from contact where list_id = $1", [
    listId,
  ]);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (contactId) => names.get(contactId) ?? contactId;
}

/** By the function that a preflight counts with. */
async function foreseen(stores: Stores, campaign: Campaign): Promise<Fates> {
  const name = await nameOf(stores, campaign.listId);
  const policy = gatePolicyOf(campaign, account);
  const fate = ({ asked, dueAt }: Waiting) => {
    const word = typeof asked === "string" ? { refused: asked } : foresee(Math.max(start, dueAt), asked, policy);
    return "refused" in word ? word.refused : hourOf(word.at);
  };
  return Object.fromEntries((await stores.candidates.page(campaign, start, undefined, 1000)).map((who) => [name(who.contactId), fate(who)]));
}

/** By claims, one small one after the other, each when somebody is due. */
async function happened(stores: Stores, campaign: Campaign, between: (round: number) => Promise<void> = async () => {}): Promise<Fates> {
  const name = await nameOf(stores, campaign.listId);
  const policy = gatePolicyOf(campaign, account);
  const fates: Record<string, string> = {};
  let round = 0;
  for (let at: number | undefined = start; at !== undefined; ) {
    const now: number = at;
    const asked = [4, now, node, (candidate: Candidate) => judge(now, candidate, policy)] as const;
    const claimed = campaign.channel === "voice" ? await stores.work.claim(campaign, ...asked) : await stores.work.claimMessages(campaign, ...asked);
    for (const { contactId = "" } of claimed.orders) fates[name(contactId)] = hourOf(now);
    await between(round++);
    at = claimed.nextDueAt === undefined ? undefined : Math.max(now, claimed.nextDueAt);
  }
  const { rows } = await stores.pool.query<{ id: string; rule: string }>(
    "select contact_id::text as id, rule from refusal where campaign_id = $1 and retry_at is null",
    [campaign.id],
  );
  for (const { id, rule } of rows) fates[name(id)] = rule;
  return fates;
}

t.test("on every channel the very people are contacted and refused who were foreseen to be, each for the same reason", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.add([{ name: "daily", kind: "cap", per: "address", most: 1, windowS: 86_400 }]);
  const mailbox = (text: string) => {
    if (!isMailbox(text)) throw new Error(`${text} is no mailbox`);
    return { kind: "email" as const, mailbox: text };
  };
  const mobile = (number: string) => {
    if (!isPhoneNumber(number)) throw new Error(`${number} is no number`);
    return { kind: "mobile" as const, number };
  };
  const people = async (name: string, from: number) => {
    const load = await stores.contacts.openLoad({ name, append: false });
    const someone = (who: string, index: number, timeZone?: string) => ({
      clientId: who,
      timeZone,
      addresses: [mobile(phone(from + index)), mailbox(`${who}@${name}.example.com`)],
      fields: {},
    });
    await load.add([
      ...["ann", "ben", "cleo", "dan", "eve", "fay"].map((who, index) => someone(who, index, "America/New_York")),
      ...["gus", "hal", "ida", "jo"].map((who, index) => someone(who, 10 + index, "America/Los_Angeles")),
      someone("kim", 20, "Mars/Base"),
      { clientId: "liz", timeZone: "Europe/London", addresses: [mobile(british), mailbox(`liz@${name}.example.com`)], fields: {} },
      { clientId: "max", timeZone: undefined, addresses: [mobile(phone(from + 21))], fields: {} },
      { clientId: "ned", timeZone: undefined, addresses: [mailbox(`ned@${name}.example.com`)], fields: {} },
    ]);
    return (await load.commit()).listId ?? "";
  };
  /** Ben has opted out, and Hal was written to an hour ago. */
  const prepare = async (channel: string, name: string, from: number) => {
    const address = (who: string, index: number) => (channel === "email" ? `${who}@${name}.example.com` : phone(from + index));
    await stores.pool.query(
      `insert into suppression (${channel === "email" ? "mailbox" : "number"}, reason, source, created_at) values ($1, 'asked for', 'admin', now())`,
      [address("ben", 1)],
    );
    await stores.pool.query(
      `insert into attempt (channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at)
       select $3, $1, 'ended', 'delivered', 'n', at, at, at, at from (select to_timestamp($2::float8 / 1000) as at) t`,
      [address("hal", 11), start - hour, channel === "voice" ? "sms" : channel],
    );
  };
  const { id: scriptVersionId } = await stores.scripts.publish("reminder", "name: reminder\n");
  const draft = async (channel: "voice" | "sms" | "email", name: string, listId: string): Promise<Campaign> => {
    const any = {
      name,
      listId,
      maxCps: 10_000,
      window: { startMinute: 480, endMinute: 1200, weekdays: [1, 2, 3, 4, 5] },
      defaultTimeZone: "America/New_York",
    };
    if (channel === "voice") {
      const line = { trunk: "carrier-a", callerId: "+12125550100", maxLines: 1000, ringTimeoutMs: 25_000 };
      return await stores.campaigns.create({ ...any, ...line, scriptVersionId });
    }
    const text = { name: `hello-${name}`, text: "Hello." };
    const source = channel === "email" ? { ...text, channel, subject: "Hello" } : { ...text, channel };
    const { version } = await stores.templates.publish(source, "test");
    return await stores.campaigns.create({ ...any, channel, sender: "main", templateVersionId: version.id });
  };

  let from = 100;
  for (const channel of ["voice", "sms", "email"] as const) {
    for (const leaving of [undefined, "jo"]) {
      from += 100;
      const name = `${channel}${leaving === undefined ? "" : "-left"}`;
      const campaign = await draft(channel, name, await people(name, from));
      await prepare(channel, name, from);
      const told = await foreseen(stores, campaign);
      const preflight = await new Preflights({
        campaigns: stores.campaigns,
        candidates: stores.candidates,
        account,
        clock: new VirtualClock(start),
      }).run(campaign.id);
      const contacted = Object.values(told).filter((fate) => fate.startsWith("contacted"));
      t.equal(preflight?.contacted, contacted.length, `${name}: the preflight counts them`);
      t.equal(Object.keys(told).length, 14);
      t.equal(told["ben"], "suppressed");
      t.equal(told[channel === "email" ? "max" : "ned"], "no-address");
      t.match(told["liz"], channel === "email" ? /^contacted/ : "country-not-allowed");
      t.equal(told["hal"], hourOf(start + 26.5 * hour), `${name}: a day after the last, when it is morning`);
      await stores.campaigns.move(campaign.id, "draft", "running");
      const number = leaving === undefined ? "" : channel === "email" ? `jo@${name}.example.com` : phone(from + 13);
      const done = await happened(stores, { ...campaign, state: "running" }, async (round) => {
        if (round !== 0 || number === "") return;
        const column = channel === "email" ? "mailbox" : "number";
        await stores.pool.query(`insert into suppression (${column}, reason, source, created_at) values ($1, 'asked for', 'admin', now())`, [number]);
      });
      t.same(done, leaving === undefined ? told : { ...told, jo: "suppressed" }, `${name}: and that is what becomes of each`);
    }
  }
});
