import type { AuditEntry, AuditFilter, AuditRecord } from "./audit.ts";
import type { ApiKey } from "./key.ts";
import type { ScopeKind } from "./route-rule.ts";

export type NewKey = Pick<ApiKey, "name" | "hash" | "role" | "groupIds" | "agentId" | "expiresAt">;

export interface KeyStore {
  add(key: NewKey): Promise<ApiKey>;
  /** The key with that hash, if it holds: neither revoked nor expired. It counts as used. */
  findByHash(hash: string): Promise<ApiKey | undefined>;
  find(id: string): Promise<ApiKey | undefined>;
  /** @returns whether there was one that was not revoked */
  revoke(id: string): Promise<boolean>;
  /** Which of these keys of agents hold no more; not those of agents who have been taken out, who are logged out when their conversation is over. */
  over(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** All keys of an agent. */
  revokeOf(agentId: string): Promise<void>;
  list(page?: { readonly limit: number; readonly afterId?: string }): Promise<readonly ApiKey[]>;
}

/** What belongs to which groups. */
export interface GroupReader {
  /** Which of these belong to one of the groups. Ids that are none belong to nobody. */
  visible(groupIds: readonly string[], kind: ScopeKind, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Which of these groups there are. */
  known(groupIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** A change that somebody asked for: what is written while `run` goes on, and its line in the audit log, are kept together or not at all. */
export interface Change {
  /** Waits until no other change of the same thing goes on, on any node, and keeps others waiting from then on: what is seen of it now is what is changed. */
  hold(): Promise<void>;
  run<T>(work: () => T): T;
  /** Once; after that it does nothing. @param now how the thing is now @throws Fault when the line cannot be written: nothing has changed then */
  keep(now?: unknown): Promise<void>;
  undo(): Promise<void>;
}

export interface Changes {
  /** @param line what is written down, once it is known how the thing is now @param thing what is changed: changes of the same come one after the other, over all nodes */
  begin(line: (now: unknown) => AuditEntry, thing?: string): Change;
}

/** The audit log. Nothing in it is ever changed. */
export interface AuditStore {
  add(entry: AuditEntry): Promise<void>;
  /** In the order in which they were written. */
  page(filter: AuditFilter, page: { readonly limit: number; readonly afterId?: string }): Promise<readonly AuditRecord[]>;
  /** All of them, from behind that place. */
  chain(afterId: string, limit: number): Promise<readonly AuditRecord[]>;
}
