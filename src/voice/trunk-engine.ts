import type { Clock } from "../kernel/clock.ts";
import type { Ring } from "./invite-session.ts";
import { awaitLine } from "./line-wait-engine.ts";
import { Pace } from "./pace-engine.ts";
import { inOrder, type Route, type RouteMember } from "./route.ts";
import type { Trunk } from "./trunk.ts";
import type { TrunkLedger } from "./trunk-ports.ts";
import { TrunkShare } from "./trunk-share-engine.ts";
import { freshTrunk, isUp, type TrunkState } from "./trunk-state.ts";

/** What OPTIONS and REGISTER depend on. */
const asked = ["host", "port", "transport", "username", "password", "register", "unusable"] as const;

/** One element of a carrier that errs must not take a trunk away for a day. */
const longestRestS = 300;

/** What of a trunk is in use, over all campaigns of this process. */
export class TrunkUse {
  trunk: Trunk;
  /** Second legs of transfers pass here too. */
  readonly pace: Pace;
  /** Lines taken: decided on, dialling, ringing or talking, second legs of transfers included. */
  lines = 0;
  /** What OPTIONS and REGISTER found out. */
  state: TrunkState = freshTrunk;
  /** Final responses to INVITEs by SIP status; 0 when there was none. */
  readonly ended = new Map<number, number>();
  /** Our part of it, where other nodes use it too. */
  readonly share: TrunkShare | undefined;
  readonly clock: Clock;
  /** Its carrier has asked to be left alone until then (epoch ms). */
  #restsUntil = 0;

  constructor(trunk: Trunk, clock: Clock, ledger?: TrunkLedger) {
    this.trunk = trunk;
    this.clock = clock;
    this.pace = new Pace(clock);
    this.share = ledger && new TrunkShare(ledger, clock);
  }

