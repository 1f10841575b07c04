import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { chooseServer, takesCalls } from "./media-fleet.ts";
import type { Endpoint, Media, MediaServerView } from "./ports.ts";
import { allowed, freshRate, nextAt, type RateState, spend } from "./rate.ts";

export interface PoolOptions {
  /** Sessions being opened at once, at most. Each media server gets its share of it: one that hangs must not hold up the others. */
  readonly maxOpening: number;
  /** An endpoint that nobody wanted for so long is let go. */
  readonly idleMs: number;
}

/** How long an endpoint that had early media must have heard nothing before somebody else's call may use it. */
const quietMs = 1000;
const quietCheckMs = 250;
/** A far side that goes on sending so long after it was canceled costs us the endpoint. */
const maxQuietWaitMs = 10_000;
/** Others are not held up longer by a session that does not come: it takes 14–40 ms. When it comes all the same it is kept. */
const patienceMs = 1000;
/** Who is on hold is told of a failed transfer only when there was no session for so long. */
const besideMs = 3000;
const besideLookMs = 200;
/** Every use leaves a little behind in the promises of an endpoint; one that is used for days would grow without end. */
const maxUses = 500;

interface Idle {
  readonly endpoint: Endpoint;
  readonly since: number;
  /** It is not watched here any more. */
  readonly unhear: () => void;
}

/**
 * Keeps the sessions of calls that were not answered for the next ones: a FreeSWITCH session is the scarce resource, and
 * most attempts never need more of it than its SDP.
 */
export class EndpointPool {
  readonly #media: Media;
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #idle: Idle[] = [];
  readonly #resting = new Set<Endpoint>();
  readonly #uses = new WeakMap<Endpoint, number>();
  /** Being opened now, and opened lately, by media server. */
  readonly #opening = new Map<string, number>();
  readonly #rates = new Map<string, RateState>();
  #closed = false;
  #sweep: Timer | undefined;
  /** Sessions opened so far: the cost that recycling saves. */
  opened = 0;
  /** Times an endpoint was used again. */
  recycled = 0;

