import type { EventEmitter } from "node:events";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { MediaServerView } from "../../voice/ports.ts";
import { Creations } from "./creation.ts";
import { linkHeader, nodeHeader } from "./dialplan.ts";
import { FreeswitchEndpoint } from "./endpoint.ts";
import type { FsmrfEndpoint, FsmrfServer } from "./fsmrf.ts";
import { readHeartbeat, type SaidOfItself } from "./heartbeat.ts";
import { closeMediaServer, type MediaServerOptions, openMediaServer } from "./media-server.ts";
import type { EslEvent } from "./modesl.ts";
import type { RecordingPlace } from "./recording.ts";
import { listOwnChannels } from "./sweep.ts";
import { bindTap, FreeswitchTap, type TapSocket } from "./tap.ts";
import { openWatch, type Watch } from "./watch.ts";

export interface FreeswitchServerOptions extends MediaServerOptions {
  /** Channels we may have there at once. */
  readonly maxSessions: number;
  /** New channels a second, at most. Default 150. */
  readonly sessionsPerSecond?: number;
  readonly recordings?: RecordingPlace;
}

const defaultSessionsPerSecond = 150;
const firstRetryMs = 250;
const maxRetryMs = 2000;
/** By then an endpoint that was being opened is known, and whoever was left alone has heard the goodbye. */
const leftoverMs = 6000;
/** Whose channel ends so soon after the connection was lost was cut by what cut the connection. Those on a frozen one are let go some four seconds after. */
const fellMs = 10_000;

/** One FreeSWITCH server: its connections, its endpoints, and coming back after a loss. */
export class FreeswitchServer {
  readonly name: string;
  readonly #options: FreeswitchServerOptions;
  readonly #srf: EventEmitter;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #endpoints = new Map<string, FreeswitchEndpoint>();
  readonly #taps = new Map<string, FreeswitchTap>();
  #mediaServer: FsmrfServer | undefined;
  #watch: Watch | undefined;
  #opening = 0;
  #closed = false;
  #retryMs = firstRetryMs;
  #retrying: Timer | undefined;
  #sweepOwed = false;
  #said: SaidOfItself | undefined;
  #lostAt = Number.NEGATIVE_INFINITY;
  /** Endpoints that are being made are not waited for when the connection is lost. */
  readonly #creations: Creations;
  /** For maintenance: it takes no new calls. */
  draining = false;

  constructor(options: FreeswitchServerOptions, srf: EventEmitter, node: string, clock: Clock, log: Log) {
    this.name = options.name;
    this.#options = options;
    this.#srf = srf;
    this.#node = node;
    this.#clock = clock;
    this.#creations = new Creations(options.name, clock);
    this.#log = log.child({ mediaServer: options.name });
  }

  /** Whether it can be asked something. */
  get connected(): boolean {
    return this.#mediaServer !== undefined;
  }

  /** The same, and it answers in time. */
  get ready(): boolean {
    return this.connected && this.#watch?.doubtful !== true;
  }

