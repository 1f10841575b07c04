import t from "tap";
import { Ahead } from "../../src/sms/ahead.ts";

/* How far ahead of its bind a lane reserves and begins. */

const unlimited = Number.POSITIVE_INFINITY;

/** Half a second in which one was answered every `everyMs` by a bind that was fed all the time. */
function moving(everyMs: number, beginMs: number, mostPerSecond = unlimited): Ahead {
  const ahead = new Ahead(mostPerSecond);
  for (let at = 0; at < 500; at += everyMs) {
    ahead.feed(at, true);
    ahead.answered();
    ahead.began(beginMs);
  }
  ahead.feed(500, true);
  return ahead;
}

t.test("nothing is known yet: no more is begun than may leave at once, and reserved what comes after it", async (t) => {
  const ahead = new Ahead(unlimited);
  t.equal(ahead.moving(10), false);
  t.equal(ahead.reserved(10, 7), 21);
  t.equal(new Ahead(40).reserved(10, 7), 16, "no more than leaves in 0.4 s by what is configured");
  t.equal(new Ahead(1).reserved(10, 7), 7);
  t.equal(ahead.toBegin(10, 7, 0), 7);
});

t.test("reserved is what leaves in 0.4 s; begun only what leaves in the time of a few begins, many at once", async (t) => {
  for (const [beginMs, begun] of [
    [1, 40],
    [40, 160],
    [90, 360],
    [5000, 400],
  ] as const) {
    const ahead = moving(1, beginMs);
    t.equal(ahead.reserved(500, 10), 400);
    t.equal(ahead.toBegin(500, 10, 0), begun, `begins of ${beginMs} ms`);
    t.equal(ahead.toBegin(500, 10, begun / 2), begun / 2);
    t.equal(ahead.toBegin(500, 10, begun / 2 + 1), 0, "not one by one");
  }
  t.equal(moving(1, 1).toBegin(500, 50, 0), 50, "a wide window is filled whatever a begin takes");
  t.equal(moving(100, 20).reserved(500, 1), 4);
  t.equal(moving(1, 1, 100).reserved(500, 10), 40, "no more than what is configured lets leave");
});

t.test("the time in which a bind has room and gets nothing says nothing of how fast it is", async (t) => {
  const ahead = new Ahead(unlimited);
  // Each 600 ms it is given ten, and answers them in 10 ms.
  for (let round = 0; round < 100; round += 1) {
    ahead.feed(round * 600, true);
    for (let message = 0; message < 10; message += 1) ahead.answered();
    ahead.feed(round * 600 + 10, false);
    if (round > 0) t.equal(ahead.reserved(round * 600 + 599, 10), 400, "1,000 a second, and not 17");
  }
});

t.test("the first ones do not tell how fast it is; a bind that gets slow, or answers no more, is given less", async (t) => {
  const ahead = new Ahead(unlimited);
  ahead.feed(0, true);
  for (let message = 0; message < 10; message += 1) ahead.answered();
  t.equal(ahead.reserved(1, 10), 400, "10 in 10 ms");
  t.ok(ahead.moving(1));
  const slow = moving(1, 1);
  t.equal(slow.reserved(1000, 10), 134, "a third of what it was, after half a second without a word");
  t.equal(slow.reserved(2000, 10), 37);
  t.equal(slow.reserved(10_000, 10), 10);
  t.equal(slow.moving(10_000), true);
  t.equal(slow.moving(60_000), false);
  for (let at = 60_000; at < 60_300; at += 1) {
    slow.feed(at, true);
    slow.answered();
  }
  t.ok(slow.reserved(60_300, 10) > 150, "and soon gets its due when it does");
});

t.test("a clock that is set back takes nothing away", async (t) => {
  const ahead = moving(1, 1);
  ahead.feed(-3_60_000, true);
  t.equal(ahead.reserved(-3_60_000, 10), 400);
});
