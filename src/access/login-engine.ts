import { randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { csrfToken, hashToken, isToken, longestMs, tokenBytes } from "./login.ts";
import { isPassword } from "./password-engine.ts";
import { seedOf } from "./second-factor-engine.ts";
import { matchingStep, recoveryHash } from "./totp.ts";
import type { Credentials, LoginGuard, Seals, SessionStore, User, UserSession, UserStore } from "./user.ts";

export interface LoginParts {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly guard: LoginGuard;
  readonly seals: Seals;
  /** Whether everybody has to have one. */
  readonly secondFactor: "optional" | "required";
  readonly clock: Clock;
  readonly log: Log;
}

export interface Login {
  readonly name: string;
  readonly password: string;
  /** Of the second factor, or a recovery code. */
  readonly code?: string;
  readonly address: string;
  readonly browser: string;
}

/** A session as it begins: its text is nowhere but here and with whoever logged in. */
export interface NewSession {
  readonly user: User;
  readonly token: string;
  readonly csrfToken: string;
  readonly expiresAt: number;
}

/** What a browser shows of itself is kept to so many characters. */
const longestBrowser = 200;

/** People log in, and are known by their sessions. */
export class Logins {
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** @throws Fault `login-refused`, whatever was wrong; `second-factor-needed`; `rate-limited`, `overloaded` */
  async login({ name, password, code, address, browser }: Login): Promise<NewSession> {
    const { users, guard, log } = this.#parts;
    await this.#count(name, address);
    const user = await users.findByName(name);
    const right = await isPassword(password, user?.password);
    if (!user?.active || !right) throw this.#refused(address, user, right ? "not active" : "password");
    await this.#checkCode(user, code, address);
    await guard.succeed(name, address);
    log.info({ user: user.id, address, factors: user.secondFactor ? "password and code" : "password" }, "somebody has logged in");
    return await this.begin(user, address, browser);
  }

  /** A new session, for somebody who is known by that password. @throws Fault `login-refused` when they have another one by now */
  async begin(user: Pick<Credentials, "password"> & User, address: string, browser: string): Promise<NewSession> {
    const token = randomBytes(tokenBytes).toString("base64url");
    const expiresAt = this.#parts.clock.now() + longestMs;
    const { id: userId, password } = user;
    const session = { hash: hashToken(token), userId, expiresAt, address, browser: browser.slice(0, longestBrowser), password };
    // Whoever changes it ends all sessions, this one too.
    if (!(await this.#parts.sessions.add(session))) throw this.#refused(address, user, "password");
    return { user, token, csrfToken: csrfToken(token), expiresAt };
  }

  /** Who has the session of that text, if it holds. */
  async find(token: string): Promise<{ readonly session: UserSession; readonly user: User } | undefined> {
    return isToken(token) ? await this.#parts.sessions.find(hashToken(token)) : undefined;
  }

  /**
   * Whether somebody who is logged in is still the one at the keyboard: with everything that they log in with.
   * @throws Fault `login-refused`, `second-factor-needed`, `rate-limited`
   */
  async confirm(user: Credentials, { password, code }: Pick<Login, "password" | "code">, address: string): Promise<void> {
    await this.#count(user.name, address);
    if (!(await isPassword(password, user.password))) throw this.#refused(address, user, "password");
    await this.#checkCode(user, code, address);
    await this.#parts.guard.succeed(user.name, address);
  }

  async #count(name: string, address: string): Promise<void> {
    const { guard, log, clock } = this.#parts;
    const account = async () => {
      const until = await guard.beginAt(name, address);
      return until === "stranger" ? await guard.begin("account", name) : until;
    };
    for (const [kind, begin] of [
      ["address", () => guard.begin("address", address)],
      ["account", account],
    ] as const) {
      const until = await begin();
      if (until === undefined) continue;
      log.warn({ kind, address }, "nobody may log in for a while: too many tries have failed");
      // Whoever goes on trying waits twice as long each time, 15 minutes at most: they had better know.
      const retryAfterS = Math.max(1, Math.ceil((until - clock.now()) / 1000));
      throw new Fault("rate-limited", `Too many tries have failed: wait ${retryAfterS} s, and try again.`, { detail: { retryAfterS } });
    }
  }

  /** Whether somebody has to set up a second factor before anything else. */
  lacksFactor(user: Pick<User, "secondFactor">): boolean {
    return this.#parts.secondFactor === "required" && !user.secondFactor;
  }

  /** @throws Fault `second-factor-needed`, `login-refused` */
  async #checkCode(user: Credentials, code: string | undefined, address: string): Promise<void> {
    if (!user.secondFactor) return;
    if (code === undefined) throw new Fault("second-factor-needed", "Give the code of your authenticator, or a recovery code, as well.");
    if (!(await this.#isCode(user, code))) throw this.#refused(address, user, "code");
  }

  async #isCode(user: Credentials, code: string): Promise<boolean> {
    const { users, seals, clock } = this.#parts;
    const seed = seedOf(seals, user);
    if (seed === undefined) throw new Fault("second-factor-unreadable", "The second factor cannot be read on this node: secret.key is another one.");
    const step = matchingStep(seed, code, clock.now(), user.lastStep);
    if (step !== undefined) return await users.takeStep(user.id, step);
    return await users.takeRecovery(user.id, recoveryHash(code));
  }

  /** Who it was is told by their id alone: in place of a name people type their password now and then. */
  #refused(address: string, user: User | undefined, wrong: string): Fault {
    this.#parts.log.warn({ address, user: user?.id ?? "unknown", wrong }, "a login was refused");
    return new Fault("login-refused", "Name, password or code is wrong, or there is no such account.");
  }
}
