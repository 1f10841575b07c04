import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Trunk, trunkUri, userUri } from "./trunk.ts";
import type { Trunks, TrunkUse } from "./trunk-engine.ts";
import type { TrunkRequests } from "./trunk-ports.ts";
import { afterOptions, afterRegister, defaultKeepAlive, defaultRegisterExpiresS } from "./trunk-state.ts";

/** How often it is looked whether something is to be asked. */
const lookMs = 250;
/** A trunk that does not answer an OPTIONS or a REGISTER in that time does not answer. */
const answerMs = 5000;
/** The end of the process does not wait longer for registrations to be taken back. */
const farewellMs = 2000;

export interface TrunkWatchParts {
  readonly trunks: Trunks;
  readonly requests: TrunkRequests;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps every trunk alive with OPTIONS, and registered where its carrier wants that. */
export class TrunkWatch {
  readonly #parts: TrunkWatchParts;
  /** Trunks that are being asked, by what. */
  readonly #asking = new Map<TrunkUse, Set<string>>();
  /** Registrations that are being taken back, with whose they are. */
  readonly #leaving = new Map<Promise<void>, string>();
  readonly #registering = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: TrunkWatchParts) {
    this.#parts = parts;
    this.#look();
  }

  /** Stops asking, and takes registrations back. Resolves within two seconds. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    const { trunks, clock } = this.#parts;
    const now = clock.now();
    const registered = trunks.all.filter(({ trunk, state }) => trunk.register === true && state.registeredUntil > now);
    this.leave(registered.map(({ trunk }) => trunk));
    if (this.#registering.size + this.#leaving.size > 0) await Promise.race([this.#left(), pause(clock, farewellMs)]);
  }

  /** Also of those that are only being taken now. */
  async #left(): Promise<void> {
    await Promise.all(this.#registering);
    await Promise.all(this.#leaving.keys());
  }

  /** Takes back registrations of trunks that are left, while everything else goes on. */
  leave(left: readonly Trunk[]): void {
    for (const trunk of left) {
      const leaving = this.#askRegister(trunk, 0).then(() => {
        this.#leaving.delete(leaving);
      });
      this.#leaving.set(leaving, userUri(trunk));
    }
  }

  /** What is asked for meanwhile might be heard before, and be taken back with it. */
  #isLeaving(trunk: Trunk): boolean {
    return [...this.#leaving.values()].includes(userUri(trunk));
  }

  /** Not what another place said, when the trunk was changed or removed meanwhile. */
  #concerns(use: TrunkUse, trunk: Trunk): boolean {
    return !this.#closed && use.listed && use.trunk === trunk;
  }

  #look(): void {
    const { trunks, requests, clock } = this.#parts;
    if (requests.ready) {
      const now = clock.now();
      for (const use of trunks.all) {
        const { keepAliveMs = defaultKeepAlive.keepAliveMs, register, unusable } = use.trunk;
        if (unusable !== undefined) continue;
        if (keepAliveMs > 0 && use.state.optionsAt <= now) this.#once(use, "OPTIONS", () => this.#probe(use));
        if (register === true && use.state.registerAt <= now && !this.#isLeaving(use.trunk)) this.#once(use, "REGISTER", () => this.#register(use));
      }
    }
    this.#timer = clock.after(lookMs, () => this.#look());
  }

  #once(use: TrunkUse, what: string, ask: () => Promise<void>): void {
    const asking = this.#asking.get(use) ?? new Set();
    if (asking.has(what)) return;
    this.#asking.set(use, asking.add(what));
    ask()
      .catch((error) => this.#parts.log.error({ err: error, trunk: use.trunk.name }, "a trunk could not be asked"))
      .finally(() => asking.delete(what));
  }

  async #probe(use: TrunkUse): Promise<void> {
    const { requests, clock } = this.#parts;
    const { trunk } = use;
    const answer = await requests.ask({ method: "OPTIONS", uri: trunkUri(trunk), from: userUri(trunk), headers: {}, timeoutMs: answerMs });
    if (answer && this.#concerns(use, trunk)) this.#change(use, () => afterOptions(use.state, answer, use.trunk, clock.now()));
  }

  #register(use: TrunkUse): Promise<void> {
    const registering = this.#askFor(use).finally(() => this.#registering.delete(registering));
    this.#registering.add(registering);
    return registering;
  }

  async #askFor(use: TrunkUse): Promise<void> {
    const { trunk, state } = use;
    const answer = await this.#askRegister(trunk, state.expiresS ?? trunk.registerExpiresS ?? defaultRegisterExpiresS);
    if (answer && this.#concerns(use, trunk)) this.#change(use, () => afterRegister(use.state, answer, use.trunk, this.#parts.clock.now()));
    else if (answer && answer.status < 300 && !this.#isWanted(use, trunk)) this.leave([trunk]);
  }

  /** Whether a registration with that place stands although the trunk has been changed meanwhile. */
  #isWanted(use: TrunkUse, was: Trunk): boolean {
    return !this.#closed && use.listed && use.trunk.register === true && userUri(use.trunk) === userUri(was);
  }

  #askRegister(trunk: Trunk, expiresS: number) {
    const { username = "", password = "" } = trunk;
    return this.#parts.requests.ask({
      method: "REGISTER",
      uri: trunkUri(trunk),
      from: userUri(trunk),
      // drachtio-server puts its own address in place of localhost.
      headers: { Contact: `<sip:${username}@localhost;transport=${trunk.transport}>`, Expires: String(expiresS) },
      auth: { username, password },
      timeoutMs: answerMs,
    });
  }

  #change(use: TrunkUse, change: () => TrunkUse["state"]): void {
    const { log } = this.#parts;
    const was = use.up;
    const { note } = use.state;
    use.state = change();
    const { name } = use.trunk;
    if (use.up !== was) {
      if (use.up) log.info({ trunk: name }, "trunk is up");
      else log.error({ trunk: name, note: use.state.note }, "trunk is down");
    } else if (!use.up && use.state.note !== note) log.error({ trunk: name, note: use.state.note }, "trunk is still down");
  }
}
