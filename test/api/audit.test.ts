import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { verifyAudit } from "../../src/access/audit-engine.ts";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.test("every change is in the audit log, once, before it is answered", async (t) => {
  const { ask, stores, app } = await world(t);
  const log = async (query = "") => (await ask("GET", `/api/v1/audit${query}`)).body.items;
  t.same(await log(), [], "looking is no change");

  const made = await ask("POST", "/api/v1/groups", { name: "Sales" });
  const path = `/api/v1/groups/${made.body["id"]}`;
  t.equal((await ask("PUT", `${path}/wrap-up`, { wrapUpMs: 1000, extensionMs: 0, maxExtensions: 0 })).status, 200);
  t.match(await log(`?target=${path}`), [
    {
      ...{ actorKind: "key", actor: "test", action: "PUT /api/v1/groups/:id/wrap-up", target: `${path}/wrap-up`, origin: "127.0.0.1" },
      before: { name: "Sales", wrapUp: { wrapUpMs: 30_000 } },
      after: { asked: { wrapUpMs: 1000 }, now: { wrapUp: { wrapUpMs: 1000 } } },
    },
  ]);

  const once = { "idempotency-key": "one-time" };
  for (const _ of [1, 2]) t.equal((await ask("POST", "/api/v1/agents", { name: "Ann" }, once)).status, 201);
  t.equal((await log()).filter(({ action }) => action === "POST /api/v1/agents").length, 1, "what is answered again was done once");
  await ask("POST", "/api/v1/agents", { name: "Ann" });
  await ask("DELETE", `${path}/campaigns/4711`);
  t.equal((await log()).filter(({ action }) => action === "POST /api/v1/agents").length, 1, "what was refused changed nothing");

  const key = String((await ask("POST", "/api/v1/keys", { name: "crm", role: "integrator" })).body["key"]);
  await ask("POST", `/api/v1/lists?name=May`, csv, asCsv);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  await ask("POST", "/api/v1/suppressions", { number: "+12125550199", reason: "she asked us to" });
  const text = JSON.stringify(await log());
  t.match(text, /POST \/api\/v1\/keys/);
  t.match(text, /POST \/api\/v1\/scripts/);
  t.match(text, /POST \/api\/v1\/suppressions/);
  t.notMatch(text, key, "no secret is in it");
  for (const personal of ["+12125550199", "she asked us to", "Grace"]) t.notMatch(text, personal, `nor ${personal}`);
  t.same(await log("?actor=nobody"), []);

  const { text: reader } = await issueKey(stores.keys, "auditor", { role: "read-only" });
  t.equal((await app.inject({ url: "/api/v1/audit", headers: { authorization: `Bearer ${reader}` } })).statusCode, 403);

  const pages: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await ask("GET", `/api/v1/audit?limit=2${cursor}`);
    pages.push(...body.items.map(({ id }) => String(id)));
    if (body["next"] === undefined) break;
    cursor = `&cursor=${String(body["next"])}`;
  }
  t.same(
    pages,
    pages.map((_, at) => String(at + 1)),
    "in their order, without gaps",
  );
});

t.test("the audit log cannot be changed without its being seen", async (t) => {
  const { ask, stores } = await world(t);
  const entry = { actorKind: "terminal", actor: "root", action: "carillon x", target: "y", origin: "here" } as const;
  const odd = { text: 'quote " back \\ line \n tab \t bell \u0007 é 😀 \u2028 /', deep: [{ z: 1, a: [0.1, 1e21, true, null] }] };
  await Promise.all(Array.from({ length: 25 }, (_, at) => stores.audit.add({ ...entry, actorId: String(at), before: odd, after: { at } })));
  const verified = async () => (await ask("GET", "/api/v1/audit/verification")).body;
  const whole = await verified();
  t.match(whole, { whole: true, records: 25 }, "written at once by many, in one chain");
  t.same(
    await verifyAudit((after, limit) => stores.audit.chain(after, Math.min(limit, 7))),
    { records: 25, hash: whole["hash"] },
    "in stretches too",
  );

  for (const change of ["update audit set actor = 'eve' where id = 3", "delete from audit where id = 3", "truncate audit"])
    await t.rejects(stores.pool.query(change), { message: /append-only/ }, change);
  // Whoever owns the database can still; that is seen.
  const byForce = (change: string) =>
    stores.pool.query(`begin; alter table audit disable trigger user; ${change}; alter table audit enable trigger user; commit`);
  await byForce("update audit set actor = 'eve' where id = 25");
  t.match(await verified(), { whole: false, records: 24, broken: /line 25 was changed/ });
  await byForce("update audit set actor = 'root' where id = 25; update audit set after = '{\"at\":99}' where id = 7");
  t.match(await verified(), { whole: false, broken: /line 7 was changed/ });
  await byForce("delete from audit where id = 7");
  t.match(await verified(), { whole: false, broken: /line 7 is missing/ });
  await byForce("delete from audit where id < 7");
  t.match(await verified(), { whole: false, records: 0, broken: /line 1 is missing/ });
});