  constructor(media: Media, options: PoolOptions, clock: Clock, log: Log) {
    this.#media = media;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** Endpoints held here, in use by nobody. */
  get held(): number {
    return this.#idle.length + this.#resting.size + this.#openingNow;
  }

  get #openingNow(): number {
    return [...this.#opening.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * At most `count` endpoints, each as soon as it is there, or undefined when it could not be opened; fewer when the media
   * servers have no more to give just now. None rejects.
   * @param mediaServer only on that server
   * @param tapped with a tap that hears
   */
  request(count: number, mediaServer?: string, tapped = false): readonly Promise<Endpoint | undefined>[] {
    const coming: Promise<Endpoint | undefined>[] = [];
    while (coming.length < count) {
      const kept = this.#take(mediaServer, tapped);
      if (!kept) break;
      this.recycled += 1;
      coming.push(Promise.resolve(kept));
    }
    while (coming.length < count) {
      const server = this.#serverFor(mediaServer);
      if (!server) break;
      this.#rates.set(server.name, spend(this.#rateOf(server), this.#clock.now(), tapped ? 2 : 1, server.sessionsPerSecond));
      coming.push(this.#open(server.name, tapped));
    }
    return coming;
  }

  /** The same, when all of them are there. */
  async acquire(count: number, mediaServer?: string): Promise<readonly Endpoint[]> {
    return (await Promise.all(this.request(count, mediaServer))).filter((endpoint) => endpoint !== undefined);
  }

  /**
   * One for a leg that is to be connected to one on that server: there if it can be had, else on another. Somebody is waiting for it, so that
   * servers with no room just now are asked again for a while: there may be too many calls being set up, or an answer overdue.
   */
  async acquireBeside(mediaServer: string): Promise<Endpoint | undefined> {
    const until = this.#clock.now() + besideMs;
    for (;;) {
      const [beside] = await this.acquire(1, mediaServer);
      if (beside) return beside;
      const [elsewhere] = await this.acquire(1);
      const now = this.#clock.now();
      if (elsewhere || this.#closed || now >= until) return elsewhere;
      await pause(this.#clock, Math.max(besideLookMs, this.nextOpenAt - now));
    }
  }

  /** When more can be opened, at the earliest (ms). */
  get nextOpenAt(): number {
    const now = this.#clock.now();
    const times = this.#media.servers.filter(takesCalls).map((server) => nextAt(this.#rateOf(server), now, server.sessionsPerSecond));
    return times.length > 0 ? Math.min(...times) : now;
  }

  /** Takes back the endpoint of a call that was never answered. */
  recycle(endpoint: Endpoint, hadEarlyMedia: boolean): void {
    const uses = (this.#uses.get(endpoint) ?? 0) + 1;
    this.#uses.set(endpoint, uses);
    if (this.#closed || !endpoint.usable || uses > maxUses) {
      endpoint.close();
      return;
    }
    if (hadEarlyMedia) this.#rest(endpoint);
    else this.#keep(endpoint);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sweep?.cancel();
    const held = [...this.#idle.splice(0).map(({ endpoint }) => endpoint), ...this.#resting];
    await Promise.all(held.map((endpoint) => endpoint.close()));
  }

  /** Lets go what is kept on media servers that take no more calls. */
  shed(): void {
    for (const entry of this.#idle.filter(({ endpoint }) => !endpoint.usable)) {
      this.#drop(entry);
      entry.endpoint.close();
    }
  }

  #serverFor(mediaServer: string | undefined): MediaServerView | undefined {
    const { maxOpening } = this.#options;
    if (this.#closed || this.#openingNow >= maxOpening) return undefined;
    const { servers } = this.#media;
    const share = Math.ceil(maxOpening / Math.max(1, servers.filter(takesCalls).length));
    const now = this.#clock.now();
    return chooseServer(servers, mediaServer, (server) => {
      const { name, sessionsPerSecond } = server;
      return (this.#opening.get(name) ?? 0) < share && allowed(this.#rateOf(server), now, sessionsPerSecond) > 0;
    });
  }

  #rateOf({ name }: MediaServerView): RateState {
    return this.#rates.get(name) ?? freshRate;
  }

  /** The one let go last that can still be used. Who needs no tap leaves those that have one to others. */
  #take(mediaServer: string | undefined, tapped: boolean): Endpoint | undefined {
    const there = this.#idle.filter(({ endpoint }) => mediaServer === undefined || endpoint.mediaServer === mediaServer).reverse();
    const heard = there.filter(({ endpoint }) => endpoint.tap?.live === true);
    const wanted = tapped ? heard : [...there.filter((entry) => !heard.includes(entry)), ...heard];
    for (const entry of wanted) {
      this.#drop(entry);
      if (entry.endpoint.usable) return entry.endpoint;
      entry.endpoint.close();
    }
    return undefined;
  }

  async #open(mediaServer: string, tapped: boolean): Promise<Endpoint | undefined> {
    let late = false;
    const opening = this.#media.open(mediaServer, tapped);
    this.#count(mediaServer, 1);
    const opened = opening.then(
      (endpoint) => {
        this.#count(mediaServer, -1);
        this.opened += 1;
        if (!late) return endpoint;
        this.recycle(endpoint, false);
        return undefined;
      },
      (error) => {
        this.#count(mediaServer, -1);
        this.#log.warn({ err: error }, "no endpoint to be had");
        return undefined;
      },
    );
    const tooLate = Promise.withResolvers<undefined>();
    const timer = this.#clock.after(patienceMs, () => {
      late = true;
      tooLate.resolve(undefined);
    });
    const endpoint = await Promise.race([opened, tooLate.promise]);
    timer.cancel();
    return endpoint;
  }

  #count(mediaServer: string, change: 1 | -1): void {
    this.#opening.set(mediaServer, (this.#opening.get(mediaServer) ?? 0) + change);
  }

  #keep(endpoint: Endpoint): void {
    const entry: Idle = { endpoint, since: this.#clock.now(), unhear: endpoint.onGone(() => this.#drop(entry)) };
    this.#idle.push(entry);
    this.#sweepLater();
  }

  #drop(entry: Idle): void {
    entry.unhear();
    const at = this.#idle.indexOf(entry);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async #rest(endpoint: Endpoint): Promise<void> {
    this.#resting.add(endpoint);
    const quiet = await this.#becomesQuiet(endpoint).catch(() => false);
    this.#resting.delete(endpoint);
    if (quiet && !this.#closed) this.#keep(endpoint);
    else endpoint.close();
  }

  async #becomesQuiet(endpoint: Endpoint): Promise<boolean> {
    await endpoint.detach();
    const until = this.#clock.now() + maxQuietWaitMs;
    let packets = await endpoint.packetsReceived();
    let quietSince = this.#clock.now();
    while (this.#clock.now() - quietSince < quietMs) {
      if (this.#closed || this.#clock.now() > until) return false;
      await pause(this.#clock, quietCheckMs);
      const received = await endpoint.packetsReceived();
      if (received !== packets) quietSince = this.#clock.now();
      packets = received;
    }
    return true;
  }

  #sweepLater(): void {
    if (this.#sweep || this.#closed) return;
    this.#sweep = this.#clock.after(this.#options.idleMs, () => {
      this.#sweep = undefined;
      const old = this.#clock.now() - this.#options.idleMs;
      for (const entry of this.#idle.filter(({ since }) => since <= old)) {
        this.#drop(entry);
        entry.endpoint.close();
      }
      if (this.#idle.length > 0 && !this.#closed) this.#sweepLater();
    });
  }
}
