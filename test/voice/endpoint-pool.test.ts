import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import type { Media, MediaServerView } from "../../src/voice/ports.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/*
 * The pool's decisions on a virtual clock: when an endpoint may be used again. The media end is scripted here because the
 * point is time without RTP, packet by packet; the same pool runs on real channels in the campaign tests.
 */

function setUp({ idleMs = 10_000, maxOpening = 10, maxOpensPerSecond = 1000 } = {}) {
  const clock = new VirtualClock();
  const opened: ScriptedEndpoint[] = [];
  let refusing = false;
  const server: MediaServerView = {
    name: "fs",
    state: "up",
    draining: false,
    sessions: 0,
    maxSessions: 1000,
    sessionsPerSecond: maxOpensPerSecond,
  };
  const media: Media = {
    ready: true,
    servers: [server],
    async open() {
      if (refusing) throw new Fault("media-unavailable", "none", { retryable: true });
      const endpoint = new ScriptedEndpoint(`ep-${opened.length}`, "fs");
      opened.push(endpoint);
      return endpoint;
    },
    alive: async () => false,
    waits: async () => false,
    hasPlayed: async () => false,
    orphans: async () => [],
    kill: async () => {},
  };
  const pool = new EndpointPool(media, { idleMs, maxOpening }, clock, silentLog);
  const refuse = (on: boolean) => {
    refusing = on;
  };
  return { clock, opened, pool, refuse };
}

t.test("an unanswered call's endpoint serves the next call without a new session", async (t) => {
  const { pool, opened } = setUp();
  for (let call = 0; call < 100; call += 1) {
    const [endpoint] = await pool.acquire(1);
    if (!endpoint) throw new Error("no endpoint");
    pool.recycle(endpoint, false);
  }
  t.equal(opened.length, 1);
  t.match(pool, { opened: 1, recycled: 99, held: 1 });
  t.equal(opened[0]?.listeners.count, 1, "the calls that are over do not listen for its end");
  await pool.close();
  t.ok(opened[0]?.closed);
});

t.test("after early media it rests until nothing was heard for a second", async (t) => {
  const { pool, opened, clock } = setUp();
  const [endpoint] = await pool.acquire(1);
  const [mine] = opened;
  if (!endpoint || !mine) throw new Error("no endpoint");
  pool.recycle(endpoint, true);
  for (let heard = 0; heard < 8; heard += 1) {
    mine.packets += 12;
    await clock.advance(250);
  }
  t.ok(mine.detached, "made inactive");
  const [other] = await pool.acquire(1);
  t.not(other?.id, mine.id, "not given away while the far side still sends");
  await clock.advance(900);
  t.not((await pool.acquire(1))[0]?.id, mine.id, "nor before a whole second of quiet");
  await clock.advance(600);
  t.equal((await pool.acquire(1))[0]?.id, mine.id, "then it serves again");
  await pool.close();
});

t.test("a far side that never stops sending costs the endpoint", async (t) => {
  const { pool, opened, clock } = setUp();
  const [endpoint] = await pool.acquire(1);
  const [mine] = opened;
  if (!endpoint || !mine) throw new Error("no endpoint");
  pool.recycle(endpoint, true);
  for (let at = 0; at < 60; at += 1) {
    mine.packets += 12;
    await clock.advance(250);
  }
  t.ok(mine.closed);
  t.equal(pool.held, 0);
  await pool.close();
});

t.test("idle endpoints are let go, and dead ones never handed out", async (t) => {
  const { pool, opened, clock } = setUp({ idleMs: 5000 });
  const [one, two] = await pool.acquire(2);
  if (!one || !two) throw new Error("no endpoint");
  pool.recycle(one, false);
  pool.recycle(two, false);
  await opened[1]?.close();
  await clock.advance(1);
  t.equal((await pool.acquire(1))[0]?.id, "ep-0", "the live one");
  pool.recycle(one, false);
  await clock.advance(11_000);
  t.ok(opened[0]?.closed, "closed after the idle time");
  t.equal(clock.pending, 0, "no timer left");
  await pool.close();
});

t.test("no more opened than the media servers may be asked for, and a refusal is no disaster", async (t) => {
  const { pool, refuse, clock } = setUp({ maxOpening: 3, maxOpensPerSecond: 1000 });
  t.equal((await pool.acquire(10)).length, 3, "three at once");
  refuse(true);
  t.same(await pool.acquire(2), []);
  refuse(false);
  t.equal((await pool.acquire(1)).length, 1);
  await pool.close();
  const slow = setUp({ maxOpensPerSecond: 2 });
  t.equal((await slow.pool.acquire(5)).length, 1, "two a second: one now");
  t.equal((await slow.pool.acquire(5)).length, 0);
  await slow.clock.advance(slow.pool.nextOpenAt - slow.clock.now());
  t.equal((await slow.pool.acquire(5)).length, 1, "and one more when it says so");
  await slow.pool.close();
  t.equal(clock.pending, 0);
});

t.test("whoever is on hold waits for a session that cannot be had just now, and not for ever", async (t) => {
  const { pool, clock, refuse } = setUp({ maxOpensPerSecond: 2 });
  await pool.acquire(1);
  const coming = pool.acquireBeside("fs");
  await clock.advance(1);
  t.equal(pool.opened, 1, "the calls of a campaign have taken the present one");
  await clock.advance(pool.nextOpenAt - clock.now());
  t.ok(await coming, "it comes as soon as there is room");
  refuse(true);
  const none = pool.acquireBeside("fs");
  await clock.advance(10_000);
  t.equal(await none, undefined);
  t.equal(clock.pending, 0, "nobody asks any more");
  await pool.close();
});
