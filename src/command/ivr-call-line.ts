import { systemClock } from "../adapter/system/clock.ts";
import { isLoopback } from "../config/rules.ts";
import type { Config } from "../config/schema.ts";
import type { PromptStore } from "../ivr/ports.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { openPrompts } from "../start/prompts.ts";
import { openRecordings } from "../start/recordings.ts";
import type { LoneCallParts } from "../start/script-call.ts";
import { openTelephony, serversOf } from "../start/telephony.ts";
import { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import { addressTowards, type SipAddress } from "./ivr-call-address.ts";
import { openTerminalLog } from "./terminal.ts";

/** What one call is placed with. */
export interface CallLine {
  readonly parts: LoneCallParts;
  readonly prompts: PromptStore;
  close(): Promise<void>;
}

/** The lab's drachtio and FreeSWITCH, at the address of this machine that the telephone can reach. */
export async function openLabLine({ prompts }: Config, to: SipAddress, sounds?: PromptSounds): Promise<CallLine> {
  // Only here: doctor and tests of trunks work without the lab, which production does not have.
  const { openCallLab } = await import("./ivr-call-lab.ts");
  return openCallLab({ prompts, seed: 1, host: await addressTowards(to), ...(sounds && { sounds }) });
}

/**
 * The configured drachtio-server and FreeSWITCH, beside whatever server uses them.
 * @param drained servers that take no new calls, by order, as in `serversOf`
 * @param sounds the uploaded prompts; without it only files are recordings
 * @throws Fault `config-invalid`, `servers-drained` and those of openTelephony
 */
export async function openOwnLine(config: Config, drained: readonly string[] = [], sounds?: PromptSounds): Promise<CallLine> {
  const { drachtio, freeswitch, node } = config;
  if (drachtio.secret === "" || freeswitch.length === 0)
    throw new Fault("config-invalid", "a call needs drachtio.secret and a freeswitch in the configuration; with --lab it needs neither");
  if (freeswitch.every(({ name }) => drained.includes(`freeswitch:${name}`)))
    throw new Fault(
      "servers-drained",
      "Every FreeSWITCH is out of service by order, so there is no call. Put one back with carillon server resume NAME.",
    );
  const clock = systemClock;
  const log = openTerminalLog(process.stderr);
  const recordings = await openRecordings(config, log);
  // A server on this machine may have the port and the copies of the SIP; what it holds on the FreeSWITCH is under its own name.
  const servers = freeswitch.map((server) => ({ ...server, recordings, ...(isLoopback(server.listenAddress) && { listenPort: 0 }) }));
  const { capturePort: _servers, ...address } = drachtio;
  const telephony = await openTelephony({ drachtio: address, freeswitch: servers, node: { name: `${node.name}-call-${process.pid}` } }, clock, log);
  for (const server of drained) serversOf(telephony).drain(server, true);
  const pool = new EndpointPool(telephony.media, { maxOpening: 1, idleMs: 1000 }, clock, log);
  const prompts = openPrompts(config, clock, sounds);
  return {
    parts: { signalling: telephony.signalling, pool, clock, log },
    prompts: prompts.store,
    async close() {
      await prompts.close();
      await pool.close();
      await telephony.close();
    },
  };
}
