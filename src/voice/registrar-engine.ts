import type { Clock } from "../kernel/clock.ts";
import type { DigestAlgorithm } from "../kernel/digest.ts";
import type { Log } from "../kernel/log.ts";
import { challengeOf, type DigestAnswer, isRight, readDigest } from "./digest.ts";
import { makeNonce, nonceHoldsUntil, nonceRandomBytes } from "./nonce.ts";
import type { DeviceContact } from "./phone-dial-session.ts";
import { contactsText, type RegistrarLimits, rebind } from "./registrar.ts";
import type { RegisterSource, RegistrarStore, Registration, RegistrationAnswer } from "./registrar-ports.ts";

export interface RegistrarParts extends RegistrarLimits {
  readonly source: RegisterSource;
  readonly store: RegistrarStore;
  readonly realm: string;
  readonly algorithm: DigestAlgorithm;
  /** The same on every node: one may challenge, and another be answered. */
  readonly nonceKey: Uint8Array;
  /** What a device's password is; undefined when this node cannot read it. */
  readonly passwordOf: (agentId: string, sealed: string) => string | undefined;
  /** Fresh bytes from a cryptographic source. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

/** Wrong answers of one address under one name, and of one address under all, until it is not listened to for a while. */
const mostFailures = 10;
const mostFailuresOfAddress = 100;
const failureMs = 60_000;
/** Addresses and names that are remembered, at most. */
const mostRemembered = 20_000;

/** Why somebody was not let in, for metrics. */
export const registerEnds = ["registered", "challenged", "stale", "refused", "wrong", "held-off", "fault"] as const;
export type RegisterEnd = (typeof registerEnds)[number];

/** Registers the devices of agents. */
export class Registrar {
  readonly #parts: RegistrarParts;
  /** By address, and by address and name: wrong answers since when. */
  readonly #failures = new Map<string, { count: number; since: number }>();
  readonly ended = new Map<RegisterEnd, number>(registerEnds.map((end) => [end, 0]));

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
    parts.source.takeRegisters((registration) => this.register(registration));
  }

  /** Where the agent's devices can be reached. Rejects when the database is away. */
  async contactsOf(agentId: string): Promise<readonly DeviceContact[]> {
    const bindings = await this.#parts.store.bindings(agentId);
    return bindings.map(({ contact, proxy, via }) => ({ uri: contact, proxy, ...(via !== undefined && { via }) }));
  }

  /** Answers one REGISTER. Never rejects. */
  async register(registration: Registration): Promise<RegistrationAnswer> {
    const { log } = this.#parts;
    try {
      return await this.#answer(registration);
    } catch (error) {
      this.#count("fault");
      log.error({ err: error, source: registration.source.address }, "a registration could not be looked at");
      return { status: 503, headers: { "Retry-After": "10" } };
    }
  }

  async #answer(registration: Registration): Promise<RegistrationAnswer> {
    const { clock, log, store } = this.#parts;
    const { source, requires, user } = registration;
    if (requires !== undefined) return this.#end("refused", { status: 420, headers: { Unsupported: requires } });
    const answer = registration.authorization === undefined ? undefined : readDigest(registration.authorization);
    const waitS = this.#heldOffS(source.address, answer?.username);
    if (waitS !== undefined) return this.#end("held-off", { status: 503, headers: { "Retry-After": String(waitS) } });
    if (!answer) return this.#challenge("challenged", false);
    const known = await store.account(answer.username);
    if (!this.#knows(answer, known)) {
      // A name that nobody has and a wrong password are answered alike.
      this.#fail(source.address, answer.username);
      log.warn({ source: source.address, user: answer.username.slice(0, 64) }, "a device was not let in: name or password is wrong");
      return this.#end("wrong", { status: 403 });
    }
    if (known === undefined || !(await this.#isFresh(answer))) return this.#challenge("stale", true);
    if (user !== answer.username) return this.#end("refused", { status: 404 });
    const now = clock.now();
    const rebound = await store.rebind(known.agentId, (present) => rebind(present, registration, this.#parts, now));
    if ("refused" in rebound) {
      log.info({ agent: known.agentId, source: source.address, status: rebound.refused.status }, "a registration was refused");
      return this.#end("refused", rebound.refused);
    }
    const { bindings } = rebound;
    log.debug({ agent: known.agentId, source: source.address, contacts: bindings.length }, "a device has registered");
    return this.#end("registered", { status: 200, ...(bindings.length > 0 && { headers: { Contact: contactsText(bindings, now) } }) });
  }

  #knows(answer: DigestAnswer, known: { readonly agentId: string; readonly sealedPassword: string } | undefined): boolean {
    const { realm, algorithm, passwordOf } = this.#parts;
    const password = known && passwordOf(known.agentId, known.sealedPassword);
    const right = isRight(answer, "REGISTER", algorithm, password ?? "");
    // Without qop there is no count, and an answer could be given again.
    const asAsked = answer.realm === realm && answer.qop === "auth" && answer.algorithm.toUpperCase() === algorithm;
    return right && asAsked && password !== undefined && /^[0-9a-f]{8}$/i.test(answer.nc ?? "");
  }

  /** Whether its nonce is ours, not too old, and was not used like this before. */
  async #isFresh({ nonce, nc = "" }: DigestAnswer): Promise<boolean> {
    const { nonceKey, clock, store } = this.#parts;
    const holdsUntil = nonceHoldsUntil(nonceKey, nonce);
    if (holdsUntil === undefined || holdsUntil < clock.now()) return false;
    return store.useNonce({ nonce, count: Number.parseInt(nc, 16), holdsUntil });
  }

  #challenge(how: "challenged" | "stale", stale: boolean): RegistrationAnswer {
    const { realm, algorithm, nonceKey, clock, randomBytes } = this.#parts;
    const nonce = makeNonce(nonceKey, clock.now(), randomBytes(nonceRandomBytes));
    return this.#end(how, { status: 401, headers: { "WWW-Authenticate": challengeOf(realm, nonce, algorithm, stale) } });
  }

  /** For how many seconds still nothing is taken from there; undefined: it is. */
  #heldOffS(address: string, username = ""): number | undefined {
    const now = this.#parts.clock.now();
    const over = ([key, most]: readonly [string, number]) => {
      const failed = this.#failures.get(key);
      return failed && failed.count >= most && now < failed.since + failureMs ? failed.since + failureMs : 0;
    };
    const until = Math.max(...keysOf(address, username).map(over));
    return until > now ? Math.ceil((until - now) / 1000) : undefined;
  }

  #fail(address: string, username: string): void {
    const now = this.#parts.clock.now();
    for (const [key] of keysOf(address, username)) {
      const failed = this.#failures.get(key);
      this.#failures.delete(key);
      this.#failures.set(key, failed && now < failed.since + failureMs ? { ...failed, count: failed.count + 1 } : { count: 1, since: now });
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= mostRemembered) break;
      this.#failures.delete(key);
    }
  }

  #end(how: RegisterEnd, answer: RegistrationAnswer): RegistrationAnswer {
    this.#count(how);
    return answer;
  }

  #count(how: RegisterEnd): void {
    this.ended.set(how, (this.ended.get(how) ?? 0) + 1);
  }
}

function keysOf(address: string, username: string): readonly (readonly [string, number])[] {
  return [
    [address, mostFailuresOfAddress],
    [`${address} ${username.slice(0, 64)}`, mostFailures],
  ];
}
