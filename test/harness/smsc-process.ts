import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DeliverEntry, type SubmitEntry, wholeLines } from "../../src/lab/smsc/sms-books.ts";
import { portForAnother } from "./ports.ts";
import type { Teardown } from "./serve-process.ts";
import type { SmscOrder } from "./smsc-program.ts";

/** What an SMSC wrote down in all its lives. */
export interface SmscBooks {
  readonly submits: readonly SubmitEntry[];
  readonly delivers: readonly DeliverEntry[];
}

export interface SmscProcess {
  readonly port: number;
  /** Kills it without a word and starts it anew on the same port, with what it had written down. */
  killAndRestart(): Promise<void>;
  /** As they stand on disk now. */
  books(): SmscBooks;
}

/** The lab's SMSC as a process of its own, ended with the test. */
export async function startSmsc(t: Teardown, folder: string, order: Pick<SmscOrder, "seed" | "mix" | "pace">): Promise<SmscProcess> {
  const booksFile = join(folder, "smsc-books.ndjson");
  let lives = 0;
  let child: ChildProcess | undefined;
  const start = async (port: number): Promise<void> => {
    const argument = JSON.stringify({ ...order, port, seed: order.seed + lives, booksFile } satisfies SmscOrder);
    lives += 1;
    const life = fork(new URL("smsc-program.ts", import.meta.url), [argument], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child = life;
    await new Promise<void>((resolve, reject) => {
      life.once("exit", (code, signal) => reject(new Error(`the SMSC ended (${code ?? signal})`)));
      life.once("message", () => resolve());
    });
  };
  const kill = async () => {
    const life = child;
    if (!life || life.exitCode !== null || life.signalCode !== null) return;
    const gone = new Promise((resolve) => life.once("exit", resolve));
    life.kill("SIGKILL");
    await gone;
  };
  t.teardown(kill);
  // Of those that nobody is given while it is dead.
  const port = await portForAnother();
  await start(port);
  return {
    port,
    async killAndRestart() {
      await kill();
      await start(port);
    },
    books() {
      const lines = wholeLines(readFileSync(booksFile, "utf8")).split("\n").filter(Boolean);
      const entries = lines.map((line) => JSON.parse(line) as { readonly submit?: SubmitEntry; readonly deliver?: DeliverEntry });
      return { submits: entries.flatMap(({ submit }) => submit ?? []), delivers: entries.flatMap(({ deliver }) => deliver ?? []) };
    },
  };
}
