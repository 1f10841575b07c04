import type { RecordingPlace } from "../../src/adapter/freeswitch/recording.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { type Log, silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { type LabOptions, startLab } from "../../src/lab/lab.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { openTelephony } from "../../src/start/telephony.ts";
import type { Trunk } from "../../src/voice/trunk.ts";

export const labSecret = "lab-secret";
export const labPassword = "lab-password";
const host = "127.0.0.1";

export type FarSideOptions = Pick<LabOptions, "personas" | "pace" | "maxSessions" | "sessionsPerSecond" | "heartbeatMs" | "goodbyeFile"> & {
  readonly seed: number;
  /** How much faster than life everything goes, the media too. Only where nothing else takes part: the database's clock and other processes do not follow. */
  readonly speed?: number;
  /** Another clock than the one that waits for this process. */
  readonly clock?: Clock;
};

/**
 * The whole far side in this process: drachtio, FreeSWITCH and the called parties, who act five times as fast as life. Unless a clock is given, it goes by a
 * time that waits while the process is held up; whatever else takes part in its calls has to go by `clock`, too.
 */
export async function openFarSide({ seed, pace = 0.2, speed = 1, clock: given, ...options }: FarSideOptions) {
  const time = given ? undefined : new PatientTime();
  const clock = given ?? time?.clock(systemClock.now(), speed) ?? systemClock;
  const lab = await startLab({
    ...options,
    ...(time && { ticker: new Ticker(time.beat(speed)) }),
    pace,
    clock,
    random: seededRandom(seed),
    host,
    secret: labSecret,
    password: labPassword,
    t1Ms: 100,
  });
  const { drachtio, freeswitch, carrier } = lab;
  const trunk: Trunk = {
    name: "lab",
    host,
    port: carrier.sipPort,
    transport: "udp",
    username: "carillon",
    password: "secret",
    maxCps: 1000,
    maxChannels: 1000,
    callerIdPrefixes: [],
    destinationPrefixes: [],
    numberFormat: "e164",
  };
  return {
    drachtio,
    freeswitch,
    carrier,
    trunk,
    clock,
    /** The beat of `clock`, for the media of another part of the lab. */
    newTicker: () => new Ticker(time?.beat(speed)),
    /** What is still up anywhere over there; empty when everything was released. */
    leaks(): readonly string[] {
      const found: string[] = [];
      const { dialogs, invites } = drachtio.counts;
      if (dialogs + invites > 0) found.push(`drachtio: ${dialogs} dialogs, ${invites} INVITEs`);
      const { channels, tasks } = freeswitch.open;
      if (channels + tasks > 0) found.push(`FreeSWITCH: ${channels} channels, ${tasks} scheduled tasks`);
      if (carrier.books.legsUp().length > 0) found.push(`carrier: ${JSON.stringify(carrier.books.legsUp())}`);
      if (freeswitch.unknownCommands.length > 0) found.push(`FreeSWITCH does not know: ${freeswitch.unknownCommands.join(" | ")}`);
      return found;
    },
    async close(): Promise<void> {
      await lab.close();
      time?.close();
    },
  };
}

export type FarSide = Awaited<ReturnType<typeof openFarSide>>;

/** Our adapters, connected to a far side as `carillon serve` does. */
export function openNearSide(
  far: FarSide,
  {
    node = "test-node",
    log = silentLog,
    adminPort = far.drachtio.adminPort,
    recordings,
    clock = far.clock,
    mediaServers = [{ name: "fs-1", port: far.freeswitch.eslPort }],
    drachtioServers = [],
  }: {
    node?: string;
    log?: Log;
    adminPort?: number;
    recordings?: RecordingPlace;
    clock?: Clock;
    /** Other FreeSWITCH servers than the far side's own. */
    mediaServers?: readonly { readonly name: string; readonly port: number; readonly maxSessions?: number }[];
    /** Further drachtio-servers beside the far side's own, which is called drachtio-1 then. */
    drachtioServers?: readonly { readonly name: string; readonly port: number }[];
  } = {},
) {
  const freeswitch = mediaServers.map(({ name, port, maxSessions = 1000 }) => ({
    name,
    address: host,
    port,
    password: labPassword,
    listenAddress: host,
    listenPort: 0,
    maxSessions,
    ...(recordings && { recordings }),
  }));
  const drachtio = { host, port: adminPort, secret: labSecret };
  return openTelephony(
    { drachtio, drachtioServers: drachtioServers.map((one) => ({ ...drachtio, ...one })), freeswitch, node: { name: node } },
    clock,
    log,
  );
}

const lookMs = 5;
/** The longest pause between two looks: a moment that passes must not be missed. */
const longestPauseMs = 25;
/** How much longer a pause may have taken of the machine's time than it should: a process that is held up has not waited. */
const mostHeldUp = 4;

/**
 * Resolves as soon as `ready` holds; looked at every few milliseconds, for ends that no event announces. A look that asks a database or a server pauses longer, so
 * that looking takes no more than a fifth of the time: the machine has the work to do that is waited for.
 */
export async function until(ready: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  let waitedMs = 0;
  for (;;) {
    const askedAtMs = performance.now();
    if (await ready()) return;
    const answeredAtMs = performance.now();
    if (waitedMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    const pauseMs = Math.min(longestPauseMs, Math.max(lookMs, 4 * (answeredAtMs - askedAtMs)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    waitedMs += answeredAtMs - askedAtMs + Math.min(mostHeldUp * pauseMs, performance.now() - answeredAtMs);
  }
}

/** The same for what a promise announces: whoever waits for one that never comes is told what for, and not at the end of the file that nothing came. */
export async function inTime<T>(coming: Promise<T> | T, what: string, timeoutMs = 30_000): Promise<T> {
  let come = false;
  const arrived = Promise.resolve(coming).finally(() => {
    come = true;
  });
  await Promise.race([arrived, until(() => come, what, timeoutMs)]);
  return await arrived;
}
