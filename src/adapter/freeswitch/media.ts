import type { EventEmitter } from "node:events";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Endpoint, Media } from "../../voice/ports.ts";
import { FreeswitchServer, type FreeswitchServerOptions } from "./server.ts";
import { listOwnChannels } from "./sweep.ts";

/** `Media` over one or more FreeSWITCH servers; each new endpoint goes to the one with the least of ours on it. */
export class FreeswitchMedia implements Media {
  readonly #servers: readonly FreeswitchServer[];
  readonly #node: string;
  readonly #log: Log;

  constructor(servers: readonly FreeswitchServerOptions[], srf: EventEmitter, node: string, clock: Clock, log: Log) {
    this.#node = node;
    this.#log = log;
    this.#servers = servers.map((options) => new FreeswitchServer(options, srf, node, clock, log));
  }

  get ready(): boolean {
    return this.#servers.some((server) => server.ready);
  }

  /** Endpoints up or being made, for the leak check. */
  get sessions(): number {
    return this.#servers.reduce((sum, server) => sum + server.load, 0);
  }

  /** How each server stands, for /readyz. */
  states(): readonly { readonly name: string; readonly ready: boolean; readonly note?: string }[] {
    return this.#servers.map(({ name, ready }) => ({
      name: `freeswitch:${name}`,
      ready,
      ...(!ready && { note: "FreeSWITCH is not connected; trying again" }),
    }));
  }

  /** Connects every server. @throws the Fault of the first that cannot be reached */
  async connect(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.connect()));
  }

  async open(mediaServer?: string): Promise<Endpoint> {
    const wanted = this.#servers.filter(({ name }) => mediaServer === undefined || name === mediaServer);
    const usable = wanted.filter((server) => server.ready && !server.full).sort((a, b) => a.load - b.load);
    const [server] = usable;
    if (!server) throw new Fault("media-unavailable", "no FreeSWITCH server has a free session", { retryable: true });
    return server.open();
  }

  async alive(mediaServer: string, endpointId: string): Promise<boolean> {
    const server = this.#servers.find(({ name }) => name === mediaServer);
    if (!server?.ready) return false;
    return (await server.api(`uuid_exists ${endpointId}`)).trim() === "true";
  }

  async orphans(): Promise<readonly { readonly mediaServer: string; readonly endpointId: string }[]> {
    const found = await Promise.all(
      this.#servers.map(async (server) => {
        const channels = await listOwnChannels(server, this.#node);
        return channels.filter((id) => !server.owns(id)).map((endpointId) => ({ mediaServer: server.name, endpointId }));
      }),
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
