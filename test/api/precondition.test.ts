import { connect } from "node:net";
import t from "tap";
import { defaultWrapUp } from "../../src/agent/group.ts";
import { listen } from "../../src/api/app.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { type World, world } from "./world.ts";
import { worldOn } from "./world-on.ts";

t.test("a change with If-Match is made of what was read, or not at all", async (t) => {
  const { ask, app, key } = await world(t, {}, { "secret.key": Buffer.alloc(32, 3).toString("base64") });
  const made = await ask("POST", "/api/v1/webhooks", { name: "crm", url: "https://crm.example/", events: [] });
  const path = `/api/v1/webhooks/${made.body["id"]}`;
  const tag = async () => String((await ask("GET", path)).headers["etag"]);
  const first = await tag();
  t.match(first, /^"[\w-]{22}"$/);
  t.equal(await tag(), first, "the same as long as it is the same");
  t.equal((await ask("GET", "/api/v1/lists")).headers["etag"], undefined, "what cannot be changed has none");
  const change = (ifMatch: string, events: readonly string[]) => ask("PATCH", path, { events }, { "if-match": ifMatch });
  t.equal((await change(first, ["event.received"])).status, 200);
  t.not(await tag(), first);
  t.match(await change(first, []), { status: 412, body: { code: "precondition-failed" } });
  t.equal((await change(`"other", ${await tag()}`, ["attempt.ended"])).status, 200);
  t.equal((await change("*", [])).status, 200);

  // Of two who have read the same, one is refused.
  const both = await tag();
  const answers = await Promise.all([change(both, ["event.received"]), change(both, ["campaign.changed"])]);
  t.same(answers.map(({ status }) => status).sort(), [200, 412]);

  const last = await tag();
  await ask("DELETE", path);
  t.equal((await change(last, [])).status, 412, "what is gone fits nothing");
  t.equal((await change("*", [])).status, 412);
  const stranger = await app.inject({ method: "DELETE", url: path, headers: { "if-match": last } });
  t.equal(stranger.statusCode, 401, "who asks is known first");
  t.ok(key);
});

t.test("of two changes that reach two nodes in the same moment, one is made of what was read", async (t) => {
  const { url } = await openTestDatabase(t);
  const settings = { "secret.key": Buffer.alloc(32, 3).toString("base64") };
  const [one, other] = [await worldOn(url, t, {}, settings), await worldOn(url, t, {}, settings)];
  const made = await one.ask("POST", "/api/v1/webhooks", { name: "crm", url: "https://crm.example/", events: [] });
  const path = `/api/v1/webhooks/${made.body["id"]}`;
  const read = async () => {
    const { headers, body } = await one.ask("GET", path);
    return { events: body["events"], "if-match": String(headers["etag"]) };
  };
  const change = ({ ask }: World, events: readonly string[], headers: Record<string, string> = {}) => ask("PATCH", path, { events }, headers);
  for (let round = 0; round < 5; round += 1) {
    const { "if-match": tag } = await read();
    const asked = [change(one, [`event.received`], { "if-match": tag }), change(other, ["campaign.changed"], { "if-match": tag })];
    t.same((await Promise.all(asked)).map(({ status }) => status).sort(), [200, 412]);

    // Whoever says nothing of what they have read is not refused; then what they want stands, and nothing that did not know of it.
    const next = await read();
    const both = [change(one, ["attempt.ended"], { "if-match": next["if-match"] }), change(other, [])];
    t.same(
      (await Promise.all(both))
        .map(({ status }) => status)
        .filter((status) => status !== 412)
        .at(-1),
      200,
    );
    t.same((await read()).events, []);
  }
});

t.test("whoever goes away in the middle of a change holds nobody else up", async (t) => {
  const { ask, app, key, stores } = await world(t, {}, { "secret.key": Buffer.alloc(32, 3).toString("base64") });
  const made = await ask("POST", "/api/v1/webhooks", { name: "crm", url: "https://crm.example/", events: [] });
  const path = `/api/v1/webhooks/${made.body["id"]}`;
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const body = JSON.stringify({ events: ["attempt.ended"] });
  const head = `PATCH ${path} HTTP/1.1\r\nHost: carillon\r\nAuthorization: Bearer ${key}\r\nIf-Match: *\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  // Its row is somebody else's while they ask, and go.
  const holder = await stores.pool.connect();
  await holder.query("begin");
  await holder.query("select from webhook for update");
  const wire = connect(port, "127.0.0.1");
  wire.write(head + body);
  const waits = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  await until(async () => (await holder.query(waits)).rowCount === 1, "the change to wait");
  wire.destroy();
  await until(() => new Promise<boolean>((resolve) => app.server.getConnections((_, count) => resolve(count === 0))), "it to be gone");
  const next = ask("PATCH", path, { events: [] }, { "if-match": "*" });
  await holder.query("commit");
  holder.release();
  t.equal((await next).status, 200);
  t.same((await ask("GET", path)).body["events"], []);
});

t.test("every change of a thing, or of a part of it, can be held against what was read", async (t) => {
  const { ask, stores, app } = await world(t);
  const { id } = await stores.agents.addGroup("Sales", defaultWrapUp);
  const agent = await stores.agents.addAgent("Ann");
  const group = `/api/v1/groups/${id}`;
  const tag = async () => String((await ask("GET", group)).headers["etag"]);
  const read = await tag();
  const member = (ifMatch: string) => ask("PUT", `${group}/members/${agent.id}`, {}, { "if-match": ifMatch });
  t.equal((await member(read)).status, 200);
  t.match(await member(read), { status: 412, body: { code: "precondition-failed" } }, "it has a member more");
  t.match(await ask("DELETE", `${group}/members/${agent.id}`, undefined, { "if-match": read }), { status: 412 });
  t.equal((await ask("DELETE", `${group}/members/${agent.id}`, undefined, { "if-match": await tag() })).status, 200);

  const { paths } = (await app.inject("/openapi.json")).json<{
    readonly paths: Record<string, Record<string, { parameters?: { name: string }[]; responses: Record<string, { headers?: { etag?: unknown } }> }>>;
  }>();
  const without: string[] = [];
  let held = 0;
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { parameters = [] }] of Object.entries(operations)) {
      if (!["put", "patch", "delete"].includes(method)) continue;
      if (!parameters.some(({ name }) => name === "if-match")) without.push(`${method} ${path}`);
      else held += 1;
    }
  t.same(without, ["delete /api/v1/session", "put /api/v1/me/password"], "nothing can be read of these");
  t.ok(held > 35, `${held} changes`);
  t.ok(paths["/api/v1/groups/{id}"]?.["get"]?.responses["200"]?.headers?.etag, "the document has the ETag where it is answered");
  t.notOk(paths["/api/v1/lists"]?.["get"]?.responses["200"]?.headers);
});
