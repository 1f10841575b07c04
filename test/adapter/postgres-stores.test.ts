import pg from "pg";
import t from "tap";
import { beginSql, recordSql, suppressSql, withdrawSql } from "../../src/adapter/postgres/repository/attempt-sql.ts";
import type { Mark } from "../../src/attempt/ports.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import type { Candidate, Verdict } from "../../src/strategy/ports.ts";
import { allow, attemptRow, begun, claim, eventKinds, makeCampaign, makeList, node, openWorld, phone } from "./stores-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const at = Date.UTC(2026, 0, 5, 15, 0, 0);

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
    fields: { first_name: "Name 1" },
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
  t.equal(await stores.work.unfinished(campaign.id), 4);
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

t.test("begin: yes exactly once, and only while everything still stands", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 6 });
  const { orders } = await claim(stores, campaign, 6, {
    judge: ({ address }) => ({ go: true, untilMs: address === phone(2) ? at : Date.now() + 60_000 }),
  });
  const [good, late, suppressed, paused] = orders.map(({ attemptId }) => attemptId);
  if (!good || !late || !suppressed || !paused) throw new Error("no orders");
  const now = Date.now();

  const both = await Promise.all([stores.attempts.begin(good, now), stores.attempts.begin(good, now)]);
  t.same(both.sort(), [false, true], "of two at once, one");
  t.equal(await stores.attempts.begin(good, now), false, "and never again");
  t.match(await attemptRow(stores, good), { state: "sending", sending_at: new Date(now) });

  t.equal(await stores.attempts.begin(late, now), false, "the permit has run out");
  t.match(await attemptRow(stores, late), { state: "ended", result: "canceled", reason: /permit/ });
  t.equal((await claim(stores, campaign, 1)).orders[0]?.address, phone(2), "its person is asked about anew");

  await stores.attempts.effect(good, now, [{ kind: "suppress", channels: [], scope: "account", reason: "key 9" }]);
  await stores.pool.query("insert into suppression (number, reason, source, created_at) values ($1, 'letter', 'admin', now())", [phone(3)]);
  t.equal(await stores.attempts.begin(suppressed, now), false);
  t.match(await attemptRow(stores, suppressed), { state: "ended", result: "canceled", reason: /suppressed/ });

  await stores.campaigns.move(campaign.id, "running", "paused");
  t.equal(await stores.attempts.begin(paused, now), false);
  t.match(await attemptRow(stores, paused), { state: "ended", result: "canceled", reason: /paused/ });
  t.match(await stores.campaigns.progress(campaign.id), { contacts: 6, waiting: 1, inFlight: 4, done: 1, refusals: { suppressed: 1 } });
  await stores.campaigns.move(campaign.id, "paused", "running");
  t.equal((await claim(stores, campaign, 5)).orders[0]?.address, phone(4), "called after the pause");
  for (const id of ["999999", "abc", "", "-1", "99999999999999999999"]) {
    const answer = await stores.attempts.begin(id, now).catch((error) => error);
    t.ok(answer === false || answer instanceof Error, `attempt ${id} does not go out`);
  }
});

t.test("marks move an attempt forward only, add up the leg's ids, and stay in order", async (t) => {
  const { stores } = await openWorld(t);
  const [order] = await begun(stores, await makeCampaign(stores), 1);
  const id = order?.attemptId ?? "";
  const mark = (kind: Mark["kind"], afterMs: number, more: Partial<Mark> = {}) => stores.attempts.mark(id, { at: at + afterMs, kind, ...more });
  await mark("sent", 0, { legIds: { transactionId: "t-1", callId: "call-1", mediaServer: "fs-1", endpointId: "e-1" } });
  t.match(await attemptRow(stores, id), { state: "sending", transaction_id: "t-1", call_id: "call-1", media_server: "fs-1", endpoint_id: "e-1" });
  await Promise.all([
    mark("early-media", 10),
    mark("ringing", 20),
    mark("answered", 30, { legIds: { dialogId: "d-1" } }),
    mark("step", 40, { detail: { step: "greet" } }),
  ]);
  await mark("ringing", 50);
  t.match(await attemptRow(stores, id), {
    state: "answered",
    ringing_at: new Date(at + 10),
    answered_at: new Date(at + 30),
    transaction_id: "t-1",
    dialog_id: "d-1",
  });
  t.same(await eventKinds(stores, id), ["sent", "early-media", "ringing", "answered", "step", "ringing"]);
  await Promise.all([
    mark("step", 60),
    stores.attempts.finish(id, { at: at + 70, result: "human", outcome: "paid", reason: "hung-up", sipStatus: 200, q850: 16 }),
    stores.attempts.finish(id, { at: at + 80, result: "dropped", reason: "second" }),
    mark("step", 90),
  ]);
  await stores.attempts.finish(id, { at: at + 100, result: "interrupted", reason: "third" });
  await mark("answered", 110);
  t.match(await attemptRow(stores, id), {
    state: "ended",
    result: "human",
    outcome: "paid",
    reason: "hung-up",
    sip_status: 200,
    q850: 16,
    ended_at: new Date(at + 70),
    answered_at: new Date(at + 30),
  });
  t.equal((await eventKinds(stores, id)).filter((kind) => kind === "ended").length, 1, "the first ending stands");
  const [view] = await stores.attemptReader.attempts(order?.campaignId ?? "", { result: "human" }, { limit: 10 });
  t.match(view, { id, state: "ended", result: "human", outcome: "paid", callId: "call-1", answeredAt: at + 30, endedAt: at + 70, address: phone(1) });
});

