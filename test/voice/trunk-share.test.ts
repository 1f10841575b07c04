import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import { LineSharing } from "../../src/voice/line-sharing-engine.ts";
import { openTries, Trunks } from "../../src/voice/trunk-engine.ts";
import type { LineWish, TrunkLedger } from "../../src/voice/trunk-ports.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { trunkTo } from "./carriers-kit.ts";

const trunk = trunkTo("a", { sipPort: 5060 }, { maxCps: 10, maxChannels: 20 });
const stepMs = 100;

/** A ledger whose answers the test gives. */
function openLedger(clock: VirtualClock) {
  const asked: { readonly count: number; readonly notBeforeMs: number }[] = [];
  const wishes: LineWish[] = [];
  const state = { away: false, next: 0, grant: (wish: LineWish) => wish.wanted };
  const ledger: TrunkLedger = {
    async starts(_trunk, _maxCps, count, notBeforeMs) {
      asked.push({ count, notBeforeMs });
      if (state.away) throw new Error("the database is away");
      const first = Math.max(state.next, clock.now() + notBeforeMs);
      state.next = first + count * stepMs;
      return { firstInMs: first - clock.now(), stepMs };
    },
    async lines(all) {
      wishes.push(...all);
      if (state.away) throw new Error("the database is away");
      return new Map(all.map((wish) => [wish.trunk, state.grant(wish)]));
    },
  };
  return { ledger, asked, wishes, state };
}

t.test("calls that ask at the same time are asked for together, and leave one after the other", async (t) => {
  const clock = new VirtualClock();
  const { ledger, asked } = openLedger(clock);
  const [use] = new Trunks([trunk], [], clock, ledger).all;
  if (!use) throw new Error("no trunk");
  const beganAt = clock.now();
  const left: number[] = [];
  const calls = Array.from({ length: 6 }, async (_, index) => {
    const leave = await use.reserve(index === 0 ? 0 : beganAt + 30);
    await leave();
    left.push(clock.now() - beganAt);
  });
  await clock.advance(10);
  t.same(
    asked.map(({ count }) => count),
    [6],
    "one question",
  );
  t.equal(asked[0]?.notBeforeMs, 25, "for the latest of them, 5 ms after they began to come");
  for (let step = 0; step < 20; step++) await clock.advance(50);
  await Promise.all(calls);
  t.same(left.length, 6);
  t.ok(
    left.every((at, index) => index === 0 || at - (left[index - 1] ?? 0) >= stepMs - 50),
    left.join(", "),
  );
  t.ok((left.at(-1) ?? 0) >= 5 * stepMs);
  t.equal(use.share?.takenUntil, beganAt + 30 + 5 * stepMs, "and nobody decides on more calls before that");
});

t.test("without the database the limits of this process still hold", async (t) => {
  const clock = new VirtualClock();
  const { ledger, state } = openLedger(clock);
  state.away = true;
  const [use] = new Trunks([{ ...trunk, maxCps: 1 }], [], clock, ledger).all;
  if (!use) throw new Error("no trunk");
  let left = 0;
  const calls = Array.from({ length: 2 }, async () => {
    await (await use.reserve())();
    left++;
  });
  await clock.advance(10);
  t.equal(left, 1);
  await clock.advance(1100);
  await Promise.all(calls);
  t.equal(left, 2);
});

t.test("a node uses the lines it was given, and none before", async (t) => {
  const clock = new VirtualClock();
  const { ledger, wishes, state } = openLedger(clock);
  const trunks = new Trunks([trunk], [], clock, ledger);
  const [use] = trunks.all;
  const ways = trunks.find("a");
  if (!use || !ways) throw new Error("no trunk");
  const sharing = new LineSharing({ trunks, ledger, clock, log: silentLog });
  await clock.advance(600);
  t.same(wishes, [], "nobody asks where nobody calls");
  const open = () => openTries(ways, () => true);
  t.equal(open(), undefined);
  await clock.advance(250);
  t.match(wishes, [{ trunk: "a", maxChannels: 20, kept: 0, wanted: 10 }], "a second's worth is asked for");
  const calls = Array.from({ length: 12 }, open);
  t.equal(calls.filter((call) => call).length, 10);
  state.grant = ({ kept }) => kept;
  await clock.advance(250);
  t.match(wishes.at(-1), { kept: 10, wanted: 20 });
  t.equal(open(), undefined, "the others have the rest");
  for (const call of calls.slice(0, 8)) call?.release();
  state.away = true;
  await clock.advance(250);
  t.match(wishes.at(-1), { kept: 6 }, "what is given back may be gone, whether the answer comes or not");
  t.same([use.lines, use.maxLines], [2, 6]);
  state.away = false;
  await clock.advance(3000);
  t.match(wishes.at(-1), { kept: 6, wanted: 12 }, "as long as calls are up there is a line for their transfers");
  for (const call of calls) call?.release();
  await clock.advance(500);
  t.equal(use.maxLines, 0, "where nobody calls any more nothing is held");
  const told = wishes.length;
  await clock.advance(1000);
  t.equal(wishes.length, told);
  await sharing.close();
});
