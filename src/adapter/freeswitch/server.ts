import type { EventEmitter } from "node:events";
import type { Clock } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { nodeHeader } from "./dialplan.ts";
import { FreeswitchEndpoint } from "./endpoint.ts";
import { type FsmrfServer, newMrf } from "./fsmrf.ts";
import { type FreeswitchAddress, openWatch, type Watch } from "./watch.ts";

export interface FreeswitchServerOptions extends FreeswitchAddress {
  /** Where we listen for FreeSWITCH's outbound event socket; port 0 picks a free one. */
  readonly listenAddress: string;
  readonly listenPort: number;
  /** The same as FreeSWITCH reaches it, if different. */
  readonly advertisedAddress?: string;
  readonly advertisedPort?: number;
  readonly profile?: string;
  /** Channels we may have there at once. */
  readonly maxSessions: number;
}

/** How long FreeSWITCH may take to make an endpoint; it takes 14–40 ms when it is well. */
const openTimeoutMs = 5000;
const firstRetryMs = 250;
const maxRetryMs = 4000;

/** One FreeSWITCH server: its connections, its endpoints, and coming back after a loss. */
export class FreeswitchServer {
  readonly name: string;
  readonly #options: FreeswitchServerOptions;
  readonly #srf: EventEmitter;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #endpoints = new Map<string, FreeswitchEndpoint>();
  #mediaServer: FsmrfServer | undefined;
  #watch: Watch | undefined;
  #opening = 0;
  #closed = false;
  #retryMs = firstRetryMs;

  constructor(options: FreeswitchServerOptions, srf: EventEmitter, node: string, clock: Clock, log: Log) {
    this.name = options.name;
    this.#options = options;
    this.#srf = srf;
    this.#node = node;
    this.#clock = clock;
    this.#log = log.child({ mediaServer: options.name });
  }

  get ready(): boolean {
    return this.#mediaServer !== undefined;
  }

  /** Endpoints up or being made. */
  get load(): number {
    return this.#endpoints.size + this.#opening;
  }

  get full(): boolean {
    return this.load >= this.#options.maxSessions;
  }

  /** @throws Fault of `openWatch`, or `freeswitch-profile-missing` */
  async connect(): Promise<void> {
    const watch = await openWatch(this.#options, this.#log);
    try {
      // 1.11 offers SRTP to an offerless INVITE and then keeps it towards plain RTP: noise on the line. The configuration
      // we ship forbids it; a server configured otherwise is put right here.
      await watch.api("global_setvar rtp_secure_media=forbidden");
      this.#mediaServer = await this.#connectFsmrf();
    } catch (error) {
      watch.close();
      throw error instanceof Fault ? error : toFault(error, "freeswitch-unreachable");
    }
    this.#watch = watch;
    this.#retryMs = firstRetryMs;
    watch.onLost = () => this.#lose();
    this.#log.info({ address: `${this.#options.address}:${this.#options.port}` }, "connected to FreeSWITCH");
  }

  async open(): Promise<FreeswitchEndpoint> {
    const server = this.#mediaServer;
    if (!server) throw new Fault("media-unavailable", `FreeSWITCH ${this.name} is not connected`, { retryable: true });
    this.#opening += 1;
    try {
      const made = await this.#within(server.createEndpoint({ headers: { [nodeHeader]: this.#node } }));
      const endpoint = new FreeswitchEndpoint(made, this.name, this.#clock, this.#log);
      this.#endpoints.set(endpoint.id, endpoint);
      endpoint.gone.then(() => this.#endpoints.delete(endpoint.id));
      return endpoint;
    } catch (error) {
      throw new Fault("media-unavailable", `FreeSWITCH ${this.name} gave no endpoint: ${toFault(error, "unknown").message}`, {
        retryable: true,
        cause: error,
      });
    } finally {
      this.#opening -= 1;
    }
  }

  owns(endpointId: string): boolean {
    return this.#endpoints.has(endpointId);
  }

  async api(command: string): Promise<string> {
    if (!this.#watch) throw new Fault("freeswitch-unreachable", `FreeSWITCH ${this.name} is not connected`, { retryable: true });
    return this.#watch.api(command);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#watch?.close();
    this.#watch = undefined;
    this.#mediaServer?.disconnect();
    this.#mediaServer = undefined;
  }

  async #connectFsmrf(): Promise<FsmrfServer> {
    const { address, port, password, listenAddress, listenPort, advertisedAddress, advertisedPort, profile } = this.#options;
    const server = await this.#within(
      newMrf(this.#srf).connect({
        address,
        port,
        secret: password,
        listenAddress,
        listenPort,
        ...(advertisedAddress && { advertisedAddress }),
        ...(advertisedPort && { advertisedPort }),
        ...(profile && { profile }),
      }),
    );
    server.on("error", (error: Error) => this.#log.warn({ err: error }, "FreeSWITCH event socket"));
    return server;
  }

  /** The promise's value, or a Fault when it takes too long; what comes later is let go again. */
  #within<T extends { disconnect?(): void; dialog?: { destroy(): Promise<unknown> } }>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = this.#clock.after(openTimeoutMs, () => {
        late = true;
        reject(new Fault("freeswitch-timeout", `FreeSWITCH ${this.name} did not answer within ${openTimeoutMs} ms`, { retryable: true }));
      });
      promise.then(
        (value) => {
          timer.cancel();
          if (!late) return resolve(value);
          value.disconnect?.();
          value.dialog?.destroy().catch(() => {});
        },
        (error) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  #lose(): void {
    // fsmrf's replies would be shifted after a reconnect of its own, so the whole media server is made anew.
    this.#mediaServer?.disconnect();
    this.#mediaServer = undefined;
    this.#watch = undefined;
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#clock.after(this.#retryMs, () => {
      if (this.#closed) return;
      this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
      this.connect().catch(() => this.#retry());
    });
  }
}
