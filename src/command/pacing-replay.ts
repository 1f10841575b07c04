import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { Replay, type ReplayDifference } from "../voice/pacing/replay.ts";
import { tableText } from "./table.ts";

/**
 * `carillon pacing replay FILE`: makes each choice of a pacing log again, and stops at the first that is another one.
 * @returns the exit code: 1 when a choice differs
 * @throws Fault with one line for a file that cannot be used
 */
export async function replayPacing(file: string): Promise<number> {
  const replay = new Replay();
  const input = createReadStream(file, "utf8");
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const difference = replay.next(line);
      if (!difference) continue;
      console.log(describe(file, difference));
      return 1;
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Fault("pacing-log", `${file}: ${error.message}`, { cause: error });
    throw new Fault("file-unreadable", `${file} cannot be read: ${fileTrouble(error)}`, { cause: error });
  } finally {
    input.destroy();
  }
  if (replay.choices === 0) throw new Fault("pacing-log", `${file}: there are no choices in it`);
  console.log(`${file}: ${replay.choices} choices after ${replay.events} events, all the same`);
  return 0;
}

/** What was logged beside what is chosen now, the fields that differ marked. */
function describe(file: string, { line, facts, logged, replayed }: ReplayDifference): string {
  const [then, now] = [logged, replayed].map((choice) => new Map(Object.entries(choice)));
  const names = [...new Set([...(then?.keys() ?? []), ...(now?.keys() ?? [])])];
  const cell = (value: unknown) => (value === undefined ? "-" : JSON.stringify(value));
  const rows = names.map((name) => {
    const [a, b] = [cell(then?.get(name)), cell(now?.get(name))];
    return [name, a, b, a === b ? "" : "<"];
  });
  return [`${file}: line ${line} is another choice now (at ${facts.atMs} ms)`, tableText(["", "logged", "replayed", ""], rows)].join("\n");
}
