import { openOwnDatabase } from "../harness/own-database.ts";
import { openProperty } from "../property/run.ts";
import { runAll } from "../property/run-all.ts";
import type { Bench } from "./bench.ts";
import { gate, table } from "./gates.ts";

const usualRuns = 1000;

/** `npm run bench -- promises`: random campaigns in virtual time on a real database, half of them with strategies, judged by the far side's books. `--runs N`; BENCH_SEED. */
export const bench: Bench = async (say, args = []) => {
  const at = args.indexOf("--runs");
  const runs = at < 0 ? usualRuns : Number(args[at + 1]);
  const seed = Number(process.env["BENCH_SEED"] ?? Date.now() % 1_000_000);
  say(`${runs} runs; seed ${seed} and those after it`);
  const teardowns: (() => unknown)[] = [];
  try {
    const t = { teardown: (fn: () => unknown) => void teardowns.unshift(fn) };
    const property = await openProperty(t, await openOwnDatabase(t), 100, true);
    const report = await runAll(property, seed, runs, (run) => run % 50 === 0 && say(`${run} runs`));
    for (const violation of report.violations.slice(0, 50)) say(violation);
    say(
      table([
        ["", "count"],
        ["campaigns", report.campaigns],
        ["of which came to their end", report.finished],
        ["contacts", report.contacts],
        ["calls and messages that went out", report.contacted],
        ["refusals held against the books", report.refusals],
        ["opt-outs", report.optOuts],
        ["crashes of nodes", report.crashes],
      ]),
    );
    return [
      gate("promises broken", report.violations.length, "<=", 0),
      gate("runs", runs, ">=", usualRuns),
      gate("contacts", report.contacts, ">=", 100 * usualRuns),
    ];
  } finally {
    for (const teardown of teardowns) await teardown();
  }
};
