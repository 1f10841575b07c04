import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import callingCaps from "../../src/compliance/calling-caps.json" with { type: "json" };
import { legalCaps } from "../../src/compliance/legal-caps.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import { makeCampaign, node, openWorld } from "./stores-kit.ts";

/*
 * What the laws of states and countries say of how often: each row of calling-caps.json with the last attempt that its source allows and the first that it does not.
 */

const hour = 3_600_000;
const fieldNames = { stateField: "state", postalField: "postal_code" };
const open = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC" };
/** Behind the setting up, so that everybody is due. */
const now = Date.now() + hour;

interface Person {
  readonly number: string;
  readonly fields?: Readonly<Record<string, string>>;
}

async function campaignOf(stores: Stores, name: string, people: readonly Person[]): Promise<VoiceCampaign> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    people.map(({ number, fields = {} }, index) => {
      if (!isPhoneNumber(number)) throw new Error(`${number} is no number`);
      return { clientId: `${name}-${index}`, timeZone: undefined, addresses: [{ kind: "mobile" as const, number }], fields };
    }),
  );
  return await makeCampaign(stores, { name, listId: (await load.commit()).listId });
}

/** Everybody on the list was contacted so often, the first time `firstAgoMs` ago and then every minute. */
async function contacted(stores: Stores, campaign: VoiceCampaign, channel: string, times: number, firstAgoMs: number) {
  await stores.pool.query(
    `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at)
     select $1, p.id, a.id, $2, a.number, 'ended', case $2 when 'voice' then 'no-answer' else 'delivered' end, 'n', at, at, at, at
     from campaign c join contact p on p.list_id = c.list_id join address a on a.contact_id = p.id
     cross join generate_series(0, $3::int - 1) i cross join lateral (select to_timestamp(($4::float8 + i * 60000) / 1000) as at) m where c.id = $1`,
    [campaign.id, channel, times, now - firstAgoMs],
  );
}

/** Who may be called, and until when the others may not. */
async function asked(stores: Stores, campaign: VoiceCampaign, at = now) {
  const { orders } = await stores.work.claim(campaign, 50, at, node, (candidate) => judge(at, candidate, open));
  const text = "select rule, (extract(epoch from max(retry_at)) * 1000)::float8 as retry from refusal where campaign_id = $1 group by rule";
  const { rows } = await stores.pool.query<{ rule: string; retry: number }>(text, [campaign.id]);
  return { called: orders.map(({ address }) => address), refused: rows };
}

/** Somebody to whom the law of a place applies by the number. */
const numbers: Readonly<Record<string, string>> = { "US-FL": "+13055550101", "US-OK": "+14055550101", "US-MD": "+13015550101", FR: "+33142685301" };

t.test("each law allows its last attempt, and not the one after it until its window is over", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  for (const { place, most, windowH } of callingCaps.rows) {
    const number = numbers[place] ?? "";
    const last = await campaignOf(stores, `${place} last`, [{ number }]);
    await contacted(stores, last, "voice", most - 1, 2 * hour);
    t.same((await asked(stores, last)).called, [number], `${place}: number ${most} may leave`);
    await stores.pool.query("update attempt set state = 'ended', result = 'canceled', ended_at = reserved_at where state <> 'ended'");
    const full = await campaignOf(stores, `${place} full`, [{ number: `${number.slice(0, -1)}9` }]);
    await contacted(stores, full, "voice", most, windowH * hour - 60_000);
    const { called, refused } = await asked(stores, full);
    t.same([called, refused.map(({ rule }) => rule)], [[], ["legal-cap"]], `${place}: one more may not`);
    t.same((await asked(stores, full, (refused[0]?.retry ?? 0) - 1)).called, [], `${place}: in the last moment of its window`);
    t.equal(Math.round((refused[0]?.retry ?? 0) / 1000), Math.round((now + 60_000) / 1000));
    t.equal((await asked(stores, full, (refused[0]?.retry ?? 0) + 1)).called.length, 1, `${place}: and behind it`);
    await stores.pool.query("update attempt set state = 'ended', result = 'canceled', ended_at = reserved_at where state <> 'ended'");
  }
});

t.test("whose law it is says the number, the state or the ZIP code, and calls and SMS count together", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  const held: readonly Person[] = [
    { number: "+13055550111" },
    { number: "+12125550111", fields: { state: " fl " } },
    { number: "+12125550112", fields: { postal_code: "33101-1234" } },
    { number: "+12125550113", fields: { postal_code: " 21201" } },
  ];
  const free: readonly Person[] = [
    { number: "+12125550121" },
    { number: "+12125550122", fields: { state: "NY", postal_code: "2139" } },
    { number: "+493012345678", fields: { postal_code: "33101", state: "FL" } },
    { number: "+12125550123", fields: { postal_code: "" } },
  ];
  const campaign = await campaignOf(stores, "all", [...held, ...free]);
  await contacted(stores, campaign, "voice", 1, hour);
  await contacted(stores, campaign, "sms", 2, hour);
  await contacted(stores, campaign, "email", 5, hour);
  t.same((await asked(stores, campaign)).called.sort(), free.map(({ number }) => number).sort());
  // SMS do not count where the law speaks of calls.
  const french = await campaignOf(stores, "french", [{ number: "+33142685311" }]);
  await contacted(stores, french, "sms", 9, hour);
  t.same((await asked(stores, french)).called, ["+33142685311"]);

  const caps = await stores.caps.list({ limit: 100 });
  t.match(caps[0], { name: "law of US-FL", kind: "law", most: 3, windowS: 86_400, place: "US-FL", source: /501\.616/ });
  await t.rejects(stores.caps.remove(caps[0]?.id ?? ""), { code: "cap-invalid", message: /legalHours\.kept/ });
});

t.test("a law begins with its first day, a later version of the data replaces it, and it goes where it is waived", async (t) => {
  const { stores } = await openWorld(t);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const row = { place: "US-TX", most: 1, windowH: 24, channels: ["voice"], source: "a law of tomorrow" };
  const keep = async (from: number, most = 1) => stores.caps.keepLaw(legalCaps(fieldNames, [{ ...row, most, from: day(from) }]));
  const campaign = await campaignOf(stores, "texas", [{ number: "+12145550101" }]);
  await contacted(stores, campaign, "voice", 1, hour);
  const rules = async () => {
    const facts: unknown[] = [];
    await stores.work.claim(campaign, 1, now, node, ({ caps }) => {
      facts.push(...(caps ?? []).map(({ rule, most }) => `${rule} ${most}`));
      return { go: false, rule: "suppressed", retryAt: now };
    });
    return facts;
  };
  await keep(now + 3 * 24 * hour);
  t.same(await rules(), []);
  await keep(now);
  t.same(await rules(), ["legal-cap 1"]);
  await keep(now, 2);
  t.same(await rules(), ["legal-cap 2"]);
  await stores.caps.keepLaw([]);
  t.same(await rules(), []);
  t.throws(() => legalCaps(fieldNames, [{ ...row, place: "JP", from: "2026-01-01" }]), /JP is no place/);
});
