import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, percentile, table } from "./gates.ts";
import { type Side, type SmsReport, startSide } from "./sms/protocol.ts";

const seed = 20_261_122;
const windows = [10, 50, 100];
const warmUpMessages = 2000;
/** Some three seconds of ours: of a second's run a fifth is its beginning and its end, and none of a campaign. */
const usualMessages = 40_000;
/** The machine is not the same from one minute to the next: the two sides take turns. */
const usualRounds = 3;

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly databaseUs: number;
  readonly storedP99Ms: number;
  readonly failed: number;
}

/** `npm run bench -- sms`: issue 6, "Must show". `--messages N` and `--rounds N` make it shorter or longer. */
export const bench: Bench = async (say, args = []) => {
  const messages = numberAfter(args, "--messages") ?? usualMessages;
  const rounds = numberAfter(args, "--rounds") ?? usualRounds;
  const dir = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  // Run by root, the database is another user's and must find its way.
  await chmod(dir, 0o711);
  const closing: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const start = async (program: string, ...more: string[]) => {
    const started = await startSide(program, ...more);
    closing.unshift(() => started.side.close());
    return started;
  };
  try {
    const { hello: port } = await start("./smsc.ts", String(seed));
    const { side: bare } = await start("./bare.ts", String(port));
    const { side: carillon } = await start("./product.ts", String(port), dir);
    for (const side of [bare, carillon]) await side.run({ messages: warmUpMessages, window: 50 });
    const runs = await takeTurns({ bare, carillon }, messages, rounds, say);
    return conclude(runs, messages, rounds, say);
  } finally {
    for (const close of closing) await close();
  }
};

type Runs = ReadonlyMap<number, { readonly bare: readonly Figures[]; readonly carillon: readonly Figures[] }>;

async function takeTurns(sides: { bare: Side; carillon: Side }, messages: number, rounds: number, say: (text: string) => void): Promise<Runs> {
  const runs = new Map(windows.map((window) => [window, { bare: [] as Figures[], carillon: [] as Figures[] }]));
  for (let round = 1; round <= rounds; round += 1)
    for (const [window, { bare, carillon }] of runs) {
      bare.push(figures(await sides.bare.run({ messages, window }), messages));
      carillon.push(figures(await sides.carillon.run({ messages, window }), messages));
      say(
        `round ${round}, window ${window}: bare ${Math.round(bare.at(-1)?.perSecond ?? 0)}/s, Carillon ${Math.round(carillon.at(-1)?.perSecond ?? 0)}/s`,
      );
    }
  return runs;
}

function figures({ elapsedMs, cpuMs, databaseCpuMs, storedMs, failed }: SmsReport, messages: number): Figures {
  const each = (ms: number) => (ms * 1000) / messages;
  return {
    perSecond: (messages * 1000) / elapsedMs,
    cpuUs: each(cpuMs),
    databaseUs: each(databaseCpuMs),
    storedP99Ms: percentile(storedMs, 0.99),
    failed,
  };
}

function conclude(runs: Runs, messages: number, rounds: number, say: (text: string) => void): readonly Gate[] {
  const of = (window: number, side: "bare" | "carillon", figure: keyof Figures) => median(runs.get(window)?.[side].map((run) => run[figure]) ?? []);
  const ratio = (window: number, figure: keyof Figures) =>
    median(runs.get(window)?.carillon.map((run, round) => run[figure] / (runs.get(window)?.bare[round]?.[figure] ?? Number.NaN)) ?? []);
  const failed = [...runs.values()].flatMap(({ bare, carillon }) => [...bare, ...carillon]).reduce((sum, run) => sum + run.failed, 0);
  say("");
  say(
    table([
      [`medians of ${rounds} rounds, ${messages} messages with reports`, ...windows.map((window) => `window ${window}`)],
      ["bare client, messages/s", ...windows.map((window) => of(window, "bare", "perSecond"))],
      ["Carillon, messages/s", ...windows.map((window) => of(window, "carillon", "perSecond"))],
      ["ratio", ...windows.map((window) => ratio(window, "perSecond"))],
      ["bare client, CPU µs per message", ...windows.map((window) => of(window, "bare", "cpuUs"))],
      ["Carillon, CPU µs per message", ...windows.map((window) => of(window, "carillon", "cpuUs"))],
      ["ratio", ...windows.map((window) => ratio(window, "cpuUs"))],
      ["its PostgreSQL besides, CPU µs per message", ...windows.map((window) => of(window, "carillon", "databaseUs"))],
      ["report to result stored, p99 ms", ...windows.map((window) => of(window, "carillon", "storedP99Ms"))],
    ]),
  );
  return [
    ...windows.map((window) => gate(`messages/s ÷ bare client, window ${window}`, ratio(window, "perSecond"), ">=", 0.5)),
    ...windows.map((window) => gate(`CPU per message ÷ bare client, window ${window}`, ratio(window, "cpuUs"), "<=", 2)),
    gate("window 10 ÷ window 100", of(10, "carillon", "perSecond") / of(100, "carillon", "perSecond"), ">=", 0.5),
    gate("messages without a delivered result", failed, "<=", 0),
  ];
}

function numberAfter(args: readonly string[], option: string): number | undefined {
  const at = args.indexOf(option);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${option} wants a whole number from 1 on`);
  return value;
}
