import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Endpoint, Media } from "./ports.ts";
import { allowed, freshRate, nextAt, spend } from "./rate.ts";

export interface PoolOptions {
  /** New sessions per second over all media servers, at most. */
  readonly maxOpensPerSecond: number;
  /** Sessions being opened at once, at most. */
  readonly maxOpening: number;
  /** An endpoint that nobody wanted for so long is let go. */
  readonly idleMs: number;
}

/** How long an endpoint that had early media must have heard nothing before somebody else's call may use it. */
const quietMs = 1000;
const quietCheckMs = 250;
/** A far side that goes on sending so long after it was canceled costs us the endpoint. */
const maxQuietWaitMs = 10_000;
/** Every use leaves a little behind in the promises of an endpoint; one that is used for days would grow without end. */
const maxUses = 500;

/**
 * Keeps the sessions of calls that were not answered for the next ones: a FreeSWITCH session is the scarce resource, and
 * most attempts never need more of it than its SDP.
 */
export class EndpointPool {
  readonly #media: Media;
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #idle: { endpoint: Endpoint; since: number }[] = [];
  readonly #resting = new Set<Endpoint>();
  readonly #uses = new WeakMap<Endpoint, number>();
  #opening = 0;
  #rate = freshRate;
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
    return this.#idle.length + this.#resting.size + this.#opening;
  }

  /**
   * At most `count` endpoints, each as soon as it is there, or undefined when it could not be opened; fewer when the media
   * servers have no more to give just now. None rejects.
   * @param mediaServer only on that server: two legs that are to be connected must be on one
   */
  request(count: number, mediaServer?: string): readonly Promise<Endpoint | undefined>[] {
    const coming: Promise<Endpoint | undefined>[] = [];
    while (coming.length < count) {
      const kept = this.#take(mediaServer);
      if (!kept) break;
      this.recycled += 1;
      coming.push(Promise.resolve(kept));
    }
    const wanted = Math.max(0, Math.min(count - coming.length, this.#options.maxOpening - this.#opening, this.#mayOpen()));
    this.#rate = spend(this.#rate, this.#clock.now(), wanted, this.#options.maxOpensPerSecond);
    for (let at = 0; at < wanted; at += 1) coming.push(this.#open(mediaServer));
    return coming;
  }

  /** The same, when all of them are there. */
  async acquire(count: number, mediaServer?: string): Promise<readonly Endpoint[]> {
    return (await Promise.all(this.request(count, mediaServer))).filter((endpoint) => endpoint !== undefined);
  }

  /** When more can be opened, at the earliest (ms). */
  get nextOpenAt(): number {
    return nextAt(this.#rate, this.#clock.now(), this.#options.maxOpensPerSecond);
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

  #mayOpen(): number {
    return this.#media.ready && !this.#closed ? allowed(this.#rate, this.#clock.now(), this.#options.maxOpensPerSecond) : 0;
  }

  /** The one let go last that can still be used. */
  #take(mediaServer: string | undefined): Endpoint | undefined {
    for (let at = this.#idle.length - 1; at >= 0; at -= 1) {
      const endpoint = this.#idle[at]?.endpoint;
      if (!endpoint || (mediaServer !== undefined && endpoint.mediaServer !== mediaServer)) continue;
      this.#idle.splice(at, 1);
      if (endpoint.usable) return endpoint;
      endpoint.close();
    }
    return undefined;
  }

  async #open(mediaServer: string | undefined): Promise<Endpoint | undefined> {
    this.#opening += 1;
    try {
      const endpoint = await this.#media.open(mediaServer);
      this.opened += 1;
      return endpoint;
    } catch (error) {
      this.#log.warn({ err: error }, "no endpoint to be had");
      return undefined;
    } finally {
      this.#opening -= 1;
    }
  }

  #keep(endpoint: Endpoint): void {
    const entry = { endpoint, since: this.#clock.now() };
    this.#idle.push(entry);
    endpoint.gone.then(() => {
      const at = this.#idle.indexOf(entry);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#sweepLater();
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
        this.#idle.splice(this.#idle.indexOf(entry), 1);
        entry.endpoint.close();
      }
      if (this.#idle.length > 0 && !this.#closed) this.#sweepLater();
    });
  }
}
