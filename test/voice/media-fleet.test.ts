import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { chooseServer } from "../../src/voice/media-fleet.ts";
import type { Endpoint, Media, MediaServerView } from "../../src/voice/ports.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/* Which media server the next session is opened on, as a table and on a virtual clock; the same on real servers is in fleet.test.ts. */

const up: MediaServerView = { name: "a", state: "up", draining: false, sessions: 0, maxSessions: 100, sessionsPerSecond: 100 };

const table: readonly [string, readonly Partial<MediaServerView>[], string | undefined, string | undefined][] = [
  ["none is there", [{ state: "down" }, { state: "silent" }], undefined, undefined],
  ["the emptier one", [{ sessions: 10 }, { sessions: 9 }], undefined, "b"],
  ["by share, not by number", [{ sessions: 10 }, { sessions: 8, maxSessions: 40 }], undefined, "a"],
  ["a full one is left out", [{ sessions: 100 }, { sessions: 99 }], undefined, "b"],
  ["one with other people's calls has less room", [{ sessions: 5 }, { sessions: 4, maxSessions: 20 }], undefined, "a"],
  ["one that is silent or drained is left out", [{ draining: true }, { state: "silent" }, { sessions: 50 }], undefined, "c"],
  ["one without idle CPU comes last", [{ idleCpu: 0.05 }, { sessions: 90, idleCpu: 0.4 }], undefined, "b"],
  [
    "all are busy",
    [
      { idleCpu: 0.05, sessions: 20 },
      { sessions: 10, idleCpu: 0.01 },
    ],
    undefined,
    "b",
  ],
  ["one that never told counts as idle", [{ idleCpu: 0.05 }, { sessions: 90 }], undefined, "b"],
  ["the named one, though it is drained", [{ draining: true }, {}], "a", "a"],
  ["the named one is down", [{ state: "down" }, {}], "a", undefined],
  ["the named one is full", [{ sessions: 100 }, {}], "a", undefined],
];

for (const [what, changes, named, expected] of table) {
  const servers = changes.map((change, at) => ({ ...up, name: "abc"[at] ?? "", ...change }));
  t.equal(chooseServer(servers, named, () => true)?.name, expected, what);
}

/** Two servers whose endpoints come when the test says so. */
function setUp(maxOpening: number, sessionsPerSecond = 1000) {
  const clock = new VirtualClock();
  const views = ["a", "b"].map((name) => ({ ...up, name, sessionsPerSecond }));
  const asked: { readonly name: string; come(): void; fail(): void }[] = [];
  const endpoints: ScriptedEndpoint[] = [];
  const media: Media = {
    ready: true,
    servers: views,
    open(name = "") {
      const opening = Promise.withResolvers<Endpoint>();
      const view = views.find((one) => one.name === name);
      if (view) view.sessions += 1;
      const endpoint = new ScriptedEndpoint(`${name}-${asked.length}`, name);
      endpoints.push(endpoint);
      asked.push({ name, come: () => opening.resolve(endpoint), fail: () => opening.reject(new Fault("media-unavailable", "no")) });
      return opening.promise;
    },
    alive: async () => false,
    waits: async () => false,
    hasPlayed: async () => false,
    orphans: async () => [],
    kill: async () => {},
  };
  const pool = new EndpointPool(media, { maxOpening, idleMs: 60_000 }, clock, silentLog);
  return { clock, asked, endpoints, pool };
}

t.test("one that hangs takes its share of what is being opened, and no more", async (t) => {
  const { pool, asked, clock } = setUp(4);
  const coming = pool.request(10);
  t.same(
    asked.map(({ name }) => name),
    ["a", "b", "a", "b"],
    "half each",
  );
  for (const { name, come } of asked) if (name === "b") come();
  await clock.advance(1);
  t.equal(pool.request(10).length, 2, "the other one goes on");
  t.same(
    asked.map(({ name }) => name),
    ["a", "b", "a", "b", "b", "b"],
  );
  await clock.advance(1000);
  const got = await Promise.all(coming);
  t.equal(got.filter((endpoint) => endpoint?.mediaServer === "b").length, 2, "nobody waits for those that do not come");
  for (const { name, come } of asked) if (name === "a") come();
  await clock.advance(1);
  const [late] = await pool.acquire(1, "a");
  t.equal(late?.mediaServer, "a", "those that come late are kept for the next calls");
  await pool.close();
});

t.test("each has its own rate", async (t) => {
  const { pool, asked, clock } = setUp(100, 2);
  pool.request(10);
  t.same(
    asked.map(({ name }) => name),
    ["a", "b"],
    "two a second each: one now",
  );
  await clock.advance(pool.nextOpenAt - clock.now());
  pool.request(10);
  t.equal(asked.length, 4);
  for (const { fail } of asked) fail();
  await clock.advance(2000);
  await pool.close();
  t.equal(clock.pending, 0, "no timer is left");
});

t.test("what is kept on one that is drained is let go", async (t) => {
  const { pool, asked, clock, endpoints } = setUp(10);
  const coming = pool.request(2);
  for (const { come } of asked) come();
  await clock.advance(1);
  for (const endpoint of await Promise.all(coming)) if (endpoint) pool.recycle(endpoint, false);
  t.equal(pool.held, 2);
  for (const endpoint of endpoints) endpoint.usable = endpoint.mediaServer === "b";
  pool.shed();
  t.same(
    endpoints.map(({ mediaServer, closed }) => [mediaServer, closed]),
    [
      ["a", true],
      ["b", false],
    ],
  );
  t.equal(pool.held, 1);
  await pool.close();
});
