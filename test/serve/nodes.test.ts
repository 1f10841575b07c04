import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";

t.setTimeout(170_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const maxCps = 2;
const maxLines = 6;
/** The lab shares a busy machine with two servers and this test: it may look at a call so much later than at the next. */
const jitterMs = 400;

/** The most calls that were at the carrier at once, by its own clock. */
function mostAtOnce(books: readonly CallSummary[]): number {
  const changes = books.flatMap(({ invitedAtMs, endedAtMs }) => [
    { at: invitedAtMs, by: 1 },
    { at: endedAtMs ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  let up = 0;
  return Math.max(...changes.sort((a, b) => a.at - b.at || a.by - b.by).map(({ by }) => (up += by)));
}

t.test("two servers on one campaign: its calls per second and its lines are those of both together", async (t) => {
  const lab = await openLab(t, seed, 0.2);
  const folder = openFolder(t);
  const numbers = Array.from({ length: 48 }, (_, at) => `+1212555${String(300 + at).padStart(4, "0")}`);
  const personas = ["busy", "listener", "no-answer"];
  await lab.assign(Object.fromEntries(numbers.map((number, at) => [number, personas[at % 8 === 0 ? 2 : at % 2] ?? "busy"])));
  const campaign = await openCampaign(t, lab, { folder, node: "first" }, scripts.notice, numbers, { maxCps, maxLines });
  const second = join(folder, "second.yaml");
  const settings = JSON.parse(readFileSync(campaign.config, "utf8"));
  writeFileSync(
    second,
    JSON.stringify({ ...settings, node: { name: "second" }, database: { ...settings.database, dataDir: join(folder, "second") } }),
  );
  const servers = [];
  for (const config of [campaign.config, second]) servers.push(startServe(t, config, await portForAnother()));
  await Promise.all(servers.map((server) => server.ready()));
  await campaign.start();
  await until(async () => (await campaign.state()) === "finished", "the campaign to end", 120_000);

  const books = await lab.books();
  t.equal(books.length, numbers.length, `everybody once (seed ${seed})`);
  t.equal(new Set(books.map(({ called }) => called)).size, numbers.length);
  const { rows } = await campaign.admin.query<{ node: string; calls: number }>(
    "select node, count(*)::int as calls from attempt group by node order by node",
  );
  t.equal(rows.length, 2, "both nodes called");
  for (const { node, calls } of rows) t.ok(calls >= numbers.length / 6, `${node}: ${calls} calls`);
  const starts = books.map(({ invitedAtMs }) => invitedAtMs).sort((a, b) => a - b);
  // Over every stretch, long and short: calls that came late for a moment do not make a rate, and two servers that each kept the limit alone would.
  const tooClose = starts.flatMap((at, later) =>
    starts.slice(0, later).flatMap((before, earlier) => {
      const calls = later - earlier;
      return at - before < (calls * 1000) / maxCps - jitterMs ? [`${calls + 1} calls in ${at - before} ms`] : [];
    }),
  );
  t.same(tooClose, [], `never more than ${maxCps} calls a second (seed ${seed})`);
  t.ok(mostAtOnce(books) <= maxLines, `${mostAtOnce(books)} lines (seed ${seed})`);
  const spanS = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / 1000;
  t.comment(`${numbers.length} calls in ${spanS} s, at most ${mostAtOnce(books)} at once; ${JSON.stringify(rows)}`);
});