t.test("progress adds up at every step, and what was canceled by the channel is not called again", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 4 });
  const adds = async () => {
    const { contacts, waiting, inFlight, done } = await stores.campaigns.progress(campaign.id);
    t.equal(waiting + inFlight + done, contacts);
    t.equal(await stores.work.unfinished(campaign.id), waiting + inFlight);
    return done;
  };
  t.equal(await adds(), 0);
  const { orders } = await claim(stores, campaign, 4);
  t.equal(await adds(), 0);
  const results = ["no-answer", "busy", "human"] as const;
  for (const [index, result] of results.entries()) {
    const id = orders[index]?.attemptId ?? "";
    await stores.attempts.begin(id, Date.now());
    await stores.attempts.finish(id, { at: Date.now(), result, reason: "" });
    t.equal(await adds(), index + 1);
  }
  // The trunk may not carry it (voice/call-session): that is so the next time too.
  await stores.attempts.finish(orders[3]?.attemptId ?? "", { at: Date.now(), result: "canceled", reason: "the trunk may not show this caller id" });
  t.equal(await adds(), 4, "it is not tried over and over");
  t.same(await stores.campaigns.progress(campaign.id), {
    contacts: 4,
    waiting: 0,
    inFlight: 0,
    done: 4,
    results: { "no-answer": 1, busy: 1, human: 1, canceled: 1 },
    refusals: {},
  });
});

t.test("calls made together share statements, and a bad one among them fails alone", async (t) => {
  const { stores } = await openWorld(t, { beginWindowMs: 10, recordWindowMs: 10 });
  const orders = await begun(stores, await makeCampaign(stores, { people: 100 }), 100);
  let statements = 0;
  stores.pool.on("acquire", () => {
    statements += 1;
  });
  await Promise.all(
    orders.flatMap(({ attemptId }) =>
      ["sent", "ringing", "answered"].map((kind) => stores.attempts.mark(attemptId, { at, kind: kind as Mark["kind"] })),
    ),
  );
  t.ok(statements <= 3, `300 marks took ${statements} statements`);

  const hostile = "486 \0 \ud800 Busy".repeat(2000);
  const ends = await Promise.allSettled([
    stores.attempts.finish(orders[0]?.attemptId ?? "", { at, result: "busy", reason: hostile, sipStatus: 99_999, q850: Number.NaN }),
    stores.attempts.mark("abc", { at, kind: "step" }),
    stores.attempts.mark("999999", { at, kind: "step" }),
    stores.attempts.mark(orders[1]?.attemptId ?? "", { at, kind: "step", detail: { text: "a\0b\ud800", count: Number.POSITIVE_INFINITY } }),
    stores.attempts.mark(orders[3]?.attemptId ?? "", {
      at,
      kind: "sent",
      legIds: { callId: "\0\ud800", transactionId: "a\0b", dialogId: "\0", endpointId: "\0" },
    }),
    stores.attempts.finish(orders[2]?.attemptId ?? "", { at, result: "busy", reason: "486 Busy Here" }),
  ]);
  t.same(
    ends.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected", "fulfilled", "fulfilled", "fulfilled"],
  );
  t.match(ends[2], { reason: { name: "Fault", code: "attempt-unknown" } });
  t.match(ends[1], { reason: { name: "Fault" } });
  t.match(await attemptRow(stores, orders[0]?.attemptId ?? ""), { result: "busy", sip_status: null, q850: null });
  t.match(await attemptRow(stores, orders[2]?.attemptId ?? ""), { result: "busy", reason: "486 Busy Here" });
});

t.test("a server that restarts loses nothing that was said meanwhile, and nothing is written twice", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 40 });
  const orders = await begun(stores, campaign, 40);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  let cutting: Promise<unknown> = Promise.resolve();
  const cut = () => {
    const others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    cutting = cutting.then(() => admin.query(others));
    return cutting;
  };
  const said = orders.map(async ({ attemptId }, index) => {
    await stores.attempts.mark(attemptId, { at, kind: "ringing" });
    if (index % 10 === 3) await cut();
    await stores.attempts.finish(attemptId, { at: at + index, result: "no-answer", reason: "ring time-out" });
  });
  await cut();
  await Promise.all(said);
  await admin.end();
  t.match(await stores.campaigns.progress(campaign.id), { inFlight: 0, done: 40, results: { "no-answer": 40 } });
  const { rows } = await stores.pool.query("select attempt_id, kind, count(*) from attempt_event group by 1, 2 having count(*) > 1");
  t.same(rows, []);
  t.match(await stores.check(), { ready: true });
});

