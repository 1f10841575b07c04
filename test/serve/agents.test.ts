import t from "tap";
import { countOf, runAgents } from "../harness/agent-run.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openLab } from "../harness/lab-process.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const forMs = Number(process.env["AGENT_SECONDS"] ?? 12) * 1000;
/** Conversations that there are at least: so long calls are placed, on a busy machine longer. */
const enough = 7;
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

t.test("five agents over the WebSocket, predictively dialled: everybody who answers hears exactly one of them, or the message", async (t) => {
  const lab = await openLab(t, seed, 0.2, 5);
  const report = await runAgents(t, {
    ...{ lab, database: await openTestDatabase(t), name: "agents", seed, agents: 5, mode: "predictive", forMs },
    async during({ fleet: { admin } }) {
      const talks = async () =>
        (await admin.query<{ talks: number }>("select count(*)::int as talks from agent_log where state = 'talking'")).rows[0]?.talks ?? 0;
      await until(async () => (await talks()) >= enough, "agents to have talked", 90_000);
    },
  });
  t.same(report.wireFaults, [], `on the wire; seed ${seed}`);
  t.same(report.disagreements, [], `books, attempts and log agree; seed ${seed}`);
  t.same(report.stuck, [], "nobody is stuck");
  t.same(report.up, [], "who logs out is hung up on");
  t.same(report.ended, [0], "a clean stop");
  t.same((await lab.channels()).unknownCommands, []);
  const connected = countOf(report, "connected");
  t.ok(connected >= 5, `${connected} of ${report.answered.length} who answered were connected`);
  const { dialled, occupancy, talks, toAgentMs } = report;
  t.comment(`${dialled} dialled, ${countOf(report, "message")} heard the message, ${countOf(report, "left")} left, ${talks} conversations`);
  t.comment(`occupancy ${occupancy.toFixed(2)}, answer to agent ${toAgentMs.toSorted((a, b) => a - b).join(" ")} ms`);
});
