import type { MikroORM } from "@mikro-orm/postgresql";
import type { ApiKey } from "../../../access/key.ts";
import type { KeyStore } from "../../../access/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { ApiKeyEntity } from "../entity/api-key.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";

export class PostgresKeyStore implements KeyStore {
  readonly #orm: MikroORM;
  readonly #clock: Clock;

  constructor(orm: MikroORM, clock: Clock) {
    this.#orm = orm;
    this.#clock = clock;
  }

  async add({ name, hash, agentId }: { readonly name: string; readonly hash: string; readonly agentId?: string }): Promise<ApiKey> {
    const createdAt = this.#clock.now();
    const row = { name, hash, agentId: agentId ?? null, createdAt: new Date(createdAt) };
    const id = await this.#guarded("store the key", () => this.#em().insert(ApiKeyEntity, row));
    return { id, name, hash, createdAt, revokedAt: undefined, agentId };
  }

  async findByHash(hash: string): Promise<ApiKey | undefined> {
    const row = await this.#guarded("look up the key", () => this.#em().findOne(ApiKeyEntity, { hash, revokedAt: null }));
    return row ? toKey(row) : undefined;
  }

  async revoke(id: string): Promise<boolean> {
    if (!isId(id)) return false;
    const revokedAt = new Date(this.#clock.now());
    return (await this.#guarded("revoke the key", () => this.#em().nativeUpdate(ApiKeyEntity, { id, revokedAt: null }, { revokedAt }))) > 0;
  }

  async revokeOf(agentId: string): Promise<void> {
    if (!isId(agentId)) return;
    const revokedAt = new Date(this.#clock.now());
    await this.#guarded("revoke an agent's keys", () => this.#em().nativeUpdate(ApiKeyEntity, { agentId, revokedAt: null }, { revokedAt }));
  }

  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.#guarded("list the keys", () => this.#em().find(ApiKeyEntity, {}, { orderBy: { id: "asc" } }));
    return rows.map(toKey);
  }

  #em() {
    return this.#orm.em.fork();
  }

  async #guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

function toKey(row: { id: string; name: string; hash: string; agentId?: string | null; createdAt: Date; revokedAt?: Date | null }): ApiKey {
  const { id, name, hash, agentId, createdAt, revokedAt } = row;
  return { id, name, hash, createdAt: createdAt.getTime(), revokedAt: revokedAt?.getTime(), agentId: agentId ?? undefined };
}
