import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";
import { mostAtOnce, tooClose } from "./limits-kit.ts";

t.setTimeout(150_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const maxCps = 3;
const maxChannels = 5;

t.test("two servers on one trunk: its calls per second and its channels are those of both together", async (t) => {
  const lab = await openLab(t, seed, 0.2);
  const folder = openFolder(t);
  const numbers = Array.from({ length: 40 }, (_, at) => `+1212555${String(600 + at).padStart(4, "0")}`);
  const personas = ["busy", "listener", "no-answer"];
  await lab.assign(Object.fromEntries(numbers.map((number, at) => [number, personas[at % 8 === 0 ? 2 : at % 2] ?? "busy"])));
  const campaign = await openCampaign(t, lab, { folder, node: "first" }, scripts.notice, numbers, { maxCps: 50, maxLines: 50 });
  const settings = JSON.parse(readFileSync(campaign.config, "utf8"));
  const trunks = [{ ...settings.trunks[0], maxCps, maxChannels }];
  writeFileSync(campaign.config, JSON.stringify({ ...settings, trunks }));
  const second = join(folder, "second.yaml");
  const dataDir = join(folder, "second");
  writeFileSync(second, JSON.stringify({ ...settings, trunks, node: { name: "second" }, database: { ...settings.database, dataDir } }));
  const servers = [];
  for (const config of [campaign.config, second]) servers.push(startServe(t, config, await portForAnother()));
  await Promise.all(servers.map((server) => server.ready()));
  await campaign.start();
  await until(async () => (await campaign.state()) === "finished", "the campaign to end", 120_000);

  const books = await lab.books();
  t.equal(books.length, numbers.length, `everybody once (seed ${seed})`);
  const { rows } = await campaign.admin.query("select node, count(*)::int as calls from attempt group by node order by node");
  t.equal(rows.length, 2, `both of them call (seed ${seed})`);
  t.same(tooClose(books, maxCps), [], `never more than ${maxCps} INVITEs a second (seed ${seed})`);
  const most = mostAtOnce(books);
  t.ok(most <= maxChannels, `${most} channels (seed ${seed})`);
  t.equal(most, maxChannels, "and all of them were used");
  const starts = books.map(({ invitedAtMs }) => invitedAtMs);
  const spanS = (Math.max(...starts) - Math.min(...starts)) / 1000;
  t.comment(`${numbers.length} calls in ${spanS} s; ${JSON.stringify(rows)}`);
});
