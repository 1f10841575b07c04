import t from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { AnswerKeeper } from "../../src/api/answer-ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { csv, world } from "./world.ts";

t.setTimeout(280_000);
const asCsv = { "content-type": "text/csv" };
const withKey = (key: string, more: Record<string, string> = {}) => ({ "idempotency-key": key, ...more });

t.test("a request sent again with its Idempotency-Key", async (t) => {
  const { ask, stores, app, key, logged } = await world(t);
  const count = async (table: string) => Number((await stores.pool.query(`select count(*) from ${table}`)).rows[0]?.count);

  await t.test("gets the first answer again, and nothing is done twice", async (t) => {
    const first = await ask("POST", "/api/v1/lists?name=april", csv, withKey("april-1", asCsv));
    t.match(first, { status: 201, body: { accepted: 3 } });
    const second = await ask("POST", "/api/v1/lists?name=april", csv, withKey("april-1", asCsv));
    t.equal(second.status, 201);
    t.equal(second.text, first.text, "to the letter");
    t.match(second.headers, { location: first.headers["location"], "content-type": first.headers["content-type"], "idempotency-replayed": "true" });
    t.equal(first.headers["idempotency-replayed"], undefined);
    t.equal(await count("list"), 1);
    t.match(await ask("POST", "/api/v1/lists?name=april", csv, asCsv), { status: 409 }, "without the key it is another request");
  });

  await t.test("is refused when it is another request", async (t) => {
    const refused = { status: 422, body: { code: "idempotency-key-reused" } };
    t.match(await ask("POST", "/api/v1/lists?name=april", `${csv}c-9,+1 212 555 0109,Barbara,America/Chicago\n`, withKey("april-1", asCsv)), refused);
    t.match(await ask("POST", "/api/v1/lists?name=may", csv, withKey("april-1", asCsv)), refused);
    t.match(await ask("POST", "/api/v1/campaigns/1/start", undefined, withKey("april-1")), refused);
    t.equal(await count("list"), 1);
  });

  await t.test("an answer that says no is kept too, and what was never understood is not", async (t) => {
    const first = await ask("POST", "/api/v1/campaigns/999/start", undefined, withKey("start-1"));
    t.match(first, { status: 404, body: { code: "campaign-unknown" } });
    const second = await ask("POST", "/api/v1/campaigns/999/start", undefined, withKey("start-1"));
    t.match(second, { status: 404, text: first.text, headers: { "idempotency-replayed": "true", "content-type": /problem\+json/ } });
    const body = { name: "x", speed: 1 };
    t.match(await ask("POST", "/api/v1/campaigns", body, withKey("make-1")), { status: 400 });
    t.match(await ask("POST", "/api/v1/lists?name=june", csv, withKey("make-1", asCsv)), { status: 201 }, "its key is still free");
  });

  await t.test("a key that is none is refused with its place", async (t) => {
    for (const bad of ["", "x".repeat(256), "two words"])
      t.match(await ask("POST", "/api/v1/campaigns/1/start", undefined, withKey(bad)), {
        status: 400,
        body: { code: "request-invalid", errors: [{ pointer: "header/idempotency-key" }] },
      });
  });

  await t.test("two at once: one is done, the other waits or hears the same", async (t) => {
    const send = () => ask("POST", "/api/v1/lists?name=twice", csv, withKey("twice-1", asCsv));
    const answers = await Promise.all([send(), send(), send()]);
    const statuses = answers.map(({ status, body }) => (status === 409 ? body["code"] : status));
    t.ok(statuses.includes(201));
    t.ok(
      statuses.every((status) => status === 201 || status === "idempotency-key-busy"),
      JSON.stringify(statuses),
    );
    t.equal(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size, 1);
    t.match(await send(), { status: 201, headers: { "idempotency-replayed": "true" } });
  });

  await t.test("keys of different API keys have nothing to do with each other; a day later a key is free", async (t) => {
    const { issueKey } = await import("../../src/access/access-engine.ts");
    const { text: other } = await issueKey(stores.keys, "other");
    const theirs = await app.inject({
      method: "POST",
      url: "/api/v1/lists?name=theirs",
      headers: { authorization: `Bearer ${other}`, ...withKey("april-1", asCsv) },
      payload: csv,
    });
    t.equal(theirs.statusCode, 201);
    t.not(other, key);
    await stores.pool.query("update kept_answer set asked_at = asked_at - interval '24 hours'");
    t.match(await ask("POST", "/api/v1/lists?name=tomorrow", csv, withKey("april-1", asCsv)), { status: 201, body: { accepted: 3 } });
    t.ok((await count("kept_answer")) < 5, "and what is over is swept away");
  });
  t.same(logged, []);
});

t.test("our own fault is not kept: the same request may be tried again", async (t) => {
  let away = true;
  const { ask } = await world(t, {
    imports: {
      async run({ csv: body }) {
        for await (const _ of body);
        if (away) throw new Error("the disk is full");
        const none = { voice: 0, sms: 0, email: 0 };
        const counts = { read: 3, accepted: 3, rejected: 0, duplicates: 0, erased: 0, dropped: 0, updated: 0, left: 0 };
        return { listId: "1", ...counts, suppressed: none, reachable: none, zones: {} };
      },
    },
  });
  t.match(await ask("POST", "/api/v1/lists?name=a", csv, withKey("k", asCsv)), { status: 500 });
  away = false;
  t.match(await ask("POST", "/api/v1/lists?name=a", csv, withKey("k", asCsv)), { status: 201, headers: { "idempotency-replayed": undefined } });
});

t.test("keys outlive the process; what one died over is free again", async (t) => {
  const { stores } = await world(t);
  const url = String(stores.pool.options.connectionString);
  const open = async (node: string) => {
    const opened = await openStores({ url, log: silentLog, clock: systemClock, node });
    t.teardown(() => opened.close());
    await opened.registry.register(node, Date.now());
    return opened;
  };
  const answer = { status: 201, headers: { "content-type": "application/json" }, body: '{"id":"1"}' };
  const [done, open1] = [
    { owner: "key 1", key: "done" },
    { owner: "key 1", key: "open" },
  ];
  const take = (keeper: AnswerKeeper, key: typeof done) => keeper.take(key, "r");
  t.same(await take(stores.answers, done), { state: "taken" });
  await stores.answers.keep(done, "r", answer);
  t.same(await take(stores.answers, open1), { state: "taken" });
  const neighbour = await open("node-2");
  t.same(await take(neighbour.answers, done), { state: "answered", request: "r", answer });
  t.same(await take(neighbour.answers, open1), { state: "busy" });
  const successor = await open("node-1");
  t.same(await take(successor.answers, done), { state: "answered", request: "r", answer });
  t.same(await take(successor.answers, open1), { state: "taken" }, "nobody will answer that one any more");
  t.same(await take(neighbour.answers, open1), { state: "busy" });
  await successor.answers.giveBack(open1);
  t.same(await take(neighbour.answers, open1), { state: "taken" });
});
