import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";
import { mostAtOnce, tooClose } from "./limits-kit.ts";

t.setTimeout(170_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const maxCps = 2;
const maxLines = 6;

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
  t.same(tooClose(books, maxCps), [], `never more than ${maxCps} calls a second (seed ${seed})`);
  t.ok(mostAtOnce(books) <= maxLines, `${mostAtOnce(books)} lines (seed ${seed})`);
  const starts = books.map(({ invitedAtMs }) => invitedAtMs);
  const spanS = (Math.max(...starts) - Math.min(...starts)) / 1000;
  t.comment(`${numbers.length} calls in ${spanS} s, at most ${mostAtOnce(books)} at once; ${JSON.stringify(rows)}`);
});
