import t from "tap";
import type { Effect } from "../../src/attempt/ports.ts";
import { sendingOf } from "./messages-kit.ts";
import { begun, eventKinds, makeCampaign, node, openWorld } from "./stores-kit.ts";

/* What scripts leave behind: effects for other engines, and answers for reports. */

const at = Date.UTC(2026, 0, 5, 15, 0, 0);
const send: Effect = {
  kind: "send",
  channel: "sms",
  template: "payment-link",
  values: { amount: "240.00", odd: "a\0b\ud800" },
  withinS: 3600,
  key: "link:4",
  reason: "ivr test link",
};
const callback: Effect = { kind: "callback", inS: 1800, key: "later:5", reason: "ivr test later" };
const optOut: Effect = { kind: "suppress", channels: ["voice"], scope: "account", reason: "ivr test out" };

t.test("an effect is one row, however often and by whomever it is written", async (t) => {
  const { stores, open } = await openWorld(t);
  const [order] = await begun(stores, await makeCampaign(stores), 1);
  const id = order?.attemptId ?? "";
  const other = await open();
  await Promise.all([
    stores.attempts.effect(id, at, [send, callback, optOut]),
    stores.attempts.effect(id, at, [send, callback, optOut]),
    other.attempts.effect(id, at + 20, [send, callback, optOut]),
  ]);
  await stores.attempts.effect(id, at + 900, [optOut, callback]);
  await stores.attempts.effect(id, at + 900, [send]);
  await stores.attempts.effect(id, at + 950, [{ ...send, key: "link:9" }]);
  const { rows } = await stores.pool.query("select kind, key, state, body from effect where attempt_id = $1 order by id", [id]);
  t.match(
    rows.filter(({ kind }) => kind === "send"),
    [
      { key: "link:4", state: "pending", body: { channel: "sms", template: "payment-link", values: { amount: "240.00", odd: "a\ufffdb\ufffd" } } },
      { key: "link:9", state: "pending" },
    ],
    "the same step visited again is another one",
  );
  t.match(
    rows.filter(({ kind }) => kind !== "send").sort((a, b) => a.kind.localeCompare(b.kind)),
    [
      { kind: "callback", key: "later:5", state: "pending" },
      { kind: "suppress", state: "done", body: { channels: ["voice"], scope: "account" } },
    ],
  );
  t.equal(rows.length, 4);
  t.same((await eventKinds(stores, id)).sort(), ["callback", "send", "send", "suppress"], "and one line of the history each");
  const { rows: suppressions } = await stores.pool.query("select from suppression where attempt_id = $1", [id]);
  t.equal(suppressions.length, 3, "both numbers and the client id, once");
});

t.test("when an effect is due, and when it is too late", async (t) => {
  const { stores } = await openWorld(t);
  const [order] = await begun(stores, await makeCampaign(stores), 1);
  const id = order?.attemptId ?? "";
  await stores.attempts.effect(id, at, [send, callback, { kind: "callback", atMs: at + 86_400_000, key: "tomorrow:6", reason: "" }]);
  const { rows } = await stores.pool.query("select key, due_at, expires_at from effect where attempt_id = $1 order by due_at", [id]);
  t.same(rows, [
    { key: "link:4", due_at: new Date(at), expires_at: new Date(at + 3_600_000) },
    { key: "later:5", due_at: new Date(at + 1_800_000), expires_at: null },
    { key: "tomorrow:6", due_at: new Date(at + 86_400_000), expires_at: null },
  ]);
  await t.rejects(stores.attempts.effect("999999", at, [send]), { code: "attempt-unknown" });
});

