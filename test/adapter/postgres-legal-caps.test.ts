import t from "tap";
import callingCaps from "../../src/compliance/calling-caps.json" with { type: "json" };
import { type CapRow, legalCaps } from "../../src/compliance/legal-caps.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import { asked, campaignOf, contacted, fieldNames, hour, now, open, type Person } from "./legal-caps-kit.ts";
import { makeCampaign, node, openWorld } from "./stores-kit.ts";

/*
 * What the laws of states and countries say of how often: each row of calling-caps.json with the last attempt that its source allows and the first that it does not.
 */

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
