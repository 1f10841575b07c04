import { openLab } from "../harness/lab-process.ts";
import { runPromises } from "../harness/messaging-promises.ts";
import { openOwnDatabase } from "../harness/own-database.ts";
import type { Bench } from "./bench.ts";
import { gate, table } from "./gates.ts";

const seed = Number(process.env["BENCH_SEED"] ?? 20_261_122);

/** `--messages N`: other than 100,000. */
function messagesOf(args: readonly string[]): number {
  const at = args.indexOf("--messages");
  const messages = at < 0 ? 100_000 : Number(args[at + 1]);
  if (!Number.isInteger(messages) || messages < 100) throw new RangeError("--messages wants a whole number from 100 on");
  return messages;
}

/** What is promised about messages, kept while server and SMSC are killed. */
export const bench: Bench = async (say, args = []) => {
  const messages = messagesOf(args);
  const teardowns: (() => unknown)[] = [];
  const t = { teardown: (fn: () => unknown) => void teardowns.unshift(fn) };
  say(`${messages} messages by SMS, the server killed 5 times and the SMSC 3 times; seed ${seed}`);
  try {
    const database = await openOwnDatabase(t);
    const lab = await openLab(t, seed, 1);
    const report = await runPromises(t, { lab, database, seed, messages, serverKills: 5, smscKills: 3, say });
    for (const [what, lines] of Object.entries({ twice: report.twice, disagreements: report.disagreements, left: report.left }))
      for (const line of lines.slice(0, 20)) say(`${what}: ${line}`);
    say(
      table([
        ["", "count"],
        ["attempts", report.attempts],
        ["taken by the SMSC", report.taken],
        ["opt-outs", report.optOuts],
        ["of which nobody knows", report.unknown],
      ]),
    );
    return [
      gate("messages submitted twice for one attempt", report.twice.length, "<=", 0),
      gate("opt-outs lost", report.lostOptOuts.length, "<=", 0),
      gate("opt-outs seen", report.optOuts, ">=", messages / 100),
      gate("attempts that the SMSC's books contradict", report.disagreements.length, "<=", 0),
      gate("contacts and attempts left over", report.left.length, "<=", 0),
      gate("reports that were never taken", report.owed, "<=", 0),
      gate("messages of which nobody knows, of what was on its way at the faults", report.unknown, "<=", report.mostUnknown),
      gate("exit code of the server", Number(report.endedWith), "<=", 0),
    ];
  } finally {
    for (const teardown of teardowns) await teardown();
  }
};
