import { type ChildProcess, fork } from "node:child_process";
import { on } from "node:events";
import type { RecordingPlace } from "../../src/adapter/freeswitch/recording.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { PromptFile } from "../../src/ivr/ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { realAddress } from "./real-address.ts";

/* The daemons that the contract of Media runs against: the lab's, or real ones named in the environment. */

const host = "127.0.0.1";

export interface FarAddresses {
  readonly drachtio: { readonly host: string; readonly port: number; readonly secret: string };
  readonly freeswitch: { readonly name: string; readonly address: string; readonly port: number; readonly password: string };
}

export interface MediaFar {
  readonly addresses: FarAddresses;
  /** Where its drachtio takes SIP; the real one's is CARILLON_TEST_DRACHTIO_SIP, 5060 when that is not set. */
  readonly sipPort: number;
  /** What whoever deals with it has to go by: over the lab a time that waits for this process. */
  readonly clock: Clock;
  /** The beat of `clock`, for the media of telephones. */
  newTicker(): Ticker;
  /** What was left over there at the end and what it did not understand; empty when it cannot be asked. */
  leaks(): readonly string[];
  close(): Promise<void>;
}

export async function labFar(seed: number): Promise<MediaFar> {
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const newTicker = () => new Ticker(time.beat());
  const common = { clock, log: silentLog, host };
  const drachtio = new LabDrachtio({ ...common, random: seededRandom(seed), adminPort: 0, sipPort: 0, secret: "contract" });
  const own = { ...common, random: seededRandom(seed + 1), ticker: newTicker() };
  const freeswitch = new LabFreeswitch({ ...own, eslPort: 0, sipPort: 0, password: "contract" });
  await Promise.all([drachtio.listen(), freeswitch.listen()]);
  return {
    addresses: {
      drachtio: { host, port: drachtio.adminPort, secret: "contract" },
      freeswitch: { name: "fs-1", address: host, port: freeswitch.eslPort, password: "contract" },
    },
    sipPort: drachtio.sipPort,
    ...{ clock, newTicker },
    leaks() {
      const { channels, tasks } = freeswitch.open;
      const found = freeswitch.unknownCommands.map((command) => `unknown to the lab: ${command}`);
      return channels + tasks === 0 ? found : [...found, `${channels} channels, ${tasks} scheduled tasks`];
    },
    async close() {
      await Promise.all([drachtio.close(), freeswitch.close()]);
      time.close();
    },
  };
}

/** The real ones, when both CARILLON_TEST_FREESWITCH=host:port:password and CARILLON_TEST_DRACHTIO=host:port:secret are set. */
export function realFar(environment: Readonly<Record<string, string | undefined>>): MediaFar | undefined {
  const freeswitch = realAddress("CARILLON_TEST_FREESWITCH", environment);
  const drachtio = realAddress("CARILLON_TEST_DRACHTIO", environment);
  if (!freeswitch || !drachtio) return undefined;
  return {
    addresses: {
      drachtio,
      freeswitch: { name: "fs-1", address: freeswitch.host, port: freeswitch.port, password: freeswitch.secret },
    },
    sipPort: Number(environment["CARILLON_TEST_DRACHTIO_SIP"] ?? 5060),
    clock: systemClock,
    newTicker: () => new Ticker(),
    leaks: () => [],
    async close() {},
  };
}

export interface MediaProcessOrder {
  readonly far: FarAddresses;
  readonly node: string;
  /** One endpoint is opened and attached for each. */
  readonly remotes: readonly string[];
  readonly prompt: PromptFile;
  readonly act: "play" | "bridge" | "record";
  /** For `record`. */
  readonly recordings?: RecordingPlace;
}

export interface MediaProcessReply {
  readonly endpoints?: readonly { readonly id: string; readonly localSdp: string }[];
  readonly failed?: string;
}

/** Starts a process with endpoints of its own. */
export function startMediaProcess(order: MediaProcessOrder) {
  const child: ChildProcess = fork(new URL("./media-process.ts", import.meta.url), { stdio: "inherit" });
  child.send(order);
  const replies = on(child, "message");
  return {
    /** The next thing it says. */
    async reply(): Promise<MediaProcessReply> {
      const { value } = await replies.next();
      const [message] = value as [MediaProcessReply];
      if (message.failed) throw new Error(message.failed);
      return message;
    },
    /** Ends the conversation and plays the prompt to the first of the two. */
    async partAndPlay(): Promise<void> {
      child.send("part");
      await this.reply();
    },
    /** SIGKILL; resolves when it is gone. */
    kill(): Promise<void> {
      return new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      });
    },
  };
}
