import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import callingCaps from "../../src/compliance/calling-caps.json" with { type: "json" };
import { usDebtCaps } from "../../src/compliance/frequency.ts";
import { type CapRow, legalCaps } from "../../src/compliance/legal-caps.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import { mailbox, writeTo } from "./message-campaign-kit.ts";
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
  for (const { place, most, windowH, debts } of callingCaps.rows as readonly CapRow[]) {
    if (debts !== undefined) continue;
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

t.test("laws that speak of one subject count campaigns apart that name different ones, and no others", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  const people = [{ number: "+13055550131" }, { number: "+33142685331" }, { number: "+12125550131" }];
  const about = async (campaign: VoiceCampaign, subject?: string) =>
    await stores.safeguards.set(campaign.id, { requireConsent: false, suppressionLists: [], ...(subject !== undefined && { subject }) }, "test");
  // Full for each of the laws.
  const before = await campaignOf(stores, "before", people);
  await contacted(stores, before, "voice", 4, hour);
  // The same people.
  const campaign = await makeCampaign(stores, { name: "campaign", listId: before.listId });
  const [florida = "", france = "", elsewhere = ""] = people.map(({ number }) => number);
  const called = async () => {
    const { called: numbers } = await asked(stores, campaign);
    await stores.pool.query("update attempt set state = 'ended', result = 'canceled', ended_at = reserved_at where campaign_id = $1", [campaign.id]);
    await stores.pool.query(
      "insert into work (contact_id, campaign_id, due_at) select p.id, $1, $3 from contact p where p.list_id = $2 on conflict (contact_id, campaign_id) do update set due_at = excluded.due_at",
      [campaign.id, campaign.listId, new Date(now - 1000)],
    );
    return numbers.toSorted();
  };
  t.same(await called(), [elsewhere], "neither says what it is about");
  t.match(await about(campaign, "account-upgrade"), { subject: "account-upgrade" });
  t.same(await called(), [elsewhere], "the other one may be about the same");
  await about(before, "account-upgrade");
  t.same(await called(), [elsewhere], "and is");
  await about(before, "survey");
  t.same(await called(), [elsewhere, florida].toSorted(), "about something else; the law of France knows no subjects");
  t.notOk((await called()).some((number) => number === france));
  await t.rejects(about(campaign, "What it's about"), { code: "subject-invalid" });
  t.notOk("subject" in (await about(campaign)), "taken back");
});

