import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { Result } from "../../src/attempt/result.ts";
import { type NewCap, usDebtCaps } from "../../src/compliance/frequency.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import type { Candidate } from "../../src/strategy/ports.ts";
import { makeCampaign, node, openWorld, phone, race } from "./stores-kit.ts";

/*
 * Caps are enforced in SQL: whoever claims, from whichever campaign and node, nobody passes them.
 */

const dayS = 86_400;
const weekMs = 7 * dayS * 1000;
const open = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC" };
const once: NewCap = { name: "once a day", kind: "cap", per: "person", most: 1, windowS: dayS };
/** Behind the setting up, so that everybody is due. */
const now = Date.now() + 3_600_000;

const gate = (at: number) => (candidate: Candidate) => judge(at, candidate, open);

interface Person {
  readonly clientId?: string;
  readonly number: number;
  readonly debt?: string;
}

async function campaignOf(stores: Stores, name: string, people: readonly Person[]): Promise<VoiceCampaign> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    people.map(({ clientId, number, debt }) => ({
      clientId,
      timeZone: undefined,
      addresses: [{ kind: "mobile" as const, number: phone(number) }],
      fields: Object.fromEntries(debt === undefined ? [] : [["debt", debt]]),
    })),
  );
  return await makeCampaign(stores, { name, listId: (await load.commit()).listId });
}

/** Claims what is due and says whom (client id or contact) may be called. */
async function claimed(stores: Stores, campaign: VoiceCampaign, at = now, count = 50) {
  return await stores.work.claim(campaign, count, at, node, gate(at));
}

async function refusals(stores: Stores, campaign: VoiceCampaign) {
  const text = "select rule, (extract(epoch from retry_at) * 1000)::float8 as retry from refusal where campaign_id = $1 order by id";
  const { rows } = await stores.pool.query<{ rule: string; retry: number }>(text, [campaign.id]);
  return rows;
}

/** An attempt as it was, some time ago. */
async function past(stores: Stores, campaign: VoiceCampaign, agoMs: number, result: Result, more: { answered?: boolean; inbound?: boolean } = {}) {
  const { answered = false, inbound = false } = more;
  const at = now - agoMs;
  await stores.pool.query(
    `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, result, node, permit_until, reserved_at, sending_at, answered_at, ended_at, called_number)
     select case when not $5 then c.id end, p.id, a.id, 'voice', a.number, 'ended', $2, 'n', to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0),
       case when $4 then to_timestamp($3 / 1000.0) end, to_timestamp($3 / 1000.0), case when $5 then '+12125550100' end
     from campaign c join contact p on p.list_id = c.list_id join address a on a.contact_id = p.id where c.id = $1`,
    [campaign.id, result, at, answered, inbound],
  );
}

t.test("a cap of one holds over campaigns, by person and by address, until its window is over", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.add([once]);
  const first = await campaignOf(stores, "first", [{ clientId: "anna", number: 1 }, { number: 2 }, { clientId: "carl", number: 3 }]);
  const second = await campaignOf(stores, "second", [
    { clientId: "anna", number: 11 },
    { clientId: "bert", number: 2 },
    { clientId: "dora", number: 3 },
  ]);
  t.equal((await claimed(stores, first)).orders.length, 3);
  // Anna is known by her client id, Bert's number by itself; Dora shares a number with Carl and is somebody else.
  const { orders } = await claimed(stores, second);
  t.same(
    orders.map(({ address }) => address),
    [phone(3)],
  );
  t.match(await refusals(stores, second), [{ rule: "frequency-cap" }, { rule: "frequency-cap" }]);
  // What is on its way may come to nothing: asked again soon. Once it counts, when the window is over.
  t.ok((await refusals(stores, second)).every(({ retry }) => retry === now + 60_000));
  await stores.pool.query("update attempt set state = 'ended', result = 'busy', sending_at = reserved_at, ended_at = reserved_at");
  t.equal((await claimed(stores, second, now + 60_000)).orders.length, 0);
  const [, , late] = await refusals(stores, second);
  t.equal(Math.round((late?.retry ?? 0) / 1000), Math.round(now / 1000) + dayS);
  t.equal((await claimed(stores, second, (late?.retry ?? 0) - 1)).orders.length, 0, "the last moment of the window");
  t.equal((await claimed(stores, second, (late?.retry ?? 0) + 1)).orders.length, 2, "and behind it");
});

