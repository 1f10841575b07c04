import type { EventEmitter } from "node:events";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { chooseServer, takesCalls } from "../../voice/media-fleet.ts";
import type { Endpoint, Media, MediaServerView } from "../../voice/ports.ts";
import { FreeswitchServer, type FreeswitchServerOptions } from "./server.ts";

/** How long the others are waited for once one is connected. A FreeSWITCH that is well takes a tenth of a second. */
const othersMs = 1500;

/** `Media` over one or more FreeSWITCH servers. */
export class FreeswitchMedia implements Media {
  readonly #servers: readonly FreeswitchServer[];
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(servers: readonly FreeswitchServerOptions[], srf: EventEmitter, node: string, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#servers = servers.map((options) => new FreeswitchServer(options, srf, node, clock, log));
  }

  get ready(): boolean {
    return this.servers.some(takesCalls);
  }

  get servers(): readonly MediaServerView[] {
    return this.#servers.map(({ view }) => view);
  }

  /** Endpoints up or being made, for the leak check. */
  get sessions(): number {
    return this.#servers.reduce((sum, server) => sum + server.load, 0);
  }

  /** Takes a server out of service for new calls, or back into it. An unknown name does nothing. */
  drain(mediaServer: string, draining: boolean): void {
    for (const server of this.#servers) if (server.name === mediaServer) server.draining = draining;
  }

  /**
   * Connects the servers. One that cannot be reached is tried again in the background as long as there is another.
   * @param patient go on with none as well: who is on the line of a process that died waits for its legs to be ended
   * @throws the Fault of the first server, when none can be reached or one will not mend by itself; not when patient
   */
  async connect(patient = false): Promise<void> {
    const faults = new Map<FreeswitchServer, Fault>();
    let waiting = true;
    const goOn = (server: FreeswitchServer, fault: Fault) => {
      this.#log.error({ mediaServer: server.name, code: fault.code }, `${fault.message} Going on without it and trying again.`);
      server.keepTrying();
    };
    const enough = Promise.withResolvers<void>();
    let timer: Timer | undefined;
    const waitForOthers = () => {
      timer ??= this.#clock.after(othersMs, enough.resolve);
    };
    const tries = this.#servers.map(async (server) => {
      try {
        await server.connect();
        if (waiting) waitForOthers();
      } catch (error) {
        const fault = toFault(error, "freeswitch-unreachable");
        if (waiting) faults.set(server, fault);
        else goOn(server, fault);
      }
    });
    if (patient) waitForOthers();
    await Promise.race([Promise.all(tries), enough.promise]);
    waiting = false;
    timer?.cancel();
    const hopeless = [...faults.values()].find(({ retryable }) => !retryable) ?? (faults.size === tries.length ? [...faults.values()][0] : undefined);
    if (hopeless && !patient) throw hopeless;
    for (const [server, fault] of faults) goOn(server, fault);
  }

  async open(mediaServer?: string, tapped = false): Promise<Endpoint> {
    const chosen = chooseServer(this.servers, mediaServer, () => true);
    const server = this.#servers.find(({ name }) => name === chosen?.name);
    if (!server) throw new Fault("media-unavailable", "no FreeSWITCH server has a free session", { retryable: true });
    return server.open(tapped);
  }

  async alive(mediaServer: string, endpointId: string): Promise<boolean> {
    const server = this.#servers.find(({ name }) => name === mediaServer);
    if (!server?.connected) return false;
    // A server that does not answer has nobody on the line who could be spoken to.
    const reply = await server.api(`uuid_exists ${endpointId}`).catch(() => "");
    return reply.trim() === "true";
  }

  async waits(mediaServer: string, endpointId: string): Promise<boolean> {
    const server = this.#servers.find(({ name }) => name === mediaServer);
    if (!server?.connected) return false;
    const ask = async (command: string) => (await server.api(command).catch(() => "")).trim();
    // Only the extension that a conversation leaves somebody in parks (freeswitch/dialplan/mrf.xml).
    if ((await ask(`uuid_getvar ${endpointId} current_application`)) === "park") return true;
    // Whose partner hung up in the very moment of being bridged does not come there, and waits for it without end. The name of whom it is bridged to goes with every transfer.
    const partner = /^[\da-f-]{36}$/i.exec(await ask(`uuid_getvar ${endpointId} signal_bond`))?.[0];
    return partner !== undefined && (await ask(`uuid_exists ${partner}`)) === "false";
  }

  async hasPlayed(mediaServer: string, endpointId: string): Promise<boolean> {
    const server = this.#servers.find(({ name }) => name === mediaServer);
    // Set when a playback ends, however it does (switch_ivr_play_say.c, switch_ivr_play_file).
    const reply = await server?.api(`uuid_getvar ${endpointId} playback_last_offset_pos`).catch(() => "0");
    return reply === undefined || /^\d/.test(reply);
  }

  async orphans(): Promise<readonly { readonly mediaServer: string; readonly endpointId: string }[]> {
    const found = await Promise.all(
      this.#servers.map(async (server) => (await server.leftovers()).map((endpointId) => ({ mediaServer: server.name, endpointId }))),
    );
    return found.flat();
  }

  async kill(mediaServer: string, endpointId: string): Promise<void> {
    const server = this.#servers.find(({ name }) => name === mediaServer);
    const reply = await server?.api(`uuid_kill ${endpointId}`);
    if (reply?.startsWith("+OK")) this.#log.warn({ mediaServer, endpoint: endpointId }, "ended an orphaned channel");
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
