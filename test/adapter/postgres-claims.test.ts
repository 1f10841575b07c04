import pg from "pg";
import t from "tap";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import type { Candidate, Verdict } from "../../src/strategy/ports.ts";
import { allow, attemptRow, claim, makeCampaign, makeList, node, openWorld, phone } from "./stores-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

t.test("a claim reserves what is due, in the order of the list, and says what an order needs", async (t) => {
  const { stores } = await openWorld(t);
  const draft = await makeCampaign(stores, { people: 5, started: false });
  t.same((await claim(stores, draft, 3)).orders, [], "a draft has nothing to call");
  t.match(await stores.campaigns.progress(draft.id), { contacts: 5, waiting: 5, inFlight: 0, done: 0 });
  t.equal(await stores.campaigns.move(draft.id, "draft", "running"), true);
  t.equal(await stores.campaigns.move(draft.id, "draft", "running"), false, "only one may start it");
  const campaign = { ...draft, state: "running" as const };

  const seen: Candidate[] = [];
  const now = Date.now();
  const first = await stores.work.claim(campaign, 2, now, node, (candidate) => {
    seen.push(candidate);
    return { go: true, untilMs: now + 5000 };
  });
  t.same(
    seen.map(({ address }) => address),
    [phone(1), phone(2)],
  );
  t.match(first.orders[0], {
    campaignId: campaign.id,
    contactId: seen[0]?.contactId,
    addressId: seen[0]?.addressId,
    channel: "voice",
    address: phone(1),
    callerId: "+12125550100",
    fields: { first_name: "Name 1", time_zone: "America/New_York" },
    scriptVersionId: campaign.scriptVersionId,
    permit: { at: now, untilMs: now + 5000 },
  });
  t.ok(first.nextDueAt !== undefined && first.nextDueAt <= now, "more are due");
  t.match(await attemptRow(stores, first.orders[0]?.attemptId ?? ""), { state: "reserved", node, channel: "voice", address: phone(1) });

  const retryAt = now + 3_600_000;
  const mixed = await claim(stores, campaign, 10, {
    judge: ({ address }) =>
      address === phone(3)
        ? { go: false, rule: "outside-calling-window", retryAt }
        : address === phone(4)
          ? { go: false, rule: "suppressed" }
          : allow({} as Candidate),
  });
  t.same(
    mixed.orders.map(({ address }) => address),
    [phone(5)],
  );
  t.match(mixed, { refused: 2, nextDueAt: retryAt });
  t.match(await stores.campaigns.progress(campaign.id), {
    contacts: 5,
    waiting: 1,
    inFlight: 3,
    done: 1,
    refusals: { "outside-calling-window": 1, suppressed: 1 },
  });
  t.equal(await stores.work.unfinished(campaign), 4);
  const later = await stores.work.claim(campaign, 10, retryAt, node, allow);
  t.same(
    later.orders.map(({ address }) => address),
    [phone(3)],
    "asked again when its time has come",
  );
  t.equal(later.nextDueAt, undefined);

  await stores.campaigns.move(campaign.id, "running", "paused");
  t.same((await claim(stores, campaign, 1)).orders, []);
});

t.test("two claims never get the same contact, and none is left out", async (t) => {
  const { stores, open } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 600 });
  const others = await Promise.all([open(), open(), open()]);
  await Promise.all(others.map((other, index) => other.registry.register(`other-${index}`, Date.now())));
  const random = seededRandom(seed);
  const got: string[] = [];
  const worker = async (own: typeof stores, name: string) => {
    for (let empty = 0; empty < 3; ) {
      const { orders } = await claim(own, campaign, intBetween(random, 1, 20), { node: name });
      got.push(...orders.map(({ contactId }) => contactId));
      empty = orders.length === 0 ? empty + 1 : 0;
    }
  };
  await Promise.all([worker(stores, node), worker(stores, node), ...others.map((other, index) => worker(other, `other-${index}`))]);
  t.equal(new Set(got).size, got.length, `nobody twice (seed ${seed})`);
  t.equal(got.length, 600, `nobody left out (seed ${seed})`);
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 0, inFlight: 600, done: 0 });
});

t.test("rows that somebody else holds are passed over, and found when they are free again", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 20 });
  const holder = new pg.Client({ connectionString: adminUrl });
  await holder.connect();
  await holder.query("begin");
  const { rows } = await holder.query("select contact_id from work order by due_at, contact_id limit 5 for update");
  t.equal((await claim(stores, campaign, 10)).orders.length, 10, "the mark moves past them");
  await holder.query("rollback");
  await holder.end();
  const rest = await claim(stores, campaign, 20);
  t.equal(rest.orders.length, 10);
  const missing = rows.filter(({ contact_id }) => !rest.orders.some(({ contactId }) => contactId === contact_id));
  t.same(missing, []);
});

t.test("where most are refused, a claim reaches further than it wants orders, and leaves the rest as it was", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 30 });
  const asked: string[] = [];
  const everyFourth = (candidate: Candidate): Verdict => {
    asked.push(candidate.address);
    return asked.length % 4 === 0 ? allow(candidate) : { go: false, rule: "suppressed" };
  };
  const first = await stores.work.claim(campaign, 2, Date.now(), node, everyFourth, 20);
  t.match(first, { orders: [{ address: phone(4) }, { address: phone(8) }], refused: 6 });
  t.equal(asked.length, 8, "nobody is judged for whom there is no room");
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 22, inFlight: 2, done: 6 });
  const rest = await claim(stores, campaign, 30);
  t.same(
    rest.orders.map(({ address }) => address),
    Array.from({ length: 22 }, (_, index) => phone(index + 9)),
  );
});

t.test("claims of many campaigns and open imports do not starve each other of connections", async (t) => {
  const { stores } = await openWorld(t, { poolSize: 4 });
  const listId = await makeList(stores, "everybody", 5);
  const campaigns = [];
  for (let index = 0; index < 8; index += 1) campaigns.push(await makeCampaign(stores, { name: `campaign ${index}`, listId }));
  const claims = await Promise.all(campaigns.map((campaign) => claim(stores, campaign, 10)));
  t.same(
    claims.map(({ orders }) => orders.length),
    campaigns.map(() => 5),
  );
  const loads = await Promise.all(Array.from({ length: 4 }, (_, index) => stores.contacts.openLoad({ name: `slow upload ${index}`, append: false })));
  const [order] = claims[0]?.orders ?? [];
  t.equal(await stores.attempts.begin(order?.attemptId ?? "", Date.now()), true, "slow uploads do not keep calls from going out");
  await Promise.all(loads.map((load) => load.abort()));
});