  /** Lines that new calls of this process may use. */
  get maxLines(): number {
    const { share } = this;
    return share ? Math.max(0, Math.min(this.#mostLines, share.fair) - share.waiting) : this.#mostLines;
  }

  get #mostLines(): number {
    const { maxChannels } = this.trunk;
    return this.share ? Math.min(maxChannels, this.share.lines) : maxChannels;
  }

  /** False once it is out of the configuration; calls that are up on it still count. */
  listed = true;

  /** Whether calls may be placed on it. */
  get up(): boolean {
    const now = this.clock.now();
    return this.listed && this.trunk.unusable === undefined && this.#restsUntil <= now && isUp(this.trunk, this.state, now);
  }

  /**
   * Takes over changed settings. What was found out about another place, or with other credentials, says nothing of this one.
   * @returns the trunk as it was, when a registration with it is to be taken back
   */
  change(trunk: Trunk | undefined): Trunk | undefined {
    const was = this.trunk;
    const wasRegistered = was.register === true && this.state.registeredUntil > this.clock.now();
    const same = trunk !== undefined && asked.every((name) => was[name] === trunk[name]);
    this.listed = trunk !== undefined;
    this.trunk = trunk ?? was;
    if (!same) {
      this.state = freshTrunk;
      this.#restsUntil = 0;
    } else if (was.keepAliveMs !== trunk.keepAliveMs) this.state = { ...this.state, optionsAt: 0 };
    return wasRegistered && !same ? was : undefined;
  }

  /** Why no calls may be placed on it, for people; undefined when they may. */
  get note(): string | undefined {
    if (this.up) return undefined;
    if (this.trunk.unusable !== undefined) return this.trunk.unusable;
    if (this.#restsUntil > this.clock.now()) return `503 with Retry-After: it is left alone until ${new Date(this.#restsUntil).toISOString()}`;
    return this.state.note ?? "not registered yet";
  }

  /**
   * An INVITE got its final response; status 0 for none.
   * @param retryAfterS of a 503: no other call shall be tried there for so long (RFC 3261 §21.5.4)
   */
  count(status: number, retryAfterS?: number): void {
    this.ended.set(status, (this.ended.get(status) ?? 0) + 1);
    if (retryAfterS !== undefined) this.#restsUntil = Math.max(this.#restsUntil, this.clock.now() + Math.min(retryAfterS, longestRestS) * 1000);
  }

  /** One more line, for the second leg of a transfer or for a call that comes from another trunk: the function that gives it back, or undefined when it is full. */
  takeLine(): (() => void) | undefined {
    this.share?.look();
    if (this.lines >= this.#mostLines) return undefined;
    this.lines += 1;
    return () => {
      this.lines -= 1;
    };
  }

  /**
   * Takes the trunk's next moment, over all nodes.
   * @param notBefore the call leaves no earlier (epoch ms)
   * @returns what resolves when the INVITE may leave
   */
  async reserve(notBefore = 0): Promise<() => Promise<void>> {
    const own = () => this.pace.turn(this.trunk.maxCps);
    if (!this.share) return own;
    const { share } = this;
    const moment = await share.moments.next(this.trunk, notBefore, () => share.alone);
    return async () => {
      await moment.comes();
      await own();
    };
  }
}

/** A trunk within a route. */
export interface Way extends RouteMember {
  readonly use: TrunkUse;
}

/** What a campaign dials over: a route, or a trunk as a route of one. */
export interface Ways {
  readonly members: readonly Way[];
  readonly maxTries: number;
}

/** All trunks and routes of this process, by name. */
export class Trunks {
  readonly #clock: Clock;
  readonly #ledger: TrunkLedger | undefined;
  /** Those of the configuration, and those that were in it and have lines in use. */
  readonly #known = new Map<string, TrunkUse>();
  #uses: ReadonlyMap<string, TrunkUse> = new Map();
  #ways: ReadonlyMap<string, Ways> = new Map();

  /** @param ledger holds the limits over all nodes; without it they are those of this process */
  constructor(trunks: readonly Trunk[], routes: readonly Route[], clock: Clock, ledger?: TrunkLedger) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.set(trunks, routes);
  }

  /**
   * Takes over changed settings. What is up goes on; a trunk that keeps its name keeps what is in use of it, also when it comes back.
   * @returns trunks as they were, with whose carriers we are not to be registered any more
   */
  set(trunks: readonly Trunk[], routes: readonly Route[]): readonly Trunk[] {
    const wanted = new Map(trunks.map((trunk) => [trunk.name, trunk]));
    const left = [...this.#known.values()].flatMap((use) => use.change(wanted.get(use.trunk.name)) ?? []);
    for (const [name, use] of this.#known) if (!use.listed && use.lines === 0) this.#known.delete(name);
    const uses = trunks.map((trunk) => this.#known.get(trunk.name) ?? new TrunkUse(trunk, this.#clock, this.#ledger));
    for (const use of uses) this.#known.set(use.trunk.name, use);
    this.#uses = new Map(uses.map((use) => [use.trunk.name, use]));
    const alone = uses.map((use): [string, Ways] => {
      const { name } = use.trunk;
      return [name, { members: [{ name, priority: 1, weight: 1, use }], maxTries: 1 }];
    });
    const together = routes.map((route): [string, Ways] => [route.name, { members: this.#members(route), maxTries: route.maxTries }]);
    this.#ways = new Map([...alone, ...together]);
    return left;
  }

  /** Those that are out of the configuration and have lines in use too. */
  get known(): readonly TrunkUse[] {
    return [...this.#known.values()];
  }

  get all(): readonly TrunkUse[] {
    return [...this.#uses.values()];
  }

  /** The trunks behind the name of a trunk or of a route. */
  find(name: string): Ways | undefined {
    return this.#ways.get(name);
  }

  #members({ trunks }: Route): readonly Way[] {
    return trunks.flatMap((member) => {
      const use = this.#uses.get(member.name);
      return use ? [{ ...member, use }] : [];
    });
  }
}

/** Takes a line for a leg: on `first` if that can, else on the first trunk in order that is up, has one and suits. @returns undefined when none can */
export function openTries(ways: Ways, suits: (trunk: Trunk) => boolean, first?: TrunkUse): TrunkTries | undefined {
  const uses = inOrder(ways.members).map(({ use }) => use);
  const use = [...(first ? [first] : []), ...uses].find((each) => each.up && suits(each.trunk) && each.takeLine());
  return use && new TrunkTries(ways, use);
}

/** The same for a second leg beside a call that is up: see `awaitLine`. */
export function awaitTries(ways: Ways, suits: (trunk: Trunk) => boolean, first?: TrunkUse): Promise<TrunkTries | undefined> {
  const uses = ways.members.map(({ use }) => use).filter((use) => use.up && suits(use.trunk));
  return awaitLine(uses, () => openTries(ways, suits, first));
}

/** The trunk that one call is on, with its line, and those it may go on to. */
export class TrunkTries {
  readonly #ways: Ways;
  readonly #tried: Set<TrunkUse>;
  #use: TrunkUse;
  #giveBack: (() => void) | undefined;

  /** @param use has the line of this call already */
  constructor(ways: Ways, use: TrunkUse) {
    this.#ways = ways;
    this.#use = use;
    this.#tried = new Set([use]);
    this.#giveBack = () => {
      use.lines -= 1;
    };
  }

  get trunk(): Trunk {
    return this.#use.trunk;
  }

  /** Takes a line on the next trunk that is up and has one, and gives back that of the present one. @returns false when there is none: nothing has changed */
  next(suits: (trunk: Trunk) => boolean): boolean {
    for (const { use } of inOrder(this.#ways.members)) {
      if (this.#tried.has(use) || !use.up || !suits(use.trunk)) continue;
      const giveBack = use.takeLine();
      if (!giveBack) continue;
      this.#tried.add(use);
      this.#giveBack?.();
      this.#giveBack = giveBack;
      this.#use = use;
      return true;
    }
    return false;
  }

  /** Whether it holds for one of the trunks of this call. */
  some(holds: (trunk: Trunk) => boolean): boolean {
    return this.#ways.members.some(({ use }) => holds(use.trunk));
  }

  /** INVITEs that may be sent for one attempt. */
  get maxTries(): number {
    return this.#ways.maxTries;
  }

  /** The same for a second leg beside this call: over the present trunk if it can take it. @returns undefined when none can, within a few seconds */
  beside(suits: (trunk: Trunk) => boolean): Promise<TrunkTries | undefined> {
    return awaitTries(this.#ways, suits, this.#use);
  }

  /** An INVITE over the present trunk has come to its end. */
  count(rung: Ring): void {
    const { status, lost, madeUp, retryAfterS } = rung.answered ? { status: 200 } : rung.failure;
    this.#use.count(lost || madeUp ? 0 : status, retryAfterS);
  }

  /** See TrunkUse. */
  reserve(notBefore?: number): Promise<() => Promise<void>> {
    return this.#use.reserve(notBefore);
  }

  /** The call is over, or was never placed. */
  release(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}
