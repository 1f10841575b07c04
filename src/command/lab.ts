import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import { systemRandom } from "../adapter/system/random.ts";
import { Fault } from "../kernel/fault.ts";
import { intBetween, seededRandom } from "../kernel/random.ts";
import { runLab } from "../lab/lab.ts";
import { type LabServerOrder, labConfigText, startServers } from "./lab-fleet.ts";
import { leaveParent } from "./supervise.ts";
import { describeFault } from "./terminal.ts";

/** Numbers that the example scripts transfer to. */
export const transferTargets = ["+15550100300", "+15550100301", "+15550100310"];

/** As in sip-config/drachtio.conf.xml. */
const defaultCapturePort = 9060;

export interface LabCommandOptions {
  readonly host: string;
  readonly adminPort: number;
  readonly sipPort: number;
  readonly sipTlsPort: number;
  readonly eslPort: number;
  readonly carrierPort: number;
  readonly carrierTlsPort: number;
  readonly phonesPort: number;
  readonly mailPort: number;
  readonly smscPort: number;
  readonly controlPort: number;
  readonly anyPort?: boolean;
  readonly capturePort?: number;
  readonly secret: string;
  readonly password: string;
  readonly pace: number;
  readonly seed?: number;
  readonly discardAudio?: boolean;
  /** Agents' telephones. */
  readonly phones: number;
  /** How many servers of the kind. */
  readonly drachtio: number;
  readonly freeswitch: number;
}

/** `carillon lab`: the far side as a process of its own, until SIGTERM or Ctrl-C. @returns the exit code */
export async function lab(options: LabCommandOptions): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  // Started by another program, the lab must not outlive it.
  if (process.send) process.once("disconnect", () => stop.abort());
  const seed = options.seed ?? intBetween(systemRandom, 1, 1_000_000);
  console.log(`lab: seed ${seed}`);
  const { anyPort, adminPort, sipPort, sipTlsPort, eslPort, carrierPort, carrierTlsPort, phonesPort, mailPort, smscPort, controlPort } = options;
  const capturePort = options.capturePort ?? (anyPort ? undefined : defaultCapturePort);
  const sipPorts = { drachtioSip: sipPort, drachtioTls: sipTlsPort, carrierSip: carrierPort, carrierTls: carrierTlsPort, phonesSip: phonesPort };
  const { host, secret, password } = options;
  const beside = (kind: LabServerOrder["kind"], name: string, count: number, port: number, word: string) =>
    Array.from({ length: count - 1 }, (_, at): LabServerOrder => {
      const number = at + 2;
      return { kind, name: `${name}-${number}`, host, port: anyPort ? 0 : port + at + 1, secret: word, seed: seed + number };
    });
  const more = await startServers(
    [...beside("drachtio", "drachtio", options.drachtio, adminPort, secret), ...beside("freeswitch", "fs", options.freeswitch, eslPort, password)],
    ({ name, pid }) => {
      // Ctrl-C reaches all of them.
      if (!stop.signal.aborted) console.log(`# ${name} (process ${pid}) has ended; kill -USR2 ${process.pid} starts it again`);
    },
  );
  const revive = () =>
    more.again().then(
      (servers) => {
        for (const { name, pid } of servers) console.log(`# ${name} is there again: process ${pid}`);
      },
      (error: unknown) => console.error(describeFault(error)),
    );
  process.on("SIGUSR2", revive);
  const running = runLab({
    clock: systemClock,
    random: seededRandom(seed),
    log: openLog("warn"),
    host,
    ports: {
      ...(!anyPort && { drachtioAdmin: adminPort, ...sipPorts, freeswitchEsl: eslPort, mail: mailPort, smsc: smscPort, control: controlPort }),
      ...(capturePort !== undefined && { capture: capturePort }),
    },
    secret,
    password,
    pace: options.pace,
    // Who takes the transfers of the example scripts; anybody else there might never hang up.
    personas: { seed, numbers: Object.fromEntries(transferTargets.map((number) => [number, "clerk" as const])) },
    keepAudio: !options.discardAudio,
    phones: options.phones,
    print: (line) => {
      console.log(line);
      if (!line.startsWith("{")) return;
      const message = JSON.parse(line);
      process.send?.(message);
      if (message.lab === "ready") console.log(labConfigText({ addresses: message.addresses, more: more.servers, secret, password, capturePort }));
    },
    until: stop.signal,
  });
  try {
    await running;
  } catch (error) {
    throw withAdvice(error, options);
  } finally {
    more.close();
    process.off("SIGUSR2", revive);
  }
  leaveParent();
  return 0;
}

/** What to do about a port that is taken: the option that gives another one. */
function withAdvice(error: unknown, options: LabCommandOptions): unknown {
  if (!(error instanceof Fault) || error.code !== "port-unavailable") return error;
  const { port } = error.detail;
  const name = (
    ["adminPort", "sipPort", "sipTlsPort", "eslPort", "carrierPort", "carrierTlsPort", "phonesPort", "mailPort", "smscPort", "controlPort"] as const
  ).find((each) => options[each] === port);
  const flag = name === undefined ? "--host" : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new Fault(error.code, `${error.message}. Give it another one with ${flag}, or take free ports with --any-port.`, { cause: error });
}
