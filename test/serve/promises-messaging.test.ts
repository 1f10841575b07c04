import t from "tap";
import { openTestDatabase } from "../harness/database.ts";
import { openLab } from "../harness/lab-process.ts";
import { runPromises } from "../harness/messaging-promises.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(300_000);
t.comment(`TEST_SEED=${seed}`);

/* A tenth of npm run bench -- promises-messaging. */

t.test("10,000 messages while server and SMSC are killed: none twice, no opt-out lost, every end as the SMSC's books have it", async (t) => {
  const [lab, database] = [await openLab(t, seed, 1), await openTestDatabase(t)];
  const report = await runPromises(t, { lab, database, seed, messages: 10_000, serverKills: 2, smscKills: 1, say: (text) => t.comment(text) });
  t.same(report.twice, [], `seed ${seed}`);
  t.same(report.lostOptOuts, [], `seed ${seed}`);
  t.same(report.disagreements.slice(0, 20), [], `seed ${seed}`);
  t.same(report.left.slice(0, 20), [], `seed ${seed}`);
  t.equal(report.owed, 0, `every report was taken; seed ${seed}`);
  t.ok(report.optOuts > 100, `${report.optOuts} opted out`);
  t.ok(report.unknown <= report.mostUnknown, `of ${report.unknown} nobody knows, of at most ${report.mostUnknown}`);
  t.equal(report.endedWith, 0);
  t.comment(`${report.attempts} attempts, ${report.taken} taken, ${report.optOuts} opt-outs, ${report.unknown} unknown`);
});