t.test("a law is asked about once more when somebody is to be called, and caps of the account hold beside it", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  const people = [{ number: "+13055550131" }, { number: "+12125550131" }, { number: "+12125550132", fields: { state: "MD" } }];
  const campaign = await campaignOf(stores, "all", people);
  const { orders } = await stores.work.claim(campaign, 50, now, node, (candidate) => judge(now, candidate, open));
  t.equal(orders.length, 3);
  await contacted(stores, campaign, "voice", 3, hour);
  const began = await Promise.all(orders.map(({ attemptId, address }) => stores.attempts.begin(attemptId, now).then((may) => [address, may])));
  t.same(began.sort(), [
    ["+12125550131", true],
    ["+12125550132", false],
    ["+13055550131", false],
  ]);
  const { rows } = await stores.pool.query("select rule from refusal");
  t.same(rows, [{ rule: "legal-cap" }, { rule: "legal-cap" }]);

  await stores.caps.add([{ name: "nine a day", kind: "cap", per: "person", most: 9, windowS: 86_400 }]);
  const again = await makeCampaign(stores, { name: "again", listId: campaign.listId });
  const facts: unknown[] = [];
  await stores.work.claim(again, 3, now, node, ({ address, caps = [] }) => {
    facts.push([address, caps.map(({ name, count }) => `${name}: ${count}`)]);
    return { go: false, rule: "suppressed", retryAt: now };
  });
  t.same(facts.sort(), [
    ["+12125550131", ["nine a day: 4"]],
    ["+12125550132", ["law of US-MD: 3", "nine a day: 3"]],
    ["+13055550131", ["law of US-FL: 3", "nine a day: 3"]],
  ]);
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

t.test("laws about debts hold where debts are collected, by the figures of their sources", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  const day = 24 * hour;
  let people = 0;
  /** Somebody there, who was contacted on these channels so long ago (ms); whether and until when they may not be called, in a campaign that collects debts unless it is told otherwise. */
  const held = async (place: string, past: readonly (readonly [channel: string, agoMs: number])[], { debts = true, fields = {} } = {}) => {
    const number = `${place === "US-MA" ? "+1617" : "+1206"}555${String(++people).padStart(4, "0")}`;
    const campaign = await campaignOf(stores, `debts ${people}`, [{ number, fields }]);
    if (debts) await stores.caps.add(usDebtCaps(`debts ${people}`, "debt_id", campaign.id));
    for (const [channel, agoMs] of past) await contacted(stores, campaign, channel, 1, agoMs);
    const { called, refused } = await asked(stores, campaign);
    if (called.length > 0) return undefined;
    return refused.map(({ rule, retry }) => `${rule} ${Math.round((retry - now) / 60_000)} min`).join();
  };
  const minute = 60_000;

  // 940 CMR 7.04(1)(f): two in each seven-day period, calls and texts.
  t.equal(await held("US-MA", [["voice", day]]), undefined, "Massachusetts: the second may leave");
  t.equal(
    await held("US-MA", [
      ["voice", 169 * hour - minute],
      ["sms", 2 * day],
    ]),
    "legal-cap 1 min",
    "the third may not, to the end of seven days",
  );
  t.equal(
    await held("US-MA", [
      ["voice", 169 * hour + minute],
      ["sms", 2 * day],
    ]),
    undefined,
    "and behind them",
  );
  t.equal(
    await held("US-MA", [
      ["email", day],
      ["email", 2 * day],
      ["email", 3 * day],
    ]),
    undefined,
    "it speaks of the telephone",
  );
  t.equal(
    await held(
      "US-MA",
      [
        ["voice", day],
        ["sms", 2 * day],
      ],
      { debts: false },
    ),
    undefined,
    "and of debts",
  );
  // RCW 19.16.250: three in a week, in any form; two in a day to one mobile number.
  const twice = [
    ["voice", 2 * day],
    ["email", 3 * day],
  ] as const;
  t.equal(await held("US-WA", twice), undefined, "Washington: the third may leave");
  t.equal(await held("US-WA", [...twice, ["sms", 169 * hour - minute]]), "legal-cap 1 min", "the fourth may not");
  t.equal(await held("US-WA", [...twice, ["sms", 169 * hour + minute]]), undefined);
  t.equal(
    await held("US-WA", [
      ["voice", 25 * hour - minute],
      ["sms", hour],
    ]),
    "legal-cap 1 min",
    "nor the third to one number in a day",
  );
  t.equal(
    await held("US-WA", [
      ["voice", 25 * hour + minute],
      ["sms", hour],
    ]),
    undefined,
  );

  // Of the account the rule for debts holds for those who have the field, and so do these.
  await stores.caps.add(usDebtCaps("all debts", "debt_id"));
  const past = [
    ["voice", day],
    ["voice", 2 * day],
  ] as const;
  t.equal(await held("US-MA", past, { debts: false }), undefined, "who has no debt");
  t.match(await held("US-MA", past, { debts: false, fields: { debt_id: "d-1" } }), /^legal-cap /);
});

t.test("where somebody is who is written to by e-mail says the list", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.keepLaw(legalCaps(fieldNames));
  const load = await stores.contacts.openLoad({ name: "mailed", append: false });
  const mailed = { timeZone: "America/Los_Angeles", addresses: [{ kind: "email" as const, mailbox: mailbox("ann@example.com") }] };
  const another = { ...mailed, addresses: [{ kind: "email" as const, mailbox: mailbox("ben@example.com") }] };
  await load.add([
    { ...mailed, clientId: "ann", fields: { state: "WA" } },
    { ...another, clientId: "ben", fields: { state: "OR" } },
  ]);
  const campaign = await writeTo(stores, "email", (await load.commit()).listId);
  await stores.caps.add(usDebtCaps("debts", "debt_id", campaign.id));
  await stores.pool.query(
    `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at)
     select $1, p.id, a.id, 'email', a.mailbox, 'ended', 'sent', 'n', at, at, at, at
     from contact p join address a on a.contact_id = p.id cross join generate_series(1, 3) i cross join lateral (select to_timestamp($2::float8 / 1000) - i * interval '1 day' as at) m`,
    [campaign.id, now],
  );
  const { orders } = await stores.work.claimMessages(campaign, 10, now, node, (candidate) => judge(now, candidate, open));
  t.same(
    orders.map(({ address }) => address),
    ["ben@example.com"],
  );
});
