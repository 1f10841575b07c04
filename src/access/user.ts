import type { Caller, Grant } from "./role.ts";

/** Somebody who logs in. */
export interface User extends Grant {
  readonly id: string;
  /** Small letters, digits, and . _ @ + - between them. */
  readonly name: string;
  readonly active: boolean;
  /** Epoch ms, as the other times. */
  readonly createdAt: number;
  readonly createdBy: string;
  /** When they chose their password; undefined until they have. */
  readonly passwordAt: number | undefined;
  readonly secondFactor: boolean;
}

/** What is needed to know them; never shown. */
export interface Credentials extends User {
  readonly password: string | undefined;
  readonly sealedSeed: string | undefined;
  readonly lastStep: number | undefined;
}

export interface UserChange {
  readonly role?: Grant["role"];
  /** Null: everything. */
  readonly groupIds?: readonly string[] | null;
  readonly active?: boolean;
}

export interface UserStore {
  /** @throws Fault `user-exists` */
  add(user: Grant & { readonly name: string; readonly createdBy: string }): Promise<User>;
  find(id: string): Promise<Credentials | undefined>;
  findByName(name: string): Promise<Credentials | undefined>;
  list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly User[]>;
  /** Ends all their sessions with it. @throws Fault `user-last-owner` when nobody would be owner any more, `user-unknown` */
  change(id: string, change: UserChange): Promise<User>;
  setPassword(id: string, hash: string): Promise<void>;
  /** A seed that is not in force yet. */
  setSeed(id: string, sealed: string): Promise<void>;
  /** Puts the seed in force, with recovery codes by their hashes. */
  enforceSeed(id: string, step: number, recoveryHashes: readonly string[]): Promise<void>;
  removeSeed(id: string): Promise<void>;
  /** @returns whether the step is newer than every one that was taken */
  takeStep(id: string, step: number): Promise<boolean>;
  /** @returns whether it was one of theirs; it is none any more */
  takeRecovery(id: string, hash: string): Promise<boolean>;
  /** In place of every earlier one. Their password does not hold any more. */
  invite(id: string, hash: string, expiresAt: number): Promise<void>;
  /** Once. @returns who was invited */
  takeInvitation(hash: string): Promise<string | undefined>;
  seeds(): Promise<readonly { readonly id: string; readonly sealedSeed: string }[]>;
  reseal(id: string, before: string, sealedSeed: string): Promise<boolean>;
}

export interface UserSession {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
  /** Where from, and with what. */
  readonly address: string;
  readonly browser: string;
}

export interface SessionStore {
  /** @returns false when they have another password by now */
  add(session: {
    readonly hash: string;
    readonly userId: string;
    readonly expiresAt: number;
    readonly address: string;
    readonly browser: string;
    /** By which hash of a password they were known: with another one by now there is no session. */
    readonly password: string | undefined;
  }): Promise<boolean>;
  /** The one that holds, of somebody who is active. It counts as seen. */
  find(hash: string): Promise<{ readonly session: UserSession; readonly user: User } | undefined>;
  list(userId: string): Promise<readonly UserSession[]>;
  end(userId: string, id: string): Promise<boolean>;
  /** @returns how many */
  endAll(userId: string): Promise<number>;
}

/** Counts failed logins. */
export interface LoginGuard {
  /**
   * Counts a try as failed before it is looked at, so that many at once are no more than one after the other.
   * @returns undefined, or until when nobody may try: it is not counted then
   */
  begin(kind: "account" | "address", value: string): Promise<number | undefined>;
  /**
   * The same of an account at an address where somebody has logged in to it of late, apart from what is tried elsewhere: else anybody could keep them out by guessing. `stranger`: nobody
   * has, and nothing is counted.
   */
  beginAt(account: string, address: string): Promise<number | undefined | "stranger">;
  /** It was none, and the address is one of theirs from now on. */
  succeed(account: string, address: string): Promise<void>;
}

/** Seals what is kept in the database. */
export interface Seals {
  /** @throws Fault `secret-key-missing` */
  seal(place: string, text: string): string;
  unseal(place: string, sealed: string): string | undefined;
  isStale(sealed: string): boolean;
}

export function userCaller({ id, name, role, groupIds }: User): Caller {
  return { kind: "user", id, name, role, groupIds };
}
