import t from "tap";
import { Ahead } from "../../src/sms/ahead.ts";

/* How far ahead of its bind a lane reserves and begins. */

/** A second in which a message left every `everyMs`. */
function moving(everyMs: number, beginMs: number): Ahead {
  const ahead = new Ahead(0);
  for (let at = 0; at < 1000; at += everyMs) {
    ahead.left();
    ahead.began(beginMs);
  }
  return ahead;
}

t.test("nothing is known yet: no more than may leave at once", async (t) => {
  const ahead = new Ahead(0);
  t.equal(ahead.moving, false);
  t.equal(ahead.reserved(10, 7), 7);
  t.equal(ahead.toBegin(10, 7, 0), 7);
});

t.test("reserved is what leaves in 0.4 s; begun only what leaves in the time of a begin or two, many at once", async (t) => {
  for (const [beginMs, begun] of [
    [1, 30],
    [40, 100],
    [100, 250],
    [5000, 400],
  ] as const) {
    const ahead = moving(1, beginMs);
    t.equal(ahead.reserved(1000, 10), 400);
    t.equal(ahead.toBegin(1000, 10, 0), begun, `begins of ${beginMs} ms`);
    t.equal(ahead.toBegin(1000, 10, begun / 2), begun / 2);
    t.equal(ahead.toBegin(1000, 10, begun / 2 + 1), 0, "not one by one");
  }
  t.equal(moving(1, 1).toBegin(1000, 50, 0), 50, "a wide window is filled whatever a begin takes");
  t.equal(moving(100, 20).reserved(1000, 1), 4);
});
