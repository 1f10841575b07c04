import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { type Role, roles } from "../../src/access/role.ts";
import { ruledRoutes, ruleOf } from "../../src/access/route-table.ts";
import { asCsv, asYaml, csv, script, type World, world } from "./world.ts";

type Method = Parameters<World["ask"]>[0];

/** Every route of the table, taken apart. */
const routes = ruledRoutes.map((row) => {
  const [method = "", url = ""] = row.split(" ");
  const rule = ruleOf(method, url);
  if (!rule) throw new Error(`${row} has no rule`);
  return { row, method: method as Method, url, rule };
});

/** The path with ids of things that there are, or of none. */
function pathOf(url: string, ids: Readonly<Record<string, string>>): string {
  const path = url.replace(/:(\w+)/g, (_, name: string) => ids[`${url} :${name}`] ?? ids[name] ?? "999999");
  // It does not end: who may read it is refused for what they want.
  return url === "/api/v1/stream" ? `${path}?types=none` : path;
}

t.setTimeout(280_000);

t.test("every route, every role, every group", async (t) => {
  const { app, stores, ask } = await world(t);
  const keyOf = async (role: Role, groupIds?: readonly string[]) => {
    const { text } = await issueKey(stores.keys, `${role} ${groupIds ?? ""}`, { role, ...(groupIds && { groupIds }) });
    return { authorization: `Bearer ${text}` };
  };

  // Two groups: one has a campaign, a list, people, an agent, a callback and an attempt; the other has nothing.
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const made = await ask("POST", "/api/v1/campaigns", {
    ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
    ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
  });
  const campaignId = String(made.body["id"]);
  const contactId = String((await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items[0]?.["id"]);
  const wrapUp = { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 };
  const { id: own } = await stores.agents.addGroup("Own", wrapUp);
  const { id: other } = await stores.agents.addGroup("Other", wrapUp);
  const { id: agentId } = await stores.agents.addAgent("Ann");
  await stores.agents.join({ agentId, groupId: own, priority: 5, skills: [] });
  await stores.agents.assign(own, campaignId);
  const due = { campaignId, contactId, dueAt: new Date(Date.now() + 3_600_000).toISOString() };
  const callback = await ask("POST", "/api/v1/callbacks", due);
  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into attempt (campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
     values ($1, $2, 'voice', '+12125550101', 'reserved', 'node-1', now(), now()) returning id::text`,
    [campaignId, contactId],
  );
  const attemptId = rows[0]?.id ?? "";
  const ids = {
    ...{ contactId, agentId, campaignId },
    ...Object.fromEntries(
      routes.flatMap(({ url, rule: { scopes } }) =>
        (scopes ?? []).flatMap(({ part, name, kind }) => {
          const known: Readonly<Record<string, string>> = {
            ...{ campaign: campaignId, list: listId, contact: contactId, attempt: attemptId, agent: agentId, group: own },
            callback: String(callback.body["id"]),
          };
          return part === "params" && known[kind] !== undefined ? [[`${url} :${name}`, known[kind]]] : [];
        }),
      ),
    ),
  };

  await t.test("the table and the routes are the same", async (t) => {
    for (const { row, method, url } of routes) t.ok(app.hasRoute({ method, url }), `${row} is a route`);
  });

  let asked = 0;
  await t.test("roles", async (t) => {
    const keys = new Map<Role, Record<string, string>>();
    for (const role of roles) keys.set(role, await keyOf(role, role === "agent" ? [own] : undefined));
    for (const { row, method, url, rule } of routes) {
      if (rule.roles === "open") continue;
      const nobody = await app.inject({ method, url: pathOf(url, {}) });
      asked += 1;
      if (nobody.statusCode !== 401 && nobody.statusCode !== 429) t.fail(`${row} without a key: ${nobody.statusCode}`);
      for (const role of roles) {
        // Ids of nothing: what is allowed changes nothing.
        const { status, body } = await ask(method, pathOf(url, {}), undefined, keys.get(role));
        asked += 1;
        const may = rule.roles.has(role) && (role !== "agent" || rule.scopes !== undefined);
        if (may === (status === 403 && body["code"] === "forbidden") || status === 401)
          t.fail(`${row} as ${role}: ${status} ${String(body["code"])}`);
      }
    }
    t.pass("each as the table says");
  });

  await t.test("groups", async (t) => {
    for (const role of ["supervisor", "agent", "integrator"] as const) {
      const foreign = await keyOf(role, [other]);
      const insider = await keyOf(role, [own]);
      const none = await keyOf(role, []);
      for (const { row, method, url, rule } of routes) {
        if (rule.roles === "open" || !rule.roles.has(role)) continue;
        const [path, scope] = [pathOf(url, ids), rule.scopes?.find(({ part }) => part === "params")];
        for (const headers of role === "agent" ? [foreign, none] : [foreign]) {
          const { status, body } = await ask(method, path, undefined, headers);
          asked += 1;
          if (rule.scopes === undefined && status !== 403) t.fail(`${row} as ${role} of a group: ${status}, and nothing says whose it is`);
          if (scope && status !== 404) t.fail(`${row} as ${role} of another group: ${status}`);
          if (rule.scopes?.some(({ part, kind }) => part === "items" && kind !== "group") && (status !== 200 || body.items.length > 0))
            t.fail(`${row} as ${role} of another group shows ${JSON.stringify(body)}`);
        }
        if (method !== "GET" || !scope || scope.kind === "strategy-campaign") continue;
        const { status, body } = await ask(method, path, undefined, insider);
        asked += 1;
        if (status === 403 || status >= 500 || (status === 404 && /^(campaign|list|contact|attempt|agent|group)-unknown$/.test(String(body["code"]))))
          t.fail(`${row} as ${role} of the group: ${status} ${String(body["code"])}`);
      }
    }
    const insider = await keyOf("supervisor", [own]);
    for (const url of ["lists", "campaigns", "agents", "groups", "callbacks"])
      t.equal((await ask("GET", `/api/v1/${url}`, undefined, insider)).body.items.length, 1, `${url} of the group are shown`);
    t.equal((await ask("GET", `/api/v1/contacts/${contactId}`, undefined, insider)).status, 200);
    t.equal((await ask("GET", `/api/v1/attempts/${attemptId}`, undefined, insider)).status, 200);
    const foreign = await keyOf("agent", [other]);
    t.match(await ask("POST", "/api/v1/callbacks", due, foreign), { status: 404, body: { code: "campaign-unknown" } }, "nor by a body");
    t.equal((await ask("POST", "/api/v1/callbacks", due, insider)).status, 201);
  });

  t.comment(`${routes.length} routes, ${roles.length} roles, two groups: ${asked} requests`);
  t.ok(asked > 1000, "and it was asked often enough");
});
