import type { ApiKey } from "./key.ts";

export interface KeyStore {
  add(key: { readonly name: string; readonly hash: string; readonly agentId?: string }): Promise<ApiKey>;
  /** The unrevoked key with that hash. */
  findByHash(hash: string): Promise<ApiKey | undefined>;
  revoke(id: string): Promise<boolean>;
  /** All keys of an agent. */
  revokeOf(agentId: string): Promise<void>;
  list(): Promise<readonly ApiKey[]>;
}
