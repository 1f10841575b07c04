import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { enteredSql, enterLaterSql, enterSql } from "./enter-sql.ts";
import { moveOnListSql } from "./start-sql.ts";

/** How those whom a load brings to a list that was there already come to the campaigns on it. */
export class LoadEntry {
  readonly #client: pg.PoolClient;
  readonly #listId: string;
  readonly #clock: Clock;
  /** Campaigns that ran when the first of the people came to them. */
  #entered: readonly string[] | undefined;
  #firstId: string | undefined;

  constructor(client: pg.PoolClient, listId: string, clock: Clock) {
    this.#client = client;
    this.#listId = listId;
    this.#clock = clock;
  }

  async add(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    this.#firstId ??= ids[0];
    this.#entered ??= await this.#running();
    await this.#client.query(enterSql, [ids, this.#clock.now()]);
  }

  /** From here to the commit no campaign starts with the list as it is without the load. Those that have started since its people came in get them. */
  async settle(): Promise<void> {
    await this.#client.query(moveOnListSql, [this.#listId]);
    if (this.#firstId === undefined) return;
    const entered = this.#entered ?? [];
    const later = (await this.#running()).filter((id) => !entered.includes(id));
    if (later.length > 0) await this.#client.query(enterLaterSql, [later, this.#firstId, this.#clock.now()]);
  }

  /** Campaigns that people come to who come to the list. */
  async #running(): Promise<readonly string[]> {
    const { rows } = await this.#client.query<{ id: string }>(enteredSql, [this.#listId]);
    return rows.map(({ id }) => id);
  }
}
