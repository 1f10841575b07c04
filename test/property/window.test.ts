import t from "tap";
import { hoursOf, openInEvery } from "../../src/compliance/calling-window.ts";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { isOpen, starts, zones } from "./people.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const minuteMs = 60_000;

t.test("around every change of the clocks, a window opens and closes at the minute at which a wall clock says so", async (t) => {
  const random = seededRandom(seed);
  const wrong: string[] = [];
  for (let turn = 0; turn < 400; turn += 1) {
    const zone = pick(random, zones);
    const startMinute = pick(random, [0, 1, 2, 30, 59, 90, 150, 480, 1430]);
    const endMinute = Math.min(1440, startMinute + pick(random, [1, 30, 61, 90, 720, 1440]));
    const window = { startMinute, endMinute, weekdays: random.next() < 0.7 ? [1, 2, 3, 4, 5, 6, 7] : [6, 7] };
    const at = pick(random, starts) + intBetween(random, 0, 40 * 60) * minuteMs;
    const open = isOpen(at, zone, window);
    let change = at;
    for (let minutes = 0; minutes < 2 * 1440 && isOpen(change, zone, window) === open; minutes += 1) change += minuteMs;
    const found = openInEvery(at, [{ zone, hours: hoursOf(window) }]);
    const said = found.open ? found.closesAt : found.opensAt;
    const what = `turn ${turn}: ${zone}, ${JSON.stringify(window)}, ${new Date(at).toISOString()}`;
    // Nobody walks further than two days; what comes later must only not be said to come sooner.
    const right = change < at + 2 * 1440 * minuteMs ? said === change : said === undefined || said >= change;
    if (found.open !== open || !right) wrong.push(`${what}: ${said}, by the wall clock ${change}`);
  }
  t.same(wrong, [], `seed ${seed}`);
});
