import t from "tap";
import { openTestDatabase } from "../harness/database.ts";
import { plantedFaults } from "./planted.ts";
import { openProperty } from "./run.ts";
import { runAll } from "./run-all.ts";

/* A tenth of the people of npm run bench -- promises, in larger runs: those take little longer. */

/** Always the same ones here; others are for the benchmark. */
const seed = Number(process.env["TEST_SEED"] ?? 20_261_122);
const runs = 20;
const people = 500;
/** A planted fault shows in nearly every run; a run in which nothing of the kind happens is no proof of anything. */
const mostRuns = 20;
t.setTimeout(295_000);
t.comment(`TEST_SEED=${seed}`);

t.test(
  "random campaigns and strategies in a time of their own: nobody outside their hours or those of the law, above a cap, twice, after an opt-out, after an event that ended it, or refused without a reason",
  async (t) => {
    const property = await openProperty(t, await openTestDatabase(t), people, true);
    const { violations, contacts, contacted, optOuts, crashes, events, ...rest } = await runAll(property, seed, runs);
    t.same(violations.slice(0, 10), []);
    t.comment(JSON.stringify({ contacts, contacted, optOuts, crashes, events, ...rest }));
    t.ok(contacts > 9500 && contacted > 2000 && optOuts > 100 && crashes > 10 && events > 5, "and there was something to be seen");
  },
);

t.test("a property that finds no fault proves nothing: each that is planted is found", async (t) => {
  const property = await openProperty(t, await openTestDatabase(t));
  for (const [name, { planted, found }] of Object.entries(plantedFaults)) {
    const violations: string[] = [];
    for (let run = 0; run < mostRuns && violations.length === 0; run += 1)
      violations.push(...(await property.run(seed + run, planted)).violations.filter((violation) => found.test(violation)));
    t.ok(violations.length > 0, `${name} (seed ${seed})`);
  }
});
