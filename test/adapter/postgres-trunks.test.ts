import t, { type Test } from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import type { LineGrant } from "../../src/voice/trunk-ports.ts";
import { openWorld } from "./stores-kit.ts";

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

async function openNodes(t: Test, count: number): Promise<readonly { readonly name: string; readonly stores: Stores }[]> {
  const world = await openWorld(t);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `node-${index}`;
      const stores = await world.open({ node: name });
      await stores.registry.register(name, Date.now());
      return { name, stores };
    }),
  );
}

const linesOf = (granted: ReadonlyMap<string, LineGrant>, trunk: string) => {
  const { holders = [], own = 0 } = granted.get(trunk) ?? {};
  return holders[own]?.lines ?? Number.NaN;
};

t.test("moments of a trunk follow each other, whichever nodes ask for them", async (t) => {
  const random = seededRandom(seed);
  const nodes = await openNodes(t, 3);
  for (const maxCps of [0.5, 7, 50]) {
    const trunk = `cps-${maxCps}`;
    const beganAt = performance.now();
    const asked = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const count = intBetween(random, 1, 4);
        const starts = await nodes[index % nodes.length]?.stores.trunks.starts(trunk, maxCps, count, 0);
        if (!starts) throw new RangeError("no node");
        return { ...starts, count };
      }),
    );
    const tookMs = performance.now() - beganAt;
    const sum = asked.reduce((all, { count }) => all + count, 0);
    const stepMs = 1025 / maxCps;
    t.ok(asked.every((starts) => Math.abs(starts.stepMs - stepMs) < 0.001));
    const sorted = asked.toSorted((a, b) => a.firstInMs - b.firstInMs);
    const last = sorted.at(-1);
    t.ok((last?.firstInMs ?? 0) + tookMs >= (sum - (last?.count ?? 0)) * stepMs - 1, `the last of ${sum} waits for all before it (seed ${seed})`);
    for (const [index, { firstInMs, count }] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next) t.ok(next.firstInMs - firstInMs >= count * stepMs - tookMs, "and each for the one before");
    }
  }
  const [first, second] = nodes;
  // So slow that nobody can be too late for the moment behind the last one.
  const endsAt = async (node: typeof first) => (await node?.stores.trunks.starts("one", 0.02, 1, 0))?.endsAt ?? Number.NaN;
  const begun = await endsAt(first);
  const gone = await endsAt(first);
  t.ok(Math.abs(gone - begun - 51_250) < 0.01, "who has come last sees by the time that nobody has come in between");
  await endsAt(second);
  t.ok(Math.abs((await endsAt(first)) - gone - 102_500) < 0.01, "or that somebody has");
  t.ok(((await first?.stores.trunks.starts("later", 10, 1, 80))?.firstInMs ?? 0) > 70, "not before it is wanted");
  await first?.stores.pool.query("update trunk_pace set next_at = now() + interval '1 day' where trunk = 'later'");
  t.ok(((await first?.stores.trunks.starts("later", 10, 1, 0))?.firstInMs ?? 1e9) < 1000, "a clock that was set back stops nobody");
});

t.test("lines of a trunk are never more than it has, whatever the nodes ask for", async (t) => {
  const random = seededRandom(seed);
  const nodes = await openNodes(t, 3);
  const maxChannels = 10;
  const has = new Map(nodes.map(({ name }) => [name, { granted: 0, used: 0 }]));
  const ask = async (name: string, wanted: number) => {
    const node = nodes.find((each) => each.name === name);
    const own = has.get(name);
    if (!node || !own) throw new RangeError("no such node");
    // What is in use cannot be given back while it is asked.
    const asked = Math.max(own.used, wanted);
    const wish = { trunk: "a", maxChannels, kept: own.used, asked, wanted: asked, needed: 0 };
    own.granted = linesOf(await node.stores.trunks.lines([wish]), "a");
    t.ok(own.granted >= own.used, "nothing in use is taken away");
  };
  const sum = () => [...has.values()].reduce((all, { granted }) => all + granted, 0);
  for (let round = 0; round < 40; round++) {
    await Promise.all([...has.keys()].map((name) => ask(name, intBetween(random, 0, 12))));
    t.ok(sum() <= maxChannels, `${sum()} lines (seed ${seed})`);
    for (const own of has.values()) own.used = intBetween(random, 0, own.granted);
  }
  for (const own of has.values()) own.used = 0;
  for (const name of has.keys()) await ask(name, 0);
  await ask("node-0", 99);
  t.equal(has.get("node-0")?.granted, maxChannels, "what others do not want is free");
  await ask("node-1", 7);
  t.equal(has.get("node-1")?.granted, 0);
  const told = await nodes[2]?.stores.trunks.lines([{ trunk: "a", maxChannels, kept: 0, asked: 2, wanted: 5, needed: 4 }]);
  t.match(
    told?.get("a"),
    {
      holders: [
        { lines: 10, wanted: 99, needed: 0 },
        { lines: 0, wanted: 7, needed: 0 },
        { lines: 0, wanted: 5, needed: 4 },
      ],
      own: 2,
    },
    "everybody is told who has and wants what",
  );
});

t.test("a node that is gone holds no lines, and one trunk's are not another's", async (t) => {
  const [first, second] = await openNodes(t, 2);
  if (!first || !second) throw new RangeError("two nodes");
  const wish = (trunk: string) => ({ trunk, maxChannels: 4, kept: 0, asked: 4, wanted: 4, needed: 0 });
  const had = async (stores: Stores, ...trunks: string[]) => {
    const granted = await stores.trunks.lines(trunks.map(wish));
    return trunks.map((trunk) => linesOf(granted, trunk));
  };
  t.same(await had(second.stores, "b", "a"), [4, 4]);
  t.same(await had(first.stores, "a", "c"), [0, 4]);
  await second.stores.registry.release(second.name);
  t.same(await had(first.stores, "a"), [4]);
  t.same((await first.stores.pool.query("select distinct node from trunk_line")).rows, [{ node: first.name }], "nothing of it is left");
});
