import { systemClock } from "../adapter/system/clock.ts";
import { consoleToLog } from "../adapter/system/console.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Log } from "../kernel/log.ts";
import { type Carillon, openCarillon } from "../main.ts";
import { type CommonOptions, configFor, configurationFile } from "./context.ts";
import { reportReady, startFailed, toldToStop } from "./supervise.ts";
import { describeFault, version } from "./terminal.ts";

export interface ServeOptions extends CommonOptions {
  /** Set by the supervisor: this is the worker. */
  readonly worker?: boolean;
  /** Set by the supervisor: a worker before this one had been well. */
  readonly successor?: boolean;
}

/** Exit code of a worker that must not go on and whose successor may (EX_TEMPFAIL of sysexits.h): it is started again. */
const leaseWasLost = 75;

/** The server itself, until it is told to stop. @returns the exit code */
export async function work(options: ServeOptions): Promise<number> {
  const config = configFor(options, "serve");
  const log = openLog(config.log.level);
  consoleToLog(log);
  const leaseLost = Promise.withResolvers<string>();
  const told = toldToStop().then((why) => ({ why, code: 0 }));
  const lost = leaseLost.promise.then((why) => ({ why, code: leaseWasLost }));
  let carillon: Carillon;
  try {
    const onLeaseLost = () => leaseLost.resolve("the node's lease is lost");
    const readConfig = () => configFor(options, "serve");
    const successor = options.successor ?? false;
    carillon = await openCarillon({
      config,
      clock: systemClock,
      log,
      version,
      successor,
      onLeaseLost,
      readConfig,
      configuration: configurationFile(options),
    });
  } catch (error) {
    process.stderr.write(`${describeFault(error)}\n`);
    return startFailed;
  }
  log.info({ api: carillon.url, version }, "carillon is ready");
  reportReady();
  // The supervisor passes it on.
  process.on("SIGHUP", () => void reload(carillon, log));
  const { why, code } = await Promise.race([told, lost]);
  log.info({ why }, "stopping: no new calls; who is on the line may finish");
  await carillon.close();
  return code;
}

async function reload(carillon: Carillon, log: Log): Promise<void> {
  try {
    await carillon.reload();
  } catch (error) {
    log.error({ fault: describeFault(error) }, "the configuration is not taken over; the server goes on with the one it has");
  }
}