t.test("no statement on the way of a call reads a whole table, even when planned while all were small", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 100 });
  await begun(stores, campaign, 20);
  await stores.pool.query("analyze");
  const statements = { beginSql, recordSql, suppressSql, withdrawSql };
  for (const [name, sql] of Object.entries(statements)) {
    const { rows } = await stores.pool.query(`explain (generic_plan, format json) ${sql}`);
    const scans = scansIn(rows[0]?.["QUERY PLAN"]);
    t.ok(scans.length > 0, name);
    for (const { relation, cond } of scans) t.ok(cond, `${name} looks ${relation} up by ${cond}`);
  }
});

/** The scans of tables in a plan (EXPLAIN's JSON), each with the condition by which its index is entered. */
function scansIn(plan: unknown): { relation: string; cond: string | undefined }[] {
  if (Array.isArray(plan)) return plan.flatMap(scansIn);
  if (typeof plan !== "object" || plan === null) return [];
  const node = new Map(Object.entries(plan));
  const below = [...node.values()].flatMap(scansIn);
  const relation = node.get("Relation Name");
  if (!String(node.get("Node Type")).endsWith("Scan") || relation === undefined) return below;
  return [{ relation: String(relation), cond: node.get("Index Cond") ?? node.get("Recheck Cond") }, ...below];
}

t.test("a transaction whose connection dies half way leaves everything as it was", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 6 });
  const draft = await makeCampaign(stores, { name: "draft", listId: campaign.listId, started: false });
  const load = await stores.contacts.openLoad({ name: "half", append: false });
  const admin = new pg.Client({ connectionString: adminUrl });
  // Within its transaction a session sees the others as they were at its first look; so another one looks.
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([admin.connect(), watch.connect()]);
  const killWaiting = async (count: number) => {
    for (let killed = 0; killed < count; ) {
      const { rows } = await watch.query("select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
      for (const { pid } of rows) await watch.query("select pg_terminate_backend($1, 5000)", [pid]);
      killed += rows.length;
    }
  };
  // Each of them has done half of its work, and waits for one of these locks with the other half.
  await admin.query("begin");
  await admin.query("lock table attempt, contact in share mode");
  const half: Promise<unknown>[] = [
    claim(stores, campaign, 4),
    load.add([{ addresses: [{ kind: "unknown", number: phone(1) }], fields: {} }]),
    stores.registry.register(node, Date.now()),
  ];
  const refused = Promise.allSettled(half);
  await killWaiting(half.length);
  for (const end of await refused) t.match(end, { status: "rejected", reason: { name: "Fault", code: "database-unreachable", retryable: true } });
  await admin.query("commit");
  await admin.query("begin");
  await admin.query("lock table work in exclusive mode");
  const starting = t.rejects(stores.campaigns.move(draft.id, "draft", "running"), { name: "Fault", code: "database-unreachable" });
  await killWaiting(1);
  await starting;
  await admin.query("commit");
  await Promise.all([admin.end(), watch.end()]);
  await load.abort();

  t.match(await stores.campaigns.progress(campaign.id), { waiting: 6, inFlight: 0 });
  t.match(await stores.campaigns.find(draft.id), { state: "draft" });
  t.equal(await stores.lists.listByName("half"), undefined);
  t.equal(await stores.registry.heartbeat(node), true, "the name was not taken");
  t.equal((await claim(stores, campaign, 10)).orders.length, 6, "and everything goes on by itself");
  t.equal(await stores.campaigns.move(draft.id, "draft", "running"), true);
});

t.test("calls wait for a connection when all are taken, and go on when one is free", async (t) => {
  const { stores } = await openWorld(t, { poolSize: 2 });
  const campaign = await makeCampaign(stores, { people: 3 });
  const { orders } = await claim(stores, campaign, 2);
  const [one, two] = orders.map(({ attemptId }) => attemptId);
  await stores.attempts.begin(one ?? "", Date.now());
  const held = [await stores.pool.connect(), await stores.pool.connect()];
  const waiting = Promise.all([
    stores.attempts.begin(two ?? "", Date.now()),
    stores.attempts.finish(one ?? "", { at, result: "busy", reason: "486" }),
    claim(stores, campaign, 1).then(({ orders }) => orders.length),
    stores.attempts.effect(two ?? "", at, [{ kind: "callback", inS: 3600, key: "later:2", reason: "ivr test later" }]),
  ]);
  const first = await Promise.race([waiting, new Promise((resolve) => setImmediate(() => resolve("still waiting")))]);
  t.equal(first, "still waiting");
  for (const client of held) client.release();
  t.same(await waiting, [true, undefined, 1, undefined]);
});
