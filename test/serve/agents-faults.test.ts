import t from "tap";
import { type FaultName, faultNames, runAgentFaults } from "../harness/agent-faults.ts";
import { countOf } from "../harness/agent-run.ts";
import { openLab } from "../harness/lab-process.ts";
import { openOwnDatabase } from "../harness/own-database.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
/** The others, and longer, in `npm run bench -- agents`. */
const quick: readonly FaultName[] = ["sockets", "database", "freeswitch", "half-leaves", "worker"];
const wanted = process.env["AGENT_FAULTS"]?.split(",");
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

t.test("whatever breaks while agents talk: nobody is connected twice, stuck, in silence, or lost from the log", async (t) => {
  const lab = await openLab(t, seed, 0.2, 6);
  const faults = wanted ? faultNames.filter((name) => wanted.includes(name)) : quick;
  const database = await openOwnDatabase(t);
  const report = await runAgentFaults(t, { lab, database, seed, agents: 6, faults, calm: 2, say: (text) => t.comment(text) });
  t.same(report.late, [], `everybody can work again in time; seed ${seed}`);
  t.same(report.wireFaults, [], `on the wire; seed ${seed}`);
  t.same(report.disagreements, [], `books, attempts and log; seed ${seed}`);
  t.same(report.stuck, [], "nobody is stuck");
  t.same(report.up, [], "who logs out is hung up on");
  t.ok(countOf(report, "connected") >= 2, `${countOf(report, "connected")} of ${report.answered.length} connected`);
});
