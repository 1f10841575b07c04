import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { LineSharing } from "../../src/voice/line-sharing-engine.ts";
import { openTries, Trunks, type TrunkTries } from "../../src/voice/trunk-engine.ts";
import type { LineHolder, LineWish, TrunkLedger } from "../../src/voice/trunk-ports.ts";
import { TrunkShare } from "../../src/voice/trunk-share-engine.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { trunkTo } from "./carriers-kit.ts";

const trunk = trunkTo("a", { sipPort: 5060 }, { maxCps: 10, maxChannels: 20 });
const stepMs = 100;

/** A ledger whose answers the test gives. */
function openLedger(clock: VirtualClock) {
  const asked: { readonly count: number; readonly notBeforeMs: number }[] = [];
  const wishes: LineWish[] = [];
  const state = { away: false, next: 0, rival: undefined as LineHolder | undefined };
  const ledger: TrunkLedger = {
    async starts(_trunk, maxCps, count, notBeforeMs) {
      const stepMs = 1000 / maxCps;
      asked.push({ count, notBeforeMs });
      if (state.away) throw new Error("the database is away");
      const first = Math.max(state.next, clock.now() + notBeforeMs);
      state.next = first + count * stepMs;
      return { firstInMs: first - clock.now(), stepMs, endsAt: state.next };
    },
    async lines(all) {
      wishes.push(...all);
      if (state.away) throw new Error("the database is away");
      return new Map(
        all.map(({ trunk: name, kept, asked, wanted, needed, maxChannels }) => {
          const lines = Math.max(kept, Math.min(asked, maxChannels - (state.rival?.lines ?? 0)));
          return [name, { holders: [{ lines, wanted, needed }, ...(state.rival ? [state.rival] : [])], own: 0 }];
        }),
      );
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

t.test("a node that is alone on a trunk asks for the moments of a while at once, and loses none of them", async (t) => {
  const clock = new VirtualClock();
  const { ledger, asked, state } = openLedger(clock);
  const trunks = new Trunks([trunk], [], clock, ledger);
  const [use] = trunks.all;
  if (!use) throw new Error("no trunk");
  const sharing = new LineSharing({ trunks, ledger, clock, log: silentLog });
  await clock.advance(300);
  const moments: number[] = [];
  const call = async () => {
    const leave = await use.reserve(clock.now());
    moments.push(use.share?.takenUntil ?? 0);
    await leave();
  };
  const calls: Promise<void>[] = [];
  // As many as the trunk takes: one has its moment when the next one comes.
  for (let count = 0; count < 30; count++) {
    calls.push(call());
    await clock.advance(stepMs);
  }
  await clock.advance(1000);
  await Promise.all(calls);
  t.ok(asked.length <= 12, `${asked.length} questions`);
  const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? 0));
  t.ok(Math.min(...gaps) >= stepMs, gaps.join(", "));
  t.ok(Math.max(...gaps) <= stepMs + 10, "and as close as they may be");

  asked.length = 0;
  state.rival = { lines: 4, wanted: 4, needed: 0 };
  use.share?.look();
  await clock.advance(1500);
  for (let count = 0; count < 5; count++) {
    call();
    await clock.advance(2 * stepMs);
  }
  t.same(
    asked.map(({ count }) => count),
    [1, 1, 1, 1, 1],
    "where others call too it asks for what it needs",
  );
  await sharing.close();
});

t.test("a stretch that is left counts for nothing after a change of the limit, or of the clock", async (t) => {
  const clock = new VirtualClock();
  const { ledger, asked, state } = openLedger(clock);
  const share = new TrunkShare(ledger, clock);
  const next = async (maxCps: number) => {
    const moment = share.moments.next({ ...trunk, maxCps }, 0, () => true);
    await clock.advance(10);
    return (await moment).at - clock.now();
  };
  await next(50);
  t.ok((await next(50)) < 200);
  t.equal(asked.length, 1);
  await next(40);
  t.equal(asked.length, 2);
  clock.setBack(3_600_000);
  state.next -= 3_600_000;
  t.ok((await next(40)) < 5000, "nobody waits for an hour");
  t.equal(asked.length, 3);
});

t.test("a node uses the lines it was given, and none before", async (t) => {
  const clock = new VirtualClock();
  const { ledger, wishes, state } = openLedger(clock);
  const trunks = new Trunks([trunk], [], clock, ledger);
  const [use] = trunks.all;
  const ways = trunks.find("a");
  if (!use || !ways) throw new Error("no trunk");
  const sharing = new LineSharing({ trunks, ledger, clock, log: silentLog });
  await clock.advance(3000);
  t.match(wishes, [{ trunk: "a", kept: 0, asked: 0, wanted: 0 }], "what an earlier process of this name had is given back, then nobody asks");
  const open = () => (use.lines < use.maxLines ? openTries(ways, () => true) : undefined);
  t.equal(open(), undefined);
  use.share?.look();
  await clock.advance(250);
  t.match(wishes.at(-1), { maxChannels: 20, kept: 0, asked: 10, wanted: 10 }, "a second's worth is asked for");
  const calls = Array.from({ length: 12 }, open);
  t.equal(calls.filter((call) => call).length, 10);
  state.rival = { lines: 10, wanted: 10, needed: 0 };
  use.share?.look();
  await clock.advance(250);
  t.match(wishes.at(-1), { kept: 10, wanted: 20 });
  t.equal(open(), undefined, "the others have the rest");
  state.rival = { lines: 10, wanted: 20, needed: 12 };
  use.share?.look();
  await clock.advance(1100);
  t.equal(use.lines, 10, "what is in use is not taken away");
  calls[0]?.release();
  t.equal(open(), undefined, "but not used again where others have a claim to it");
  state.away = true;
  for (const call of calls.slice(1, 8)) call?.release();
  await clock.advance(250);
  t.match(wishes.at(-1), { kept: 8 }, "what is given back may be gone, whether the answer comes or not");
  t.same([use.lines, use.maxLines], [2, 8]);
  state.away = false;
  state.rival = undefined;
  await clock.advance(3000);
  t.match(wishes.at(-1), { kept: 3, wanted: 3 }, "as long as calls are up there is a line for a transfer");
  for (const call of calls) call?.release();
  await clock.advance(500);
  t.equal(use.maxLines, 0, "where nobody calls any more nothing is held");
  const told = wishes.length;
  await clock.advance(1000);
  t.equal(wishes.length, told);
  await sharing.close();
});

t.test("a server that calls evenly asks for lines once a second", async (t) => {
  const clock = new VirtualClock();
  const { ledger, wishes } = openLedger(clock);
  const trunks = new Trunks([{ ...trunk, maxChannels: 1000, maxCps: 50 }], [], clock, ledger);
  const [use] = trunks.all;
  const ways = trunks.find("a");
  if (!use || !ways) throw new Error("no trunk");
  const sharing = new LineSharing({ trunks, ledger, clock, log: silentLog });
  const random = seededRandom(7);
  const calls: (TrunkTries | undefined)[] = [];
  for (let past = 0; past < 20_000; past += 100) {
    while (calls.length < 20 + intBetween(random, 0, 15)) calls.push(openTries(ways, () => true));
    while (calls.length > 20 + intBetween(random, 0, 15)) calls.shift()?.release();
    await clock.advance(100);
  }
  t.ok(wishes.length <= 24, `${wishes.length}`);
  for (const call of calls) call?.release();
  await sharing.close();
});
