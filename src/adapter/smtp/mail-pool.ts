import type { MailPoolOptions } from "../../email/options.ts";
import type { Mail, MailEnd, MailMoments, MailPlace, PoolState } from "../../email/ports.ts";
import { type Clock, pause, type Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { Connection } from "./connection.ts";
import { Pace } from "./pace.ts";
import { isLetGo, RefusingAll } from "./refusing-all.ts";

/** Messages made ready for each connection: one that is under way, and those whose record is being committed meanwhile. */
const placesPerConnection = 10;
/** And those that are pulled and composed while others are under way. */
const inHandPerConnection = 60;
/** Where there is a rate, no more than what leaves in so long: what waits longer may be unwanted by then. */
const inHandS = 2;
const againMs = { least: 1_000, most: 60_000 };
/** Servers close what is idle after some minutes; we do it earlier. */
const idleCloseMs = 20_000;

export interface MailPoolParts {
  readonly options: MailPoolOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For rates, which hold over all nodes. */
  readonly moments: MailMoments;
  /** Told when it came up or went down, and when a place was left. */
  readonly onChange: () => void;
}

interface Waiting {
  take(): void;
  readonly timer: Timer;
}

interface Ready {
  readonly mail: Mail;
  readonly settle: (end: MailEnd) => void;
  /** A connection that others had gone over ended before it took this one. */
  readonly again?: boolean;
}

/** The connections to one mail server. */
export class MailPool {
  readonly #parts: MailPoolParts;
  readonly #pace: Pace | undefined;
  readonly #paces: ReadonlyMap<string, Pace>;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiting = new Set<Waiting>();
  readonly #ready: Ready[] = [];
  readonly #refusingAll = new RefusingAll();
  #opening = 0;
  #places = 0;
  #fails = 0;
  #againAt = 0;
  #note: string | undefined;
  #idleTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #closing: (() => void) | undefined;

  constructor(parts: MailPoolParts) {
    this.#parts = parts;
    const { options, moments, clock } = parts;
    const { name, maxPerSecond, domains } = options;
    this.#pace = maxPerSecond === undefined ? undefined : new Pace(`mail:${name}`, maxPerSecond, moments, clock);
    this.#paces = new Map(domains.map(({ domain, maxPerSecond }) => [domain, new Pace(`mail:${name}:${domain}`, maxPerSecond, moments, clock)]));
  }

  get state(): PoolState {
    const { name } = this.#parts.options;
    const capacity = this.#closing || this.#down ? 0 : this.#mostInHand;
    return { name, up: this.#note === undefined, capacity, ...(this.#note !== undefined && { note: this.#note }) };
  }

  get #most(): number {
    return this.#parts.options.connections * placesPerConnection;
  }

  get #mostInHand(): number {
    const { connections, maxPerSecond } = this.#parts.options;
    const most = connections * inHandPerConnection;
    return maxPerSecond === undefined ? most : Math.min(most, Math.max(1, Math.ceil(maxPerSecond * inHandS)));
  }

  /** Whether it is known that there is no connection to be had. It is tried on by itself. */
  get #down(): boolean {
    return this.#open.size === 0 && this.#note !== undefined;
  }

  /** Whether no connection is to be made for a while. */
  get #backingOff(): boolean {
    return this.#parts.clock.now() < this.#againAt;
  }

  /** As MailPools.place. */
  async place(domain: string, withinMs: number): Promise<MailPlace | undefined> {
    return (await this.#placed(domain, this.#parts.clock.now() + withinMs)) ? this.#taken() : undefined;
  }

  async #placed(domain: string, latestAt: number): Promise<boolean> {
    for (const pace of [this.#paces.get(domain), this.#pace]) if (pace && !(await this.#turn(pace, latestAt))) return false;
    return !this.#closing && !this.#down && (await this.#room(latestAt));
  }

  /** As MailPools.rate. */
  rate(domain: string): number | undefined {
    const { domains, maxPerSecond } = this.#parts.options;
    return domains.find((each) => each.domain === domain)?.maxPerSecond ?? maxPerSecond;
  }

  /** Those under way get their time. */
  close(): Promise<void> {
    this.#idleTimer?.cancel();
    this.#retryTimer?.cancel();
    return new Promise((resolve) => {
      this.#closing = () => {
        if (this.#places > 0 || this.#opening > 0) return;
        for (const connection of this.#open) connection.quit();
        this.#open.clear();
        resolve();
      };
      for (const waiting of this.#waiting) {
        waiting.timer.cancel();
        waiting.take();
      }
      this.#waiting.clear();
      this.#closing();
    });
  }

  /** Waits for a moment; false when there is none in time. */
  async #turn(pace: Pace, latestAt: number): Promise<boolean> {
    const { clock } = this.#parts;
    const at = await pace.moment(latestAt);
    if (at === undefined) return false;
    const inMs = at - clock.now();
    if (inMs > 0) await pause(clock, inMs);
    return true;
  }

  async #room(latestAt: number): Promise<boolean> {
    const { clock } = this.#parts;
    if (this.#places < this.#most) {
      this.#places += 1;
      return true;
    }
    return await new Promise((resolve) => {
      const waiting: Waiting = {
        take: () => resolve(!this.#closing),
        timer: clock.after(Math.max(0, latestAt - clock.now()), () => {
          this.#waiting.delete(waiting);
          resolve(false);
        }),
      };
      this.#waiting.add(waiting);
    });
  }

  /** A place is free: the next one in the row has it, or nobody. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next && !this.#closing) {
      this.#waiting.delete(next);
      next.timer.cancel();
      next.take();
    } else {
      this.#places -= 1;
    }
    if (this.#closing) this.#closing();
    else this.#parts.onChange();
  }

  #taken(): MailPlace {
    let used = false;
    const once = () => {
      if (used) throw new Error("a place for e-mail was used twice");
      used = true;
    };
    return {
      send: async (mail) => {
        once();
        const end = await new Promise<MailEnd>((settle) => {
          this.#ready.push({ mail, settle });
          this.#serve();
        });
        this.#leave();
        return end;
      },
      release: () => {
        once();
        this.#leave();
      },
    };
  }

  /** Brings what is ready and connections together. */
  #serve(): void {
    while (this.#ready.length > 0) {
      const connection = this.#idle.pop();
      if (!connection) break;
      const next = connection.usable ? this.#ready.shift() : undefined;
      if (next) void this.#carry(connection, next);
      else this.#drop(connection);
    }
    if (this.#down) this.#fail(this.#note ?? "");
    else if (!this.#backingOff)
      while (this.#opening < this.#ready.length && this.#open.size + this.#opening < this.#parts.options.connections) void this.#connect();
  }

  async #carry(connection: Connection, { mail, settle, again = false }: Ready): Promise<void> {
    const end = await connection.send(mail);
    // Servers count messages and minutes of a connection: what was to be the next one goes over a new one, once.
    if (!again && connection.sent > 1 && isLetGo(end)) {
      for (const idle of [connection, ...this.#idle.splice(0)]) this.#drop(idle);
      this.#ready.unshift({ mail, settle, again: true });
      this.#serve();
      return;
    }
    const why = this.#refusingAll.says(end);
    if (why !== undefined) {
      this.#drop(connection);
      this.#failed(why);
      // What may have been taken stays so.
      settle(end.end === "unknown" ? end : { end: "unsent", connected: false, why });
      this.#serve();
      return;
    }
    if (end.end !== "unsent") this.#fails = 0;
    if (connection.sent >= this.#parts.options.messagesPerConnection) connection.quit();
    if (connection.usable) this.#idle.push(connection);
    else this.#drop(connection);
    // First the next one, then the record of this one.
    this.#serve();
    settle(end);
    this.#restLater();
  }

  async #connect(): Promise<void> {
    const { options, log } = this.#parts;
    this.#opening += 1;
    try {
      const connection = await Connection.connect(options);
      this.#open.add(connection);
      this.#idle.push(connection);
      if (this.#note !== undefined) log.info({ pool: options.name }, "the mail server takes e-mail again");
      this.#note = undefined;
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#opening -= 1;
      this.#serve();
      this.#closing?.();
      this.#parts.onChange();
    }
  }

  /** One that refuses some connections still takes messages over those it has. */
  #failed(note: string): void {
    const { options, clock, random, log } = this.#parts;
    if (this.#open.size === 0) {
      if (this.#note === undefined) log.warn({ pool: options.name, reason: note }, "the mail server cannot be used; trying on");
      this.#note = note;
    }
    if (this.#backingOff || this.#closing) return;
    const backOffMs = Math.min(againMs.most, againMs.least * 2 ** this.#fails) * (0.5 + random.next() / 2);
    this.#fails += 1;
    this.#againAt = clock.now() + backOffMs;
    this.#retryTimer = clock.after(backOffMs, () => {
      this.#againAt = 0;
      if (this.#down) void this.#connect();
      else this.#serve();
    });
  }

  #fail(why: string): void {
    for (const { settle } of this.#ready.splice(0)) settle({ end: "unsent", connected: false, why });
  }

  #drop(connection: Connection): void {
    connection.close();
    this.#open.delete(connection);
  }

  /** Connections that nobody needs for a while are given back: servers count them. */
  #restLater(): void {
    this.#idleTimer?.cancel();
    if (this.#closing) return;
    this.#idleTimer = this.#parts.clock.after(idleCloseMs, () => {
      for (const connection of this.#idle.splice(0)) {
        connection.quit();
        this.#open.delete(connection);
      }
    });
  }
}
