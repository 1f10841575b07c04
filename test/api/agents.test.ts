import t from "tap";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.test("agents, groups and callbacks over the API", async (t) => {
  const { app, stores, ask } = await world(t);
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = await ask("POST", "/api/v1/campaigns", {
    ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
    ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
  });
  const campaignId = String(campaign.body["id"]);

  await t.test("an agent is added, has a key, and is taken out", async (t) => {
    const made = await ask("POST", "/api/v1/agents", { name: "Ann" });
    t.match(made, { status: 201, body: { name: "Ann", active: true, desk: { state: "logged-out" }, memberships: [] } }, made.text);
    const id = String(made.body["id"]);
    t.equal(made.headers["location"], `/api/v1/agents/${id}`);
    t.match(await ask("POST", "/api/v1/agents", { name: "Ann" }), { status: 409, body: { code: "agent-exists" } });
    t.match(await ask("GET", "/api/v1/agents/4711"), { status: 404, body: { code: "agent-unknown" } });
    t.match((await ask("GET", "/api/v1/agents")).body.items, [{ id, name: "Ann" }]);
    const key = String((await ask("POST", `/api/v1/agents/${id}/keys`)).body["key"]);
    t.match(key, /^carillon_/);
    for (const url of ["/api/v1/agents", "/api/v1/campaigns", "/metrics", "/readyz"]) {
      const answer = await app.inject({ url, headers: { authorization: `Bearer ${key}` } });
      t.match([answer.statusCode, answer.json().code], [403, "forbidden"], `an agent's key does not open ${url}`);
    }
    t.match(await ask("POST", `/api/v1/agents/${id}/state`, { state: "ready" }), {
      status: 409,
      body: { code: "agent-state", detail: /logged out/ },
    });
    t.match(await ask("POST", `/api/v1/agents/${id}/state`, { state: "asleep" }), { status: 400 });
    t.match(await ask("POST", `/api/v1/agents/${id}/deactivate`), { status: 200, body: { active: false } });
    t.equal((await app.inject({ url: "/readyz", headers: { authorization: `Bearer ${key}` } })).statusCode, 401, "the key does not hold any more");
    t.match(await ask("POST", `/api/v1/agents/${id}/keys`), { status: 409 });
    t.match(await ask("POST", `/api/v1/agents/${id}/activate`), { status: 200, body: { active: true } });
    t.match((await ask("GET", `/api/v1/agents/${id}/log?limit=1`)).body, { items: [{ state: "logged-out", cause: "made" }] });
    const [from, to] = [new Date(Date.now() - 60_000).toISOString(), new Date(Date.now() + 60_000).toISOString()];
    t.match((await ask("GET", `/api/v1/agents/${id}/times?from=${from}&to=${to}`)).body, { ms: { "logged-out": Number } });
    t.match(await ask("GET", `/api/v1/agents/${id}/times?from=2026-02-30T00:00Z&to=${to}`), {
      status: 400,
      body: { errors: [{ pointer: "query/from" }] },
    });
  });

  await t.test("a group has members and campaigns", async (t) => {
    const [{ id: agentId = "" } = {}] = await stores.agents.agents({ limit: 1 });
    const made = await ask("POST", "/api/v1/groups", { name: "Sales" });
    t.match(made, { status: 201, body: { name: "Sales", wrapUp: { wrapUpMs: 30_000, extensionMs: 30_000, maxExtensions: 2 } } }, made.text);
    const url = `/api/v1/groups/${made.body["id"]}`;
    t.match(await ask("POST", "/api/v1/groups", { name: "Sales" }), { status: 409, body: { code: "group-exists" } });
    t.match(await ask("PUT", `${url}/members/${agentId}`, { skills: ["spanish"] }), {
      status: 200,
      body: { members: [{ agentId, priority: 5, skills: ["spanish"] }] },
    });
    t.match(await ask("PUT", `${url}/members/${agentId}`, { priority: 1 }), { body: { members: [{ agentId, priority: 1, skills: [] }] } });
    t.match(await ask("PUT", `${url}/members/4711`, {}), { status: 404, body: { code: "agent-unknown" } });
    t.match(await ask("PUT", `/api/v1/groups/4711/members/${agentId}`, {}), { status: 404, body: { code: "group-unknown" } });
    t.match(await ask("PUT", `${url}/campaigns/${campaignId}`), { status: 200, body: { campaignIds: [campaignId] } });
    t.match(await ask("PUT", `${url}/campaigns/4711`), { status: 404, body: { code: "campaign-unknown" } });
    t.match(await ask("PUT", `${url}/wrap-up`, { extensionMs: 0, maxExtensions: 0 }), { status: 200, body: { wrapUp: { maxExtensions: 0 } } });
    t.notOk(Object.hasOwn((await ask("GET", url)).body["wrapUp"] as object, "wrapUpMs"), "without limit");
    t.match(await ask("DELETE", `${url}/campaigns/${campaignId}`), { status: 200, body: { campaignIds: [] } });
    t.match(await ask("DELETE", `${url}/members/${agentId}`), { status: 200, body: { members: [] } });
    t.match((await ask("GET", "/api/v1/groups")).body.items, [{ name: "Sales" }]);
  });

  await t.test("reason codes and dispositions are replaced as a whole", async (t) => {
    t.match((await ask("GET", "/api/v1/reason-codes")).body.items, [{ code: "break" }, { code: "lunch" }]);
    const codes = { items: [{ code: "tea", label: "Tea" }] };
    t.match(await ask("PUT", "/api/v1/reason-codes", codes), { status: 200, body: codes });
    t.same((await ask("GET", "/api/v1/reason-codes")).body, codes);
    t.match(await ask("PUT", "/api/v1/reason-codes", { items: [codes.items[0], codes.items[0]] }), {
      status: 400,
      body: { errors: [{ pointer: "/items/1/code" }] },
    });
    const url = `/api/v1/campaigns/${campaignId}/dispositions`;
    t.ok(
      (await ask("GET", url)).body.items.some(({ code }) => code === "promise-to-pay"),
      "the default set",
    );
    const own = { items: [{ code: "stop", label: "Stop", category: "do-not-call", needs: ["note"] }] };
    t.match(await ask("PUT", url, own), { status: 200, body: own });
    t.match(await ask("PUT", url, { items: [{ ...own.items[0], category: "success" }] }), {
      status: 400,
      body: { errors: [{ message: /do-not-call/ }] },
    });
    t.match(await ask("PUT", "/api/v1/campaigns/4711/dispositions", own), { status: 404, body: { code: "campaign-unknown" } });
    t.ok((await ask("DELETE", url)).body.items.length > 10);
  });

  await t.test("somebody is to be called back", async (t) => {
    const [{ id: contactId = "" } = {}] = await stores.lists.contacts(listId, { limit: 1 });
    const made = await ask("POST", "/api/v1/callbacks", { campaignId, contactId, dueAt: new Date().toISOString(), note: "about the bill" });
    t.match(
      made,
      { status: 201, body: { state: "waiting", standing: "due", address: "+12125550101", campaign: "Spring", source: "test" } },
      made.text,
    );
    t.match((await ask("GET", `/api/v1/callbacks?campaignId=${campaignId}`)).body.items, [{ id: made.body["id"] }]);
    t.match(await ask("GET", `/api/v1/callbacks/${made.body["id"]}`), { status: 200, body: { id: made.body["id"], note: "about the bill" } });
    t.match(await ask("GET", "/api/v1/callbacks/4711"), { status: 404, body: { code: "callback-unknown" } });
    t.match(await ask("POST", "/api/v1/callbacks", { campaignId, contactId, dueAt: "2020-01-01T00:00:00Z" }), {
      status: 422,
      body: { code: "callback-invalid" },
    });
    t.match(await ask("POST", "/api/v1/callbacks", { campaignId, contactId, dueAt: "tomorrow" }), {
      status: 400,
      body: { errors: [{ pointer: "/dueAt" }] },
    });
    t.match(await ask("POST", "/api/v1/callbacks", { campaignId, contactId: "4711", dueAt: new Date().toISOString() }), { status: 404 });
    t.match(await ask("POST", `/api/v1/callbacks/${made.body["id"]}/cancel`), { status: 200, body: { standing: "canceled" } });
    t.same((await ask("GET", "/api/v1/callbacks")).body.items, []);
    t.match((await ask("GET", "/api/v1/callbacks?ended=true")).body.items, [{ state: "canceled" }]);
    t.match(await ask("POST", "/api/v1/callbacks/4711/cancel"), { status: 404, body: { code: "callback-unknown" } });
  });
});