t.test("what reached nobody does not count, unless it was answered", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.add([{ ...once, per: "address", most: 2 }]);
  const campaign = await campaignOf(stores, "one", [{ number: 1 }]);
  for (const result of ["congestion", "canceled", "carrier-fault", "busy"] as const) await past(stores, campaign, 3_600_000, result);
  await past(stores, campaign, 3_600_000, "human", { inbound: true, answered: true });
  await past(stores, campaign, (dayS + 1) * 1000, "human", { answered: true });
  const facts: unknown[] = [];
  await stores.work.claim(campaign, 1, now, node, (candidate) => {
    facts.push(candidate.caps);
    return { go: false, rule: "suppressed", retryAt: now };
  });
  t.match(facts, [[{ name: "once a day", rule: "frequency-cap", count: 1, most: 2, windowS: dayS }]]);
  await past(stores, campaign, 1800_000, "carrier-fault", { answered: true });
  t.equal((await claimed(stores, campaign)).orders.length, 0);
  t.match(await refusals(stores, campaign), [{ rule: "suppressed" }, { rule: "frequency-cap", retry: now - 3_600_000 + dayS * 1000 }]);
});

t.test("two nodes and two campaigns at one instant reserve one attempt of each person", async (t) => {
  const { stores, open: another } = await openWorld(t);
  const other = await another({ node: "node-2" });
  await other.registry.register("node-2", Date.now());
  await stores.caps.add([once]);
  const people = Array.from({ length: 40 }, (_, index) => ({ clientId: `p${index}`, number: index }));
  const both = [await campaignOf(stores, "left", people), await campaignOf(stores, "right", people)] as const;
  // Everybody is claimed in both at once: whoever settles last finds the others reserved, also where both were asked before either wrote.
  const rounds = await race(
    () => stores.work.claim(both[0], 40, now, node, gate(now)),
    () => other.work.claim(both[1], 40, now, "node-2", gate(now)),
    () => other.work.claim(both[0], 40, now, "node-2", gate(now)),
    () => stores.work.claim(both[1], 40, now, node, gate(now)),
  );
  t.ok(rounds.every(({ status }) => status === "fulfilled"));
  const { rows } = await stores.pool.query("select address from attempt group by address having count(*) > 1");
  t.same(rows, [], "nobody twice");
  const { rows: all } = await stores.pool.query<{ count: string }>("select count(*) from attempt");
  t.equal(all[0]?.count, "40", "and everybody once");
});

t.test("the second question is asked with the caps as they are then", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await campaignOf(stores, "one", [{ number: 1 }, { number: 2 }]);
  const { orders } = await claimed(stores, campaign);
  const [first, second] = orders;
  await past(stores, campaign, 3_600_000, "no-answer");
  await stores.caps.add([once]);
  t.notOk(await stores.attempts.begin(first?.attemptId ?? "", now), "made since");
  t.match(await refusals(stores, campaign), [{ rule: "frequency-cap", retry: now - 3_600_000 + dayS * 1000 }]);
  const { rows } = await stores.pool.query<{ due: number }>("select (extract(epoch from due_at) * 1000)::float8 as due from work");
  t.match(rows, [{ due: now - 3_600_000 + dayS * 1000 }], "due again when it opens");
  const [cap] = await stores.caps.list({ limit: 10 });
  t.ok(await stores.caps.remove(cap?.id ?? ""));
  t.ok(await stores.attempts.begin(second?.attemptId ?? "", now), "and taken away again");
});

t.test("the rule for debts in the United States: seven calls in seven days, and none after a conversation, of each debt", async (t) => {
  const { stores } = await openWorld(t);
  await stores.caps.add(usDebtCaps("debts", "debt"));
  const old = await campaignOf(stores, "old", [{ clientId: "anna", number: 1, debt: "A" }]);
  const same = await campaignOf(stores, "same", [{ clientId: "anna", number: 2, debt: "A" }]);
  const else_ = await campaignOf(stores, "else", [
    { clientId: "anna", number: 1, debt: "B" },
    { clientId: "anna2", number: 2 },
  ]);
  for (let call = 0; call < 6; call++) await past(stores, old, weekMs - 60_000, "no-answer");
  t.equal((await claimed(stores, same)).orders.length, 1, "the seventh call");
  await stores.pool.query("update attempt set state = 'ended', result = 'no-answer', ended_at = reserved_at where state = 'reserved'");
  await stores.pool.query(
    "insert into work (contact_id, campaign_id, due_at) select contact_id, $1, reserved_at from attempt where campaign_id = $1",
    [same.id],
  );
  t.equal((await claimed(stores, same)).orders.length, 0, "no eighth");
  t.match(await refusals(stores, same), [{ rule: "debt-call-cap", retry: now - weekMs + 60_000 + 7 * dayS * 1000 + 3_600_000 }]);
  t.equal((await claimed(stores, else_)).orders.length, 2, "another debt, and no debt at all");

  const spoken = await campaignOf(stores, "spoken", [{ clientId: "carl", number: 7, debt: "C" }]);
  await past(stores, spoken, weekMs - 1000, "human", { inbound: true, answered: true });
  t.equal((await claimed(stores, spoken)).orders.length, 0, "also when it was the person who called");
  t.match(await refusals(stores, spoken), [{ rule: "debt-conversation", retry: now + 1000 + 3_600_000 }]);
});