t.test("answers come with the ending that stands", async (t) => {
  const { stores } = await openWorld(t);
  const orders = await begun(stores, await makeCampaign(stores), 2);
  const [one = "", two = ""] = orders.map(({ attemptId }) => attemptId);
  const answers = { nps: { value: "9" }, comment: { value: `${one}-comment-3.wav`, durationMs: 4120.4 }, "odd\0": { value: "x".repeat(5000) } };
  await Promise.all([
    stores.attempts.finish(one, { at, result: "human", outcome: "thanked", reason: "completed", answers }),
    stores.attempts.finish(one, { at, result: "dropped", reason: "second", answers: { nps: { value: "0" } } }),
    stores.attempts.finish(two, { at, result: "human", reason: "completed" }),
  ]);
  await stores.attempts.finish(one, { at, result: "interrupted", reason: "third", answers: { late: { value: "1" } } });
  const { rows } = await stores.pool.query("select * from answer order by name");
  t.match(rows, [
    { attempt_id: one, name: "comment", value: `${one}-comment-3.wav`, duration_ms: 4120 },
    { attempt_id: one, name: "nps", value: "9", duration_ms: null },
    { attempt_id: one, name: "odd\ufffd", value: "x".repeat(1000) },
  ]);
  t.equal(rows.length, 3);
});

t.test("an attempt is shown with its path, answers and effects", async (t) => {
  const { stores } = await openWorld(t);
  const [order] = await begun(stores, await makeCampaign(stores), 1);
  const id = order?.attemptId ?? "";
  for (const [afterMs, step] of ["hello", "out"].entries()) await stores.attempts.mark(id, { at: at + afterMs, kind: "step", detail: { step } });
  await stores.attempts.effect(id, at + 10, [send]);
  await stores.attempts.finish(id, { at: at + 20, result: "human", outcome: "sent", reason: "completed", answers: { nps: { value: "9" } } });
  t.match(await stores.attemptReader.attempt(id), {
    id,
    outcome: "sent",
    path: ["hello", "out"],
    answers: [{ name: "nps", value: "9", durationMs: undefined }],
    effects: [{ kind: "send", state: "pending", at: at + 10, dueAt: at + 10, body: { template: "payment-link" } }],
  });
  t.equal(await stores.attemptReader.attempt("999999"), undefined);
  t.equal(await stores.attemptReader.attempt("x"), undefined);
});

t.test("a message that is wished for outlives the process that took it, and is sent once", async (t) => {
  const { stores: old, open } = await openWorld(t);
  const campaign = await makeCampaign(old, { people: 2 });
  const [first, second] = await begun(old, campaign, 2);
  const wish = { kind: "send", channel: "sms", template: "link", values: {}, withinS: 600, key: "link", reason: "test" } as const;
  for (const order of [first, second]) await old.attempts.effect(order?.attemptId ?? "", Date.now(), [wish]);
  const taken = await old.wishes.take("sms", 10, false);
  const [left, lost] = taken.map(({ attemptId }) => attemptId);
  if (!left || !lost) throw new Error("no wishes");
  t.ok(await old.messages.begin(sendingOf(left)), "one is on its way");
  t.same(await old.wishes.take("sms", 10, false), [], "and nobody else takes them");

  const successor = await open();
  await successor.registry.register(node, Date.now());
  await successor.registry.takeOrphans(node, Date.now());
  const again = await successor.wishes.take("sms", 10, false);
  t.equal(again.length, 1, "what had not left is wished for again");
  t.equal(again[0]?.wishId, taken[1]?.wishId);
  t.notOk(await old.messages.begin(sendingOf(lost)), "whoever had it, and lives after all, sends it no more");
  await old.wishes.putBack(taken[1]?.wishId ?? "", lost, 0);
  t.same(await successor.wishes.take("sms", 10, false), [], "nor does that one's putting back make it two");
  t.ok(await successor.messages.begin(sendingOf(again[0]?.attemptId ?? "")));
  await successor.registry.register(node, Date.now());
  await successor.registry.takeOrphans(node, Date.now());
  t.same(await successor.wishes.take("sms", 10, false), [], "what has left is never sent again");
});
