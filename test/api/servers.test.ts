import t, { type Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { ServerControl } from "../../src/api/server-ports.ts";
import { drainServer, listServers } from "../../src/command/server.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { keepFleet } from "../../src/start/fleet.ts";
import { mediaStates } from "../../src/start/telephony.ts";
import type { SeenServer } from "../../src/voice/fleet-ports.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { world } from "./world.ts";

/* Servers taken out of service and back: two nodes on one database, over the API of the first. */

/** A node with two servers. */
async function openNode(t: Test, url: string, node: string, sessions: number) {
  const stores = await openStores({ url, clock: systemClock, log: silentLog, node });
  t.teardown(() => stores.close());
  const drained = new Map<string, boolean>();
  const seen: SeenServer[] = ["fs-1", "fs-2"].map((name) => ({ server: `freeswitch:${name}`, state: "up", sessions, maxSessions: 100 }));
  const shed: string[] = [];
  const open = () =>
    keepFleet({
      store: stores.servers,
      servers: { seen: () => seen, drain: (server, draining) => void drained.set(server, draining) },
      pool: { shed: () => void shed.push(node) },
      node,
      clock: systemClock,
      log: silentLog,
    });
  const fleet = await open();
  t.teardown(() => fleet.close());
  return { stores, drained, seen, shed, fleet, open };
}

async function openTwo(t: Test) {
  const database = await openTestDatabase(t);
  return { one: await openNode(t, database.url, "node-1", 3), two: await openNode(t, database.url, "node-2", 4) };
}

t.test("a server is drained on every node, and the order outlives a restart", async (t) => {
  const { one, two } = await openTwo(t);
  const { ask } = await world(t, { servers: one.fleet.control });
  t.match((await ask("GET", "/api/v1/servers")).body.items, [
    {
      server: "freeswitch:fs-1",
      draining: false,
      sessions: 7,
      nodes: [
        { node: "node-1", state: "up", sessions: 3, maxSessions: 100 },
        { node: "node-2", state: "up", sessions: 4, maxSessions: 100 },
      ],
    },
    { server: "freeswitch:fs-2", draining: false, sessions: 7 },
  ]);
  const drain = await ask("POST", "/api/v1/servers/freeswitch:fs-1/drain");
  t.equal(drain.status, 200, drain.text);
  t.match(drain.body, { server: "freeswitch:fs-1", draining: true, drainingSince: String });
  t.same([...one.drained], [["freeswitch:fs-1", true]], "at once on the node that was asked");
  t.ok(one.shed.length > 0, "what is kept there for the next calls is let go");
  await until(() => two.drained.get("freeswitch:fs-1") === true, "the other node to follow");
  t.equal(two.drained.has("freeswitch:fs-2"), false);
  const again = await ask("POST", "/api/v1/servers/fs-1/drain");
  t.equal(again.body["drainingSince"], drain.body["drainingSince"], "a second order changes nothing; the kind may be left out");

  one.drained.clear();
  await one.fleet.close();
  const restarted = await one.open();
  t.same([...one.drained], [["freeswitch:fs-1", true]], "before the first call of the next life");
  t.match((await restarted.control.drain("fs-1", false)).drainingSince, undefined);
  t.equal(one.drained.get("freeswitch:fs-1"), false);
  await until(() => two.drained.get("freeswitch:fs-1") === false, "the other node to follow");
  await restarted.close();
});

t.test("a server that is not there, and one that is gone", async (t) => {
  const { one, two } = await openTwo(t);
  const { ask } = await world(t, { servers: one.fleet.control });
  const unknown = await ask("POST", "/api/v1/servers/fs-9/drain");
  t.equal(unknown.status, 404);
  t.match(unknown.body, {
    code: "server-unknown",
    detail: 'No server is called "fs-9", or several are. There are: freeswitch:fs-1, freeswitch:fs-2.',
  });
  t.equal((await ask("POST", "/api/v1/servers/fs%201/drain")).status, 400);
  two.seen.length = 1;
  await until(async () => {
    const [, second] = (await ask("GET", "/api/v1/servers")).body.items;
    return Array.isArray(second?.["nodes"]) && second["nodes"].length === 1;
  }, "what a node does not have any more to go");
});

t.test("the command line", async (t) => {
  const { url } = await openTestDatabase(t);
  const { drained } = await openNode(t, url, "node-1", 3);
  const options = { set: [`database.url=${url}`] };
  t.match(await drainServer("fs-2", true, options), "freeswitch:fs-2 takes no new calls from now on; 3 sessions are on it.");
  await until(() => drained.get("freeswitch:fs-2") === true, "the running node to follow");
  t.match(
    await listServers(options),
    /^SERVER +NODE +STATE +SESSIONS .*\ndrachtio:drachtio-1 .*\nfreeswitch:fs-1 +node-1 +up +3 +100\nfreeswitch:fs-2 +node-1 +up +3 +100 +drain since 2/,
  );
  await drainServer("freeswitch:fs-2", false, options);
  await until(() => drained.get("freeswitch:fs-2") === false, "the running node to follow");
  await t.rejects(drainServer("fs-3", true, options), { code: "server-unknown" });
});

t.test("/readyz tells a server that is drained from one that is down", async (t) => {
  const view = { sessions: 0, maxSessions: 10, sessionsPerSecond: 10 };
  const media = {
    servers: [
      { ...view, name: "up", state: "up", draining: false },
      { ...view, name: "drained", state: "up", draining: true },
      { ...view, name: "silent", state: "silent", draining: false },
      { ...view, name: "dead", state: "down", draining: true },
    ],
  } as const;
  const none: ServerControl = { servers: async () => [], drain: () => Promise.reject(new Error("there are none")) };
  const { ask } = await world(t, { servers: none, health: { components: async () => mediaStates(media) } });
  const answer = await ask("GET", "/readyz");
  t.equal(answer.status, 200);
  t.same(answer.body["down"], ["freeswitch:silent", "freeswitch:dead"]);
  t.match(answer.body["components"], [
    { name: "freeswitch:up", ready: true },
    { name: "freeswitch:drained", ready: false, draining: true, note: "FreeSWITCH takes no new calls, by order" },
    { name: "freeswitch:silent", ready: false, note: "FreeSWITCH does not answer in time" },
    { name: "freeswitch:dead", ready: false, note: "FreeSWITCH is not connected; trying again" },
  ]);
});
