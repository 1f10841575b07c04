import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Config } from "../config/schema.ts";
import { configFor } from "./context.ts";
import type { ServeOptions } from "./serve-worker.ts";
import { leaveParent, reportPresence, startFailed, supervise } from "./supervise.ts";
import { describeFault } from "./terminal.ts";

/**
 * `carillon serve`: a supervisor around a worker. Only the worker loads the server, so that it starts at once and its supervisor stays small.
 * @returns the exit code
 */
export async function serve(options: ServeOptions): Promise<number> {
  if (options.worker) {
    // Before the server is loaded: on a busy machine that takes a while, and who says nothing is taken for stuck.
    const presence = reportPresence(systemClock);
    try {
      return await (await import("./serve-worker.ts")).work(options);
    } finally {
      presence.cancel();
      leaveParent();
    }
  }
  let config: Config;
  try {
    config = configFor(options, "serve");
  } catch (error) {
    process.stderr.write(`${describeFault(error)}\n`);
    return startFailed;
  }
  const log = openLog(config.log.level).child({ process: "supervisor" });
  const modulePath = process.argv[1];
  if (modulePath === undefined) throw new Error("there is no program to start a worker with");
  const worker = [...process.argv.slice(2), "--worker"];
  return supervise({ modulePath, arguments: worker, successorArguments: ["--successor"], clock: systemClock, log });
}
