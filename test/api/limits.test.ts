import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { ruledRoutes } from "../../src/access/route-table.ts";
import { world } from "./world.ts";

/** What a caller may ask for however much they asked before, each for the reason that stands at its route. */
const unlimited = [
  "GET /healthz",
  "POST /api/v1/strategy-campaigns/:id/pause",
  "POST /api/v1/strategy-campaigns/:id/stop",
  "POST /api/v1/campaigns/:id/pause",
  "POST /api/v1/campaigns/:id/stop",
];
/** Links in e-mails: mail servers and people open them from few addresses, and each route counts by itself. */
const countedApart = /^\w+ \/[lu]\//;
/** Agents' sockets have limits of their own, which test/api/agent-socket.test.ts fills. */
const socket = "GET /api/v1/agent";
const orders = "/api/v1/campaign-orders";

t.test("who has asked too often is refused on every route but those that stop calling", async (t) => {
  const { ask } = await world(t, { maxRequestsPerMinute: 1 });
  t.equal((await ask("GET", "/api/v1/me")).status, 200);
  const open: string[] = [];
  for (const row of ruledRoutes) {
    if (row === socket || countedApart.test(row)) continue;
    const [method = "", url = ""] = row.split(" ");
    const body = url === orders ? { order: "start", campaignIds: ["999999"] } : {};
    const answer = await ask(method as "GET", url.replace(/:\w+/g, "999999"), method === "GET" ? undefined : body);
    if (answer.status !== 429) open.push(row);
  }
  t.same(open, unlimited);
});

t.test("what the server reads of itself for a change with If-Match is no request of the caller", async (t) => {
  const { ask } = await world(t, { maxRequestsPerMinute: 3 });
  const { body } = await ask("POST", "/api/v1/groups", { name: "Sales" });
  const path = `/api/v1/groups/${body["id"]}`;
  const etag = String((await ask("GET", path)).headers["etag"]);
  const last = await ask("PUT", `${path}/wrap-up`, { wrapUpMs: 1000, extensionMs: 0, maxExtensions: 0 }, { "if-match": etag });
  t.equal(last.status, 200, JSON.stringify(last.body));
  t.equal((await ask("GET", path)).status, 429);
});

t.test("orders to many campaigns: to stop always, to start as often as anything else", async (t) => {
  const { ask, stores } = await world(t, { maxRequestsPerMinute: 3 });
  const order = (word: string, headers?: Record<string, string>) => ask("POST", orders, { order: word, campaignIds: ["999999"] }, headers);
  t.match(await order("start"), { status: 200, body: { items: [{ status: 404 }] } });
  t.equal((await ask("GET", "/api/v1/lists")).status, 200);
  t.equal((await order("resume")).status, 200);
  for (const word of ["start", "resume"])
    t.match(await order(word), { status: 429, body: { code: "rate-limited" }, headers: { "retry-after": "60" } });
  t.equal((await ask("GET", "/api/v1/lists")).status, 429, "it is one count");
  for (const word of ["stop", "pause", "stop"]) t.match(await order(word), { status: 200, body: { items: [{ status: 404 }] } });
  const { text } = await issueKey(stores.keys, "other");
  t.equal((await order("start", { authorization: `Bearer ${text}` })).status, 200, "each caller has their own");
});
