import t, { type Test } from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { LineSharing } from "../../src/voice/line-sharing-engine.ts";
import { openTries, Trunks, type TrunkTries } from "../../src/voice/trunk-engine.ts";
import type { LineHolder, TrunkLedger } from "../../src/voice/trunk-ports.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { trunkTo } from "./carriers-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const trunkName = "a";

/** Several nodes that share one trunk, with what the database does about it. */
function openNodes(t: Test, clock: VirtualClock, count: number, maxChannels: number) {
  const rows = new Map<number, LineHolder>();
  const ledgerOf = (node: number): TrunkLedger => ({
    starts: () => Promise.reject(new Error("no call leaves here")),
    async lines(wishes) {
      return new Map(
        wishes.map(({ trunk, maxChannels: most, kept, asked, wanted, needed }) => {
          const others = [...rows].reduce((sum, [name, { lines }]) => (name === node ? sum : sum + lines), 0);
          rows.set(node, { lines: Math.max(kept, Math.min(asked, most - others)), wanted, needed });
          const all = [...rows].filter(([name, row]) => name === node || Math.max(row.lines, row.wanted, row.needed) > 0).sort(([a], [b]) => a - b);
          return [trunk, { holders: all.map(([, row]) => row), own: all.findIndex(([name]) => name === node) }];
        }),
      );
    },
  });
  const nodes = Array.from({ length: count }, (_, index) => {
    const ledger = ledgerOf(index);
    const trunks = new Trunks([trunkTo(trunkName, { sipPort: 5060 }, { maxCps: 3, maxChannels })], [], clock, ledger);
    const [use] = trunks.all;
    const ways = trunks.find(trunkName);
    if (!use || !ways) throw new Error("no trunk");
    const sharing = new LineSharing({ trunks, ledger, clock, log: silentLog });
    t.teardown(() => sharing.close());
    const calls: TrunkTries[] = [];
    const place = () => {
      use.share?.look();
      if (use.lines >= use.maxLines) return false;
      const call = openTries(ways, () => true);
      if (call) calls.push(call);
      return call !== undefined;
    };
    return { use, sharing, calls, place, end: () => calls.shift()?.release() };
  });
  return { nodes, rows, up: () => nodes.map(({ use }) => use.lines) };
}

t.test("every node that calls has its part of a small trunk within seconds, and all lines are used", async (t) => {
  const clock = new VirtualClock();
  const { nodes, up } = openNodes(t, clock, 3, 7);
  const [busy, ...others] = nodes;
  if (!busy) throw new RangeError("a node");
  /** Each places as many as it may; every 500 ms a call ends, now here, now there. */
  const live = async (calling: typeof nodes, forMs: number) => {
    for (let past = 0; past < forMs; past += 100) {
      for (const node of calling) while (node.place());
      if (past % 500 === 0) nodes[(past / 500) % nodes.length]?.end();
      for (const node of calling) while (node.place());
      await clock.advance(100);
    }
  };
  await live([busy], 5000);
  t.ok((up()[0] ?? 0) >= 6, `alone it has all of them: ${up()}`);
  await live(nodes, 9000);
  t.ok(
    up().every((lines) => lines >= 2),
    `${up()}`,
  );
  await live(others, 8000);
  t.ok((up()[0] ?? 9) <= 1, `who calls no more gives its lines to the others: ${up()}`);
  t.ok((up()[1] ?? 0) >= 3 && (up()[2] ?? 0) >= 3, `${up()}`);
});

t.test("fewer lines than nodes: each has one now and then", async (t) => {
  const clock = new VirtualClock();
  const { nodes } = openNodes(t, clock, 3, 1);
  const placed = [0, 0, 0];
  for (let past = 0; past < 60_000; past += 100) {
    for (const [index, node] of nodes.entries()) if (node.place()) placed[index] = (placed[index] ?? 0) + 1;
    if (past % 1000 === 0) for (const node of nodes) node.end();
    await clock.advance(100);
  }
  t.ok(
    placed.every((calls) => calls >= 8),
    `${placed}`,
  );
  t.ok(placed[0] !== undefined && placed.reduce((sum, calls) => sum + calls, 0) >= 45, "and none of them for long");
});

t.test("who is on the line gets a line for a transfer, though another node has shared them out to itself", async (t) => {
  const clock = new VirtualClock();
  const { nodes, up } = openNodes(t, clock, 2, 6);
  const [first, second] = nodes;
  if (!first || !second) throw new RangeError("two nodes");
  for (let past = 0; past < 3000; past += 100) {
    for (const node of nodes) node.use.share?.look();
    await clock.advance(100);
  }
  while (first.place());
  second.place();
  t.same(up(), [3, 1], "the second one has lines that it does not use");
  const [call] = first.calls;
  const second2 = call?.beside(() => true);
  for (let past = 0; past < 2500; past += 100) {
    first.place();
    second.use.share?.look();
    await clock.advance(100);
  }
  const peer = await second2;
  t.ok(peer, "one of them is given up");
  t.same(up(), [4, 1], "and no new call has taken it");
  peer?.release();
  for (let past = 0; past < 2000; past += 100) {
    for (const node of nodes) while (node.place());
    await clock.advance(100);
  }
  t.same(up(), [3, 3]);
  const none = call?.beside(() => true);
  await clock.advance(3100);
  t.equal(await none, undefined, "where all are in use there is none");
  t.equal(first.use.share?.waiting, 0);
});

t.test("whatever the nodes do, there are never more calls than lines, and the end is fair", async (t) => {
  const random = seededRandom(seed);
  for (let round = 0; round < 8; round += 1) {
    const clock = new VirtualClock();
    const maxChannels = intBetween(random, 3, 12);
    const { nodes, up, rows } = openNodes(t, clock, 3, maxChannels);
    let most = 0;
    for (let step = 0; step < 150; step += 1) {
      for (const node of nodes) {
        for (let count = intBetween(random, 0, 4); count > 0; count -= 1) node.place();
        for (let count = random.next() < 0.3 ? intBetween(random, 0, 4) : 0; count > 0; count -= 1) node.end();
      }
      most = Math.max(
        most,
        up().reduce((sum, lines) => sum + lines, 0),
        [...rows.values()].reduce((sum, { lines }) => sum + lines, 0),
      );
      await clock.advance(intBetween(random, 10, 400));
    }
    t.ok(most <= maxChannels, `${most} of ${maxChannels} (seed ${seed})`);
    for (let past = 0; past < 20_000; past += 250) {
      for (const node of nodes) {
        while (node.place());
        if (past % 500 === 0) node.end();
        while (node.place());
      }
      await clock.advance(250);
    }
    t.ok(
      up().every((lines) => lines >= Math.floor(maxChannels / 3) - 1),
      `${up()} of ${maxChannels} (seed ${seed})`,
    );
    await Promise.all(nodes.map(({ sharing }) => sharing.close()));
  }
});
