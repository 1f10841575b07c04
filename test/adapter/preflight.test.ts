import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { isMailbox } from "../../src/kernel/mailbox.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { type AccountPolicy, gatePolicyOf } from "../../src/strategy/gate-policy.ts";
import { judge } from "../../src/strategy/judge.ts";
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
