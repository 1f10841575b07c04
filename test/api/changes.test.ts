import pg from "pg";
import t from "tap";
import { makeCampaign, makeList } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { asCsv, asYaml, csv, script, type World, world } from "./world.ts";

t.setTimeout(120_000);

/** What every table holds, but for what is no change of anybody: whose requests were answered, and when a key was used. */
async function holdings({ stores }: Pick<World, "stores">): Promise<Record<string, string>> {
  const { rows: tables } = await stores.pool.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not in ('api_key', 'login_failure') order by 1",
  );
  const held: Record<string, string> = {};
  for (const { name } of tables) {
    const text = `select count(*) || ' ' || coalesce(sum(hashtextextended(x::text, 0)::numeric), 0) as held from ${name} x`;
    held[name] = (await stores.pool.query<{ held: string }>(text)).rows[0]?.held ?? "";
  }
  const { rows } = await stores.pool.query<{ keys: string }>("select count(*) || ' ' || count(revoked_at) as keys from api_key");
  return { ...held, api_key: rows[0]?.keys ?? "" };
}

/** Changes of every kind that goes into one transaction with its line, each that can be done once, in this order. */
async function changesOf({ ask, stores }: World) {
  const listId = await makeList(stores, "people", 2);
  const campaign = await makeCampaign(stores, { name: "first", listId });
  const [contactId = ""] = (await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items.map(({ id }) => String(id));
  const group = String((await ask("POST", "/api/v1/groups", { name: "Sales" })).body["id"]);
  const agent = String((await ask("POST", "/api/v1/agents", { name: "Ann" })).body["id"]);
  const user = String((await ask("POST", "/api/v1/users", { name: "ann", role: "admin" })).body["id"]);
  const key = String((await ask("POST", "/api/v1/keys", { name: "crm", role: "integrator" })).body["id"]);
  const suppression = String((await ask("POST", "/api/v1/suppressions", { number: "+12125550190", reason: "asked" })).body["id"]);
  await ask("PUT", "/api/v1/rules/old", { expression: "false", meaning: "nobody" });
  return [
    ["POST", "/api/v1/users", { name: "ben", role: "author" }],
    ["PATCH", `/api/v1/users/${user}`, { role: "supervisor" }],
    ["POST", `/api/v1/users/${user}/invitation`],
    ["POST", "/api/v1/keys", { name: "other", role: "integrator" }],
    ["POST", `/api/v1/keys/${key}/revoke`],
    ["POST", "/api/v1/suppressions", { number: "+12125550199", reason: "asked" }],
    ["POST", `/api/v1/suppressions/${suppression}/end`, { reason: "a mistake" }],
    ["POST", "/api/v1/suppression-lists", { name: "bureau", mandatory: true, reason: "the law" }],
    [
      "POST",
      "/api/v1/consents",
      { kind: "revocation", number: "+12125550198", channel: "voice", source: "letter", obtainedAt: "2026-01-02T00:00:00Z" },
    ],
    ["PUT", "/api/v1/rules/new", { expression: "false", meaning: "nobody" }],
    ["DELETE", "/api/v1/rules/old"],
    ["POST", `/api/v1/campaigns/${campaign.id}/pause`],
    ["PATCH", `/api/v1/campaigns/${campaign.id}`, { maxCps: 2 }],
    ["PUT", `/api/v1/campaigns/${campaign.id}/safeguards`, { requireConsent: true, purpose: "offers", suppressionLists: [] }],
    ["POST", `/api/v1/campaigns/${campaign.id}/copy`, { name: "second" }],
    ["POST", `/api/v1/campaigns/${campaign.id}/stop`],
    ["PUT", `/api/v1/groups/${group}/wrap-up`, { wrapUpMs: 1000, extensionMs: 0, maxExtensions: 0 }],
    ["PUT", `/api/v1/groups/${group}/members/${agent}`, {}],
    ["PUT", `/api/v1/groups/${group}/campaigns/${campaign.id}`],
    ["POST", "/api/v1/agents", { name: "Ben" }],
    ["POST", `/api/v1/agents/${agent}/keys`, {}],
    ["PUT", "/api/v1/reason-codes", { items: [{ code: "lunch", label: "Lunch" }] }],
    ["POST", "/api/v1/scripts", script, asYaml],
    ["POST", `/api/v1/lists/${listId}/contacts`, { clientId: "x", addresses: [{ number: "+12125550197" }] }],
    ["PATCH", `/api/v1/contacts/${contactId}`, { timeZone: "America/Chicago" }],
    ["DELETE", `/api/v1/contacts/${contactId}`],
    ["POST", "/api/v1/lists?name=May", csv, asCsv],
    ["POST", `/api/v1/agents/${agent}/deactivate`],
  ] as const;
}

t.test("a change stands with its line in the audit log, or not at all", async (t) => {
  const here = await world(t);
  const { ask, stores } = here;
  const changes = await changesOf(here);
  const before = await holdings(here);
  await stores.pool.query("alter table audit add constraint audit_full check (id < 0) not valid");
  for (const [method, url, body, headers] of changes) {
    const { status, body: problem } = await ask(method, url, body, headers);
    t.match({ status, problem }, { status: 500, problem: { code: "internal" } }, `${method} ${url} is refused when its line cannot be written`);
  }
  t.same(await holdings(here), before, "and nothing at all has changed");
  t.equal(here.logged.length, changes.length, "each is in the log of the process");

  await stores.pool.query("alter table audit drop constraint audit_full");
  const lines = async () => (await ask("GET", "/api/v1/audit?limit=500")).body.items.length;
  const written = await lines();
  for (const [method, url, body, headers] of changes) {
    const { status, text } = await ask(method, url, body, headers);
    t.ok(status >= 200 && status < 300, `${method} ${url}: ${status} ${status < 300 ? "" : text}`);
  }
  t.equal(await lines(), written + changes.length, "one line each");
  t.match((await ask("GET", "/api/v1/audit/verification")).body, { whole: true, records: written + changes.length });
});

t.test("a change whose connection breaks before its line is written never was; others go on meanwhile", async (t) => {
  const here = await world(t);
  const { ask, stores } = here;
  const group = String((await ask("POST", "/api/v1/groups", { name: "Sales" })).body["id"]);
  const before = await holdings(here);
  const head = new pg.Client(stores.pool.options);
  await head.connect();
  t.teardown(() => head.end());
  await head.query("select pg_advisory_lock(7243263)");
  const stuck = ask("POST", "/api/v1/users", { name: "ann", role: "admin" });
  // Of this database: other tests on the same server have a head of their own to wait for.
  const end = `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 7243263 and not l.granted`;
  await until(async () => (await stores.pool.query(end)).rowCount === 1, "the change waits for the head of the log, and is ended");
  t.match(await stuck, { status: 503, body: { code: "unavailable" } });
  await head.query("select pg_advisory_unlock(7243263)");
  t.same(await holdings(here), before);

  // Somebody else has the row: this change waits in its middle, and has not come to the head of the log.
  await head.query("begin");
  await head.query("select from agent_group where id = $1 for update", [group]);
  const waits = ask("PUT", `/api/v1/groups/${group}/wrap-up`, { wrapUpMs: 1000, extensionMs: 0, maxExtensions: 0 });
  const held = "select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()";
  await until(async () => (await stores.pool.query(held)).rowCount === 1, "the change waits for the row");
  t.equal((await ask("POST", "/api/v1/users", { name: "ann", role: "admin" })).status, 201, "and holds nobody up");
  await head.query("commit");
  t.equal((await waits).status, 200);

  const many = await Promise.all(Array.from({ length: 30 }, (_, at) => ask("POST", "/api/v1/groups", { name: `G${at}` })));
  t.same([...new Set(many.map(({ status }) => status))], [201], "more at once than there are connections");
  t.match((await ask("GET", "/api/v1/audit/verification")).body, { whole: true, records: 33 });
});
