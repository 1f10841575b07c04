import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { openLog } from "../../src/adapter/system/log.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, table } from "./gates.ts";
import { type ImportRun, runOnce } from "./import/protocol.ts";
import { digitsOf, writeRows } from "./import/rows.ts";

const seed = 20_261_122;
const usualRows = 1_000_000;
/** The machine is not the same from one minute to the next: the two sides take turns. */
const usualRounds = 3;
/** Numbers that must not be contacted, of which every tenth stands on the list. */
const suppressions = 100_000;

/** `npm run bench -- import`: issue 7, "Must show". `--rows N` and `--rounds N` make it shorter or longer. */
export const bench: Bench = async (say, args = []) => {
  const rows = numberAfter(args, "--rows") ?? usualRows;
  const rounds = numberAfter(args, "--rounds") ?? usualRounds;
  const dir = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  // Run by root, the database is another user's and must find its way.
  await chmod(dir, 0o711);
  const file = join(dir, "list.csv");
  const usable = await writeRows(file, rows, seed);
  say(`${rows} rows × 12 columns, ${Math.round((await stat(file)).size / 1e6)} MB; ${usable} of them can be used`);
  const log = openLog("warn");
  const database = await startEmbedded({ dataDir: join(dir, "carillon"), log, clock: systemClock });
  try {
    await migrate(database.url);
    await suppress(database.url);
    const [bare, product]: [ImportRun[], ImportRun[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1) {
      bare.push(await runOnce("./copy.ts", [database.url, file]));
      product.push(await runOnce("./product.ts", [database.url, file, `list-${round}`]));
      say(`round ${round}: plain COPY ${perSecond(rows, bare.at(-1))}/s, import ${perSecond(rows, product.at(-1))}/s`);
    }
    return conclude({ bare, product }, rows, usable, say);
  } finally {
    await database.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function suppress(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const numbers = Array.from({ length: suppressions }, (_, index) => `+1${digitsOf(index * 10 + 3)}`);
    await client.query("insert into suppression (number, reason, source, created_at) select n, 'asked', 'import', now() from unnest($1::text[]) n", [
      numbers,
    ]);
    await client.query("vacuum analyze suppression");
  } finally {
    await client.end();
  }
}

function perSecond(rows: number, run: ImportRun | undefined): number {
  return run === undefined ? Number.NaN : Math.round((rows * 1000) / run.elapsedMs);
}

function conclude(
  runs: Record<"bare" | "product", readonly ImportRun[]>,
  rows: number,
  usable: number,
  say: (text: string) => void,
): readonly Gate[] {
  // Of either side all rows of the file count, those that are refused too: they must be read.
  const rate = ({ elapsedMs }: ImportRun) => (rows * 1000) / elapsedMs;
  const ratio = median(runs.product.map((run, round) => rate(run) / rate(runs.bare[round] ?? run)));
  const of = (side: "bare" | "product", figure: (run: ImportRun) => number) => median(runs[side].map(figure));
  const cpu = ({ cpuMs }: ImportRun) => (cpuMs * 1000) / rows;
  say("");
  say(
    table([
      [`medians of ${runs.bare.length} rounds, ${rows} rows`, "plain COPY", "import"],
      ["rows/s", Math.round(of("bare", rate)), Math.round(of("product", rate))],
      ["CPU of the process, µs per row", of("bare", cpu), of("product", cpu)],
      ["most memory resident, MB", of("bare", ({ peakMb }) => peakMb), of("product", ({ peakMb }) => peakMb)],
    ]),
  );
  const worst = Math.max(...runs.product.map(({ peakMb }) => peakMb));
  const missing = Math.max(...runs.product.map((run) => Math.abs(run.rows - usable)));
  return [
    gate("rows/s ÷ plain COPY", ratio, ">=", 0.15),
    gate("most memory resident, MB", worst, "<=", 300),
    gate("usable rows that did not go in, or others that did", missing, "<=", 0),
  ];
}

function numberAfter(args: readonly string[], option: string): number | undefined {
  const at = args.indexOf(option);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${option} wants a whole number from 1 on`);
  return value;
}