  get view(): MediaServerView {
    const { maxSessions, sessionsPerSecond = defaultSessionsPerSecond } = this.#options;
    const { name, draining, load: sessions } = this;
    const state = this.ready ? "up" : this.connected ? "silent" : "down";
    const room = this.#said ? Math.max(0, this.#said.maxSessions - this.#said.others) : maxSessions;
    return {
      name,
      state,
      draining,
      sessions,
      maxSessions: Math.min(maxSessions, room),
      sessionsPerSecond,
      ...(this.#said && { idleCpu: this.#said.idleCpu }),
    };
  }

  get recordings(): RecordingPlace | undefined {
    return this.#options.recordings;
  }

  /** Sessions up or being made: endpoints and their taps. */
  get load(): number {
    return this.#endpoints.size + this.#taps.size + this.#opening;
  }

  /** @throws Fault of `openWatch` or `openMediaServer` */
  async connect(): Promise<void> {
    const watch = await openWatch(this.#options, this.#clock, this.#endpoints.size > 0);
    let lost = false;
    watch.onLost = () => {
      lost = true;
    };
    let server: FsmrfServer | undefined;
    try {
      // 1.11 offers SRTP to an offerless INVITE and then keeps it towards plain RTP: noise on the line. The configuration
      // we ship forbids it; a server configured otherwise is put right here.
      await watch.api("global_setvar rtp_secure_media=forbidden");
      server = await openMediaServer(this.#srf, this.#options, this.#clock, this.#log);
      if (this.#sweepOwed) await this.#sweep(watch);
      if (this.#closed || lost) throw new Fault("freeswitch-unreachable", "closed while connecting", { retryable: true });
    } catch (error) {
      if (server) closeMediaServer(server);
      watch.close();
      throw toFault(error, "freeswitch-unreachable");
    }
    const made = server;
    made.on("error", (error: Error) => this.#log.warn({ err: error }, "FreeSWITCH event socket"));
    made.on("end", () => this.#lose(watch, "it closed the connection"));
    // fsmrf has asked for it.
    made.conn.on("esl::event::HEARTBEAT::*", (event: EslEvent) => {
      this.#said = readHeartbeat(event, this.load) ?? this.#said;
    });
    watch.onLost = (why) => this.#lose(watch, why);
    this.#mediaServer = made;
    this.#watch = watch;
    this.#retryMs = firstRetryMs;
    this.#log.info({ address: `${this.#options.address}:${this.#options.port}` }, "connected to FreeSWITCH");
  }

  /** For a server that could not be connected: goes on trying, and then sweeps what an earlier life left there. */
  keepTrying(): void {
    this.#sweepOwed = true;
    this.#retry();
  }

  /** @param tapped with a tap, if it can be had */
  open(tapped = false): Promise<FreeswitchEndpoint> {
    return this.#open(nodeHeader, tapped);
  }

  openLink(): Promise<FreeswitchEndpoint> {
    return this.#open(linkHeader, false);
  }

  async #open(header: string, tapped: boolean): Promise<FreeswitchEndpoint> {
    const server = this.#mediaServer;
    if (!server) throw new Fault("media-unavailable", `FreeSWITCH ${this.name} is not connected`, { retryable: true });
    const sessions = tapped ? 2 : 1;
    this.#opening += sessions;
    try {
      const made = await this.#create(server, { headers: { [header]: this.#node } });
      const endpoint = new FreeswitchEndpoint(made, this, this.#clock, this.#log);
      this.#endpoints.set(endpoint.id, endpoint);
      endpoint.gone.then(() => this.#endpoints.delete(endpoint.id));
      if (tapped) await this.#listenIn(server, endpoint);
      return endpoint;
    } catch (error) {
      // A FreeSWITCH that is well refuses at once. If it is not, it is found out now and not at the next look.
      this.#watch?.api("uptime").catch(() => {});
      throw new Fault("media-unavailable", `FreeSWITCH ${this.name} gave no endpoint: ${toFault(error, "unknown").message}`, {
        retryable: true,
        cause: error,
      });
    } finally {
      this.#opening -= sessions;
    }
  }

  #create(server: FsmrfServer, options: Parameters<FsmrfServer["createEndpoint"]>[0]): Promise<FsmrfEndpoint> {
    return this.#creations.of(server.createEndpoint(options));
  }

  /** Without its tap an endpoint is good for a call all the same: whoever answers is taken for a person then. */
  async #listenIn(server: FsmrfServer, endpoint: FreeswitchEndpoint): Promise<void> {
    const { listenAddress, advertisedAddress = listenAddress } = this.#options;
    let bound: TapSocket | undefined;
    try {
      bound = await bindTap(listenAddress, advertisedAddress, endpoint.localSdp);
      const made = await this.#create(server, { remoteSdp: bound.sdp, headers: { [nodeHeader]: this.#node } });
      const kill = (id: string) => void this.api(`uuid_kill ${id}`).catch(() => {});
      const tap = new FreeswitchTap(made, bound, endpoint.id, this.#clock, this.#log, kill);
      this.#taps.set(tap.id, tap);
      tap.gone.then(() => this.#taps.delete(tap.id));
      endpoint.pair(tap);
    } catch (error) {
      bound?.socket.close();
      this.#log.warn({ err: error, endpoint: endpoint.id }, "no tap to be had: who answers there is taken for a person");
    }
  }

  #isOurs(id: string): boolean {
    return this.#endpoints.has(id) || this.#taps.has(id);
  }

  /**
   * Channels there that this node made in an earlier life. None when it cannot be asked: they are ended once it can.
   */
  async leftovers(): Promise<readonly string[]> {
    try {
      return (await listOwnChannels(this, this.#node)).filter((id) => !this.#isOurs(id));
    } catch (error) {
      this.#sweepOwed = true;
      this.#log.warn({ err: error }, "cannot look for what an earlier life left on FreeSWITCH; doing so as soon as it is back");
      return [];
    }
  }

  async fell(): Promise<boolean> {
    if (this.#clock.now() - this.#lostAt < fellMs) return true;
    // One that was killed takes this connection along, one that hangs does not answer.
    return this.api("uptime").then(
      () => false,
      () => true,
    );
  }

  async api(command: string): Promise<string> {
    if (!this.#watch) throw new Fault("freeswitch-unreachable", `FreeSWITCH ${this.name} is not connected`, { retryable: true });
    return this.#watch.api(command);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retrying?.cancel();
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#watch?.close();
    this.#watch = undefined;
    if (this.#mediaServer) closeMediaServer(this.#mediaServer);
    this.#mediaServer = undefined;
  }

  /** Of the two connections one is the first to go, and takes the other along. */
  #lose(watch: Watch, why: string): void {
    if (watch !== this.#watch) return;
    this.#log.error({ why }, "connection to FreeSWITCH lost");
    // fsmrf's replies would be shifted after a reconnect of its own, so the whole media server is made anew.
    watch.close();
    this.#watch = undefined;
    if (this.#mediaServer) closeMediaServer(this.#mediaServer);
    this.#mediaServer = undefined;
    this.#said = undefined;
    this.#lostAt = this.#clock.now();
    // What was being made there may come up without us.
    this.#sweepOwed = true;
    this.#creations.lose();
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#retrying = this.#clock.after(this.#retryMs, () => {
      this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
      this.connect().catch((error) => {
        this.#log.debug({ err: error }, "FreeSWITCH still cannot be reached");
        if (isSilent(error)) this.#abandonAll();
        this.#retry();
      });
    });
  }

  /** It neither keeps a connection nor takes a new one: nobody on it hears anything any more, and nothing can be played. */
  #abandonAll(): void {
    if (this.#endpoints.size === 0) return;
    this.#log.error({ endpoints: this.#endpoints.size }, "FreeSWITCH is gone; ending the calls on it");
    for (const endpoint of [...this.#endpoints.values()]) endpoint.abandon();
  }

  /** Ends what an earlier life left, after the goodbye that FreeSWITCH says by itself. */
  async #sweep(watch: Watch): Promise<void> {
    const left = await listOwnChannels(watch, this.#node);
    this.#sweepOwed = false;
    if (left.length === 0) return;
    this.#clock.after(leftoverMs, async () => {
      for (const id of left.filter((id) => !this.#isOurs(id))) {
        const reply = await this.api(`uuid_kill ${id}`).catch(() => undefined);
        if (reply?.startsWith("+OK")) this.#log.warn({ endpoint: id }, "ended an orphaned channel");
      }
    });
  }
}

/** Whether it was FreeSWITCH that did not answer, and not something on our side that is wrong. */
function isSilent(error: unknown): boolean {
  return error instanceof Fault && (error.code === "freeswitch-unreachable" || error.code === "freeswitch-timeout");
}
