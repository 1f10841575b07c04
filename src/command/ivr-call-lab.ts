import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Config } from "../config/schema.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import { type LabOptions, startLab } from "../lab/lab.ts";
import type { Ticker } from "../lab/media/ticker.ts";
import { openPrompts } from "../start/prompts.ts";
import type { LoneCallParts } from "../start/script-call.ts";
import { openTelephony } from "../start/telephony.ts";
import { EndpointPool } from "../voice/endpoint-pool-engine.ts";

const secret = "lab-secret";
const password = "lab-password";
const most = 10_000;

export interface CallLabOptions extends Pick<LabOptions, "personas"> {
  readonly prompts: Config["prompts"];
  /** The uploaded prompts; without it only files are recordings. */
  readonly sounds?: PromptSounds;
  /** An IPv4 address of this machine. Default 127.0.0.1. */
  readonly host?: string;
  readonly seed: number;
  /** Our time. Default the machine's. */
  readonly clock?: Clock;
  /** The time over there. Default the machine's, for the media too. */
  readonly far?: { readonly clock: Clock; readonly ticker: Ticker };
}

/** What calls are placed with, ours and theirs in one process: the adapters of production, and the lab at their other end. */
export async function openCallLab({
  prompts: { mediaDir: _elsewhere, ...own },
  host = "127.0.0.1",
  seed,
  personas,
  clock = systemClock,
  far,
  sounds,
}: CallLabOptions) {
  const log = openLog("error");
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), "carillon-call-"));
    opened.push(() => rm(dir, { recursive: true, force: true }));
    const lab = await startLab({
      ...(far ?? { clock }),
      random: seededRandom(seed),
      log,
      host,
      secret,
      password,
      // Whoever calls here waits for no fleet.
      maxSessions: most,
      sessionsPerSecond: most,
      ...(personas && { personas }),
    });
    opened.push(() => lab.close());
    const { drachtio, freeswitch } = lab.addresses;
    const server = {
      name: "lab",
      address: host,
      port: freeswitch.eslPort,
      password,
      listenAddress: host,
      listenPort: 0,
      maxSessions: most,
      recordings: { dir, mediaDir: dir },
    };
    const telephony = await openTelephony(
      { drachtio: { host: drachtio.host, port: drachtio.adminPort, secret }, freeswitch: [server], node: { name: "ivr" } },
      clock,
      log,
    );
    opened.push(() => telephony.close());
    const pool = new EndpointPool(telephony.media, { maxOpening: most, idleMs: 1000 }, clock, log);
    opened.push(() => pool.close());
    const prompts = openPrompts({ prompts: { ...own, dir } }, clock, sounds);
    opened.push(() => prompts.close());
    const parts: LoneCallParts = { signalling: telephony.signalling, pool, clock, log };
    return { parts, lab, prompts: prompts.store, languages: prompts.languages, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type CallLab = Awaited<ReturnType<typeof openCallLab>>;
