import { once } from "node:events";
import { createServer, type Server } from "node:net";
import root, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import type { FreeswitchServerOptions } from "../../src/adapter/freeswitch/server.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { type Log, silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";

export const host = "127.0.0.1";
const password = "adapter";
const secret = "adapter";
export const seed = Number(process.env["TEST_SEED"] ?? 4711);

const time = new PatientTime();
root.teardown(() => time.close());

/** Ten times as fast as life, for what takes our adapters a long while to give up on, but never while this process is held up. */
export const quickClock = time.clock(systemClock.now(), 10);

export const server = (port: number, more: Partial<FreeswitchServerOptions> = {}): FreeswitchServerOptions => ({
  name: "fs-1",
  address: host,
  port,
  password,
  listenAddress: host,
  listenPort: 0,
  maxSessions: 20,
  ...more,
});

interface MediaOptions {
  readonly node?: string;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** A drachtio-server, and any number of FreeSWITCH and of our ends of them, all gone with the test. */
export async function openMediaKit(t: Test) {
  const random = seededRandom(seed);
  const common = { clock: systemClock, log: silentLog, host, random };
  const drachtio = new LabDrachtio({ ...common, adminPort: 0, sipPort: 0, secret });
  await drachtio.listen();
  const connection = await connectDrachtio({ host, port: drachtio.adminPort, secret }, systemClock, silentLog);
  t.teardown(async () => {
    connection.close();
    await drachtio.close();
  });
  return {
    connection,
    drachtio,
    async newFreeswitch(t: Test, eslPort = 0): Promise<LabFreeswitch> {
      const freeswitch = new LabFreeswitch({ ...common, eslPort, sipPort: 0, password });
      await freeswitch.listen();
      t.teardown(() => freeswitch.close());
      return freeswitch;
    },
    newMedia(t: Test, servers: readonly FreeswitchServerOptions[], { node = "adapter", clock = quickClock, log = silentLog }: MediaOptions = {}) {
      const media = new FreeswitchMedia(servers, connection.srf, node, clock, log);
      t.teardown(() => media.close());
      return media;
    },
  };
}

/** A log whose lines a test can read. */
export function openBook() {
  const lines: string[] = [];
  const note = (_fields: unknown, message: string) => lines.push(message);
  const log: Log = { debug() {}, info: note, warn: note, error: note, child: () => log };
  return { log, lines };
}

export async function occupy(t: Test): Promise<Server> {
  const occupant = createServer();
  occupant.listen(0, host);
  await once(occupant, "listening");
  t.teardown(() => occupant.close());
  return occupant;
}
