import t from "tap";
import type { Mark } from "../../src/attempt/ports.ts";
import { attemptRow, begun, claim, eventKinds, makeCampaign, openWorld, phone } from "./stores-kit.ts";

const at = Date.UTC(2026, 0, 5, 15, 0, 0);

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

t.test("an attempt that left and never rang may be reserved anew, with another leg, as long as everything still stands", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await makeCampaign(stores, { people: 3 });
  const [one = "", two = "", three = ""] = (await claim(stores, campaign, 3)).orders.map(({ attemptId }) => attemptId);
  const now = Date.now();
  t.equal(await stores.attempts.begin(one, now, {}, true), false, "not one that has never left");
  for (const id of [one, two, three]) t.equal(await stores.attempts.begin(id, now, { callId: "first", dialogId: "d1" }), true);
  await stores.attempts.mark(one, { at: now, kind: "sent", legIds: { transactionId: "t1" } });
  t.equal(await stores.attempts.begin(one, now, { callId: "second", dialogId: "d2" }, true), true);
  t.match(
    await attemptRow(stores, one),
    { state: "sending", call_id: "second", dialog_id: "d2", transaction_id: null },
    "nothing of the first leg is left",
  );
  await stores.attempts.mark(two, { at: now, kind: "ringing" });
  t.equal(await stores.attempts.begin(two, now, {}, true), false, "not one that rang");
  await stores.pool.query("insert into suppression (number, reason, source, created_at) values ($1, 'letter', 'admin', now())", [phone(3)]);
  t.equal(await stores.attempts.begin(three, now, {}, true), false, "not whoever opted out meanwhile");
  t.match(await attemptRow(stores, three), { state: "ended", result: "canceled", reason: /suppressed/ });
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
    t.equal(await stores.work.unfinished(campaign), waiting + inFlight);
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
  const { countedAt, ...counted } = await stores.campaigns.progress(campaign.id);
  t.ok(countedAt > 0);
  t.same(counted, {
    contacts: 4,
    waiting: 0,
    again: 0,
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

t.test("a call's ending is counted by its own events, whatever the database knows of all of them", async (t) => {
  const { stores } = await openWorld(t);
  const [{ attemptId } = { attemptId: "" }] = await begun(stores, await makeCampaign(stores, { people: 1 }), 1);
  // So many that the way back through all of them looks shorter to whoever has no statistics, and is not.
  await stores.pool.query("alter table attempt_event set (autovacuum_enabled = false)");
  await stores.pool.query(
    "insert into attempt_event (attempt_id, at, kind, detail) select $1 + n, now(), 'ended', '{}' from generate_series(1, 600000) n",
    [attemptId],
  );
  await stores.pool.query("vacuum attempt_event");
  const client = await stores.pool.connect();
  try {
    const scans = async () => {
      await client.query("select pg_stat_force_next_flush()");
      const { rows } = await client.query<{ scans: number }>(
        "select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = 'attempt_event_pkey'",
      );
      return rows[0]?.scans;
    };
    const before = await scans();
    await client.query("update attempt set state = 'ended', result = 'no-answer', ended_at = now() where id = $1", [attemptId]);
    t.equal(await scans(), before, "all events are not walked through");
  } finally {
    client.release();
  }
});
