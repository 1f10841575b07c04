import { Client } from "pg";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock, Timer } from "../../src/kernel/clock.ts";

/**
 * The time of day of a whole world, database included: moved by the test alone. What is waited for a few milliseconds, for company in a statement, goes by real timers.
 */
export class WorldTime implements Clock {
  #at: number;
  /** The superuser's connection. */
  readonly admin: Client;

  private constructor(at: number, admin: Client) {
    this.#at = at;
    this.admin = admin;
  }

  /**
   * Puts a clock of its own in front of the database's: SQL that asks for clock_timestamp() gets the world's time. To be opened before anybody connects.
   * @param adminUrl as superuser
   */
  static async open(adminUrl: string, at: number): Promise<WorldTime> {
    const admin = new Client({ connectionString: adminUrl });
    await admin.connect();
    const name = admin.escapeIdentifier(new URL(adminUrl).pathname.slice(1));
    await admin.query(`
      create schema virtual;
      create table virtual.moment (at timestamptz not null);
      insert into virtual.moment values (to_timestamp(${at / 1000}));
      create function virtual.clock_timestamp() returns timestamptz language sql volatile as 'select at from virtual.moment';
      grant usage on schema virtual to public;
      grant select on virtual.moment to public;
      alter database ${name} set search_path = virtual, pg_catalog, public`);
    return new WorldTime(at, admin);
  }

  now(): number {
    return this.#at;
  }

  after(delayMs: number, fire: () => void): Timer {
    return systemClock.after(delayMs, fire);
  }

  /** Forwards or, as clocks of machines are set now and then, backwards. */
  async set(at: number): Promise<void> {
    this.#at = at;
    await this.admin.query("update virtual.moment set at = to_timestamp($1::float8 / 1000)", [at]);
  }

  async close(): Promise<void> {
    await this.admin.end();
  }
}

/** The clock of an engine that looks around again and again: it does so when it is told to. */
export class TurnClock implements Clock {
  readonly #time: Clock;
  #fire: (() => void) | undefined;
  #ready = () => {};

  constructor(time: Clock) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now();
  }

  after(_delayMs: number, fire: () => void): Timer {
    this.#fire = fire;
    this.#ready();
    return { cancel: () => (this.#fire = undefined) };
  }

  /** One turn; resolves when the engine waits for its next one. */
  async turn(): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.#ready = resolve;
    });
    this.#fire?.();
    await next;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();
const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What a wall clock in a zone shows. By Intl, which the gate does not use. @throws RangeError where there is no such zone */
export function wallClock(at: number, zone: string): { readonly weekday: number; readonly minute: number } {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", weekday: "short", hour: "2-digit", minute: "2-digit" });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { weekday: weekdays.indexOf(parts["weekday"] ?? "") + 1, minute: Number(parts["hour"]) * 60 + Number(parts["minute"]) };
}
