import t from "tap";
import { usDebtCaps } from "../../src/compliance/frequency.ts";
import { legalCaps } from "../../src/compliance/legal-caps.ts";
import { judge } from "../../src/strategy/judge.ts";
import { asked, campaignOf, contacted, fieldNames, hour, now, open } from "./legal-caps-kit.ts";
import { mailbox, writeTo } from "./message-campaign-kit.ts";
import { node, openWorld } from "./stores-kit.ts";

/* What the laws of states say of how often people may be contacted about their debts. */

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
