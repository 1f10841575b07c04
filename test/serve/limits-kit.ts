import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";

export interface SharedLimits {
  readonly seed: number;
  readonly calls: number;
  /** Of the campaign. */
  readonly maxCps: number;
  readonly maxLines: number;
  /** Limits of the trunk, when they are to be other ones than the lab's. */
  readonly trunk?: { readonly maxCps: number; readonly maxChannels: number };
}

/** Two servers take one campaign from its start to its end: to people who are busy, or listen, and every eighth is not there. */
export async function callOnTwoServers(t: Test, { seed, calls, maxCps, maxLines, trunk }: SharedLimits) {
  const lab = await openLab(t, seed, 0.2);
  const folder = openFolder(t);
  const numbers = Array.from({ length: calls }, (_, at) => `+1212555${String(300 + at).padStart(4, "0")}`);
  const personas = ["busy", "listener", "no-answer"];
  await lab.assign(Object.fromEntries(numbers.map((number, at) => [number, personas[at % 8 === 0 ? 2 : at % 2] ?? "busy"])));
  const limits = { maxCps, maxLines, ringTimeoutMs: 8000 };
  const campaign = await openCampaign(t, lab, { folder, node: "first" }, scripts.notice, numbers, limits);
  const settings = JSON.parse(readFileSync(campaign.config, "utf8"));
  const trunks = [{ ...settings.trunks[0], ...trunk }];
  const second = join(folder, "second.yaml");
  const database = { ...settings.database, dataDir: join(folder, "second") };
  writeFileSync(campaign.config, JSON.stringify({ ...settings, trunks }));
  writeFileSync(second, JSON.stringify({ ...settings, trunks, node: { name: "second" }, database }));
  const servers = [];
  for (const config of [campaign.config, second]) servers.push(startServe(t, config, await portForAnother()));
  await Promise.all(servers.map((server) => server.ready()));
  await campaign.start();
  await until(async () => (await campaign.state()) === "finished", "the campaign to end", 120_000);
  const books = await lab.books();
  t.equal(books.length, calls, `one call each (seed ${seed})`);
  t.equal(new Set(books.map(({ called }) => called)).size, calls, `everybody once (seed ${seed})`);
  const { rows } = await campaign.admin.query<{ node: string; calls: number }>(
    "select node, count(*)::int as calls from attempt group by node order by node",
  );
  t.equal(rows.length, 2, `both of them call (seed ${seed})`);
  const starts = books.map(({ invitedAtMs }) => invitedAtMs);
  const spanS = (Math.max(...starts) - Math.min(...starts)) / 1000;
  t.comment(`${calls} calls in ${spanS} s, at most ${mostAtOnce(books)} at once; ${JSON.stringify(rows)}`);
  return { books, nodes: rows };
}

/** The lab shares a busy machine with two servers and the test: it may look at a call so much later than at the next. */
const jitterMs = 1000;

/** The most calls that were at the carrier at once, by its own clock. */
export function mostAtOnce(books: readonly CallSummary[]): number {
  const changes = books.flatMap(({ invitedAtMs, endedAtMs }) => [
    { at: invitedAtMs, by: 1 },
    { at: endedAtMs ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  let up = 0;
  return Math.max(...changes.sort((a, b) => a.at - b.at || a.by - b.by).map(({ by }) => (up += by)));
}

/**
 * Stretches with more calls than the limit allows, over every length: calls that came late for a moment do not make a rate, and two servers that
 * each kept the limit alone would.
 */
export function tooClose(books: readonly CallSummary[], maxCps: number): readonly string[] {
  const starts = books.map(({ invitedAtMs }) => invitedAtMs).sort((a, b) => a - b);
  return starts.flatMap((at, later) =>
    starts.slice(0, later).flatMap((before, earlier) => {
      const calls = later - earlier;
      return at - before < (calls * 1000) / maxCps - jitterMs ? [`${calls + 1} calls in ${at - before} ms`] : [];
    }),
  );
}
