import t from "tap";
import type { AgentFleet } from "../harness/agent-fleet.ts";
import { countOf, runAgents } from "../harness/agent-run.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openLab } from "../harness/lab-process.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const forMs = Number(process.env["AGENT_SECONDS"] ?? 6) * 1000;
/** Conversations that the agents of each server have at least. */
const talksEach = 3;
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

t.test("two servers with agents each share a predictive campaign: nobody is called twice, agents of either are served, one ledger", async (t) => {
  const lab = await openLab(t, seed, 0.2, 6);
  let fleet: AgentFleet | undefined;
  const report = await runAgents(t, {
    ...{ lab, database: await openTestDatabase(t), name: "shared", seed, agents: 6, mode: "predictive", forMs, nodes: 2 },
    async during(run) {
      fleet = run.fleet;
      const { admin, campaignId } = fleet;
      const share = "select node, agents from abandonment_share where campaign_id = $1 and agents > 0 order by node";
      const shares = async () => (await admin.query<{ node: string; agents: number }>(share, [campaignId])).rows;
      await until(async () => (await shares()).length === 2, "both to have a share of what may be lost", forMs + 10_000);
      t.same(await shares(), [
        { node: "shared", agents: 3 },
        { node: "shared-2", agents: 3 },
      ]);
      // Their programs are shared out one by one.
      const talks = "select count(*)::int as talks from agent_log where state = 'talking' and agent_id = any($1::bigint[])";
      const halves = [0, 1].map((half) => fleet?.agents.filter((_, at) => at % 2 === half).map(({ id }) => id));
      for (const half of halves) {
        const had = async () => (await admin.query<{ talks: number }>(talks, [half])).rows[0]?.talks ?? 0;
        await until(async () => (await had()) >= talksEach, "agents of both to have talked", 60_000);
      }
    },
  });
  t.same(report.wireFaults, [], `on the wire; seed ${seed}`);
  t.same(report.disagreements, [], `books, attempts and log agree; seed ${seed}`);
  t.same([...report.stuck, ...report.up], [], "nobody is stuck, or left on the line");
  t.same(report.ended, [0, 0], "both stop cleanly");
  if (!fleet) return t.fail("it did not run");
  const { admin, campaignId, stores } = fleet;

  const books = (await lab.books()).filter(({ called }) => called.startsWith("+1212555"));
  t.equal(new Set(books.map(({ called }) => called)).size, books.length, `nobody is called twice; seed ${seed}`);
  const byNode = "select node, count(*)::int as calls from attempt where campaign_id = $1 group by node order by node";
  const { rows: nodes } = await admin.query<{ node: string; calls: number }>(byNode, [campaignId]);
  t.same(
    nodes.map(({ node }) => node),
    ["shared", "shared-2"],
    "both call",
  );

  const [connected, message, left] = [countOf(report, "connected"), countOf(report, "message"), countOf(report, "left")];
  const { day } = await stores.abandonment.read(campaignId);
  t.equal(day.abandoned, message, `whoever was abandoned by either is counted; seed ${seed}`);
  // Who hangs up in the moment of being connected may count.
  t.ok(day.answers >= connected + message && day.answers <= connected + message + left, `${day.answers} answers; seed ${seed}`);
  t.ok(message <= 1 + Math.floor(0.03 * day.answers), `${message} abandoned of ${day.answers}: the limit is that of both together; seed ${seed}`);
  t.comment(`${report.dialled} dialled (${JSON.stringify(nodes)}), ${connected} connected, ${message} heard the message, ${left} left`);
});
