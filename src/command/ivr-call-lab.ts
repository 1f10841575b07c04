import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Config } from "../config/schema.ts";
import { seededRandom } from "../kernel/random.ts";
import { type LabOptions, startLab } from "../lab/lab.ts";
import { openPrompts } from "../start/prompts.ts";
import type { LoneCallParts } from "../start/script-call.ts";
import { openTelephony } from "../start/telephony.ts";
import { EndpointPool } from "../voice/endpoint-pool-engine.ts";

const secret = "lab-secret";
const password = "lab-password";

export interface CallLabOptions extends Pick<LabOptions, "personas"> {
  readonly prompts: Config["prompts"];
  /** An IPv4 address of this machine. Default 127.0.0.1. */
  readonly host?: string;
  readonly seed: number;
}

/** What calls are placed with, ours and theirs in one process: the adapters of production, and the lab at their other end. */
export async function openCallLab({ prompts: { mediaDir: _elsewhere, ...own }, host = "127.0.0.1", seed, personas }: CallLabOptions) {
  const clock = systemClock;
  const log = openLog("error");
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), "carillon-call-"));
    opened.push(() => rm(dir, { recursive: true, force: true }));
    const lab = await startLab({ clock, random: seededRandom(seed), log, host, secret, password, ...(personas && { personas }) });
    opened.push(() => lab.close());
    const { drachtio, freeswitch } = lab.addresses;
    const server = {
      name: "lab",
      address: host,
      port: freeswitch.eslPort,
      password,
      listenAddress: host,
      listenPort: 0,
      maxSessions: 1000,
      recordings: { dir, mediaDir: dir },
    };
    const telephony = await openTelephony(
      { drachtio: { host: drachtio.host, port: drachtio.adminPort, secret }, freeswitch: [server], node: { name: "ivr" } },
      clock,
      log,
    );
    opened.push(() => telephony.close());
    const pool = new EndpointPool(telephony.media, { maxOpening: 100, maxOpensPerSecond: 500, idleMs: 1000 }, clock, log);
    opened.push(() => pool.close());
    const prompts = openPrompts({ prompts: { ...own, dir } }, clock);
    opened.push(() => prompts.close());
    const parts: LoneCallParts = { signalling: telephony.signalling, pool, clock, log };
    return { parts, lab, prompts: prompts.store, languages: prompts.languages, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type CallLab = Awaited<ReturnType<typeof openCallLab>>;
