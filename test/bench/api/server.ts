import { once } from "node:events";
import { fastify } from "fastify";
import { listen } from "../../../src/api/app.ts";
import { csv, script, worldOn } from "../../api/world-on.ts";
import { openOwnDatabase } from "../../harness/own-database.ts";

/*
 * The process that is measured: our API, and bare routes that read the same by the same stores and send it as it comes. Its parent asks one of the two at a
 * time, and asks over the channel between them what processor time it has used. No test tool is in it: those follow every promise.
 */

const endings: (() => unknown)[] = [];
const teardown = (ending: () => unknown) => endings.push(ending);
const { url } = await openOwnDatabase({ teardown });
const { app, stores, key, ask } = await worldOn(url, { teardown });
const { listId } = (await ask("POST", "/api/v1/lists?name=people", csv, { "content-type": "text/csv" })).body;
await ask("POST", "/api/v1/scripts", script, { "content-type": "application/yaml" });
const campaign = await ask("POST", "/api/v1/campaigns", {
  ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
  ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
});
const campaignId = String(campaign.body["id"]);
const [contact] = await stores.lists.contacts(String(listId), { limit: 1 });
const contactId = contact?.id ?? "";
await stores.pool.query(
  `insert into attempt (campaign_id, contact_id, channel, address, state, result, node, permit_until, reserved_at, ended_at)
   select $1, $2, 'voice', '+12125550101', 'ended', 'no-answer', 'node-1', now(), now(), now() from generate_series(1, 200)`,
  [campaignId, contactId],
);
const { id: groupId } = await stores.agents.addGroup("Desk", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
const { id: agentId } = await stores.agents.addAgent("Ann");
await stores.agents.join({ agentId, groupId, priority: 5, skills: [] });
await ask("POST", "/api/v1/suppressions", { number: "+12125550177", reason: "asked" });

const page = { limit: 101 };
/** Route by route, and what the bare one reads. */
const routes: Readonly<Record<string, () => Promise<unknown>>> = {
  "/api/v1/lists": () => stores.lists.lists(page),
  [`/api/v1/lists/${listId}`]: () => stores.lists.list(String(listId)),
  [`/api/v1/lists/${listId}/contacts`]: () => stores.lists.contacts(String(listId), page),
  [`/api/v1/contacts/${contactId}`]: () => stores.lists.contact(contactId),
  "/api/v1/campaigns": () => stores.campaigns.list(page),
  [`/api/v1/campaigns/${campaignId}/attempts`]: () => stores.attemptReader.attempts(campaignId, {}, page),
  "/api/v1/attempts/1": () => stores.attemptReader.attempt("1"),
  "/api/v1/frequency-caps": () => stores.caps.list(page),
  "/api/v1/webhooks": () => stores.webhooks.list(page),
  [`/api/v1/contacts/${contactId}/timeline`]: () => Promise.all([stores.timelines.timeline(contactId, 101), stores.timelines.waiting(contactId)]),
};

const bare = fastify();
for (const [path, read] of Object.entries(routes)) bare.get(path, async () => await read());
teardown(() => bare.close());
const address = { host: "127.0.0.1", port: 0 };
const ports = { product: await listen(app, address), bare: Number(new URL(await bare.listen(address)).port) };
process.send?.({ ports, key, paths: Object.keys(routes) });
process.on("message", () => process.send?.({ cpu: process.cpuUsage() }));
await once(process, "disconnect");
// The last to come is the first to go.
for (const ending of endings.toReversed()) await ending();
