import type pg from "pg";
import { PostgresAttemptLog } from "../../src/adapter/postgres/repository/attempt-log.ts";
import { PostgresMessageLog } from "../../src/adapter/postgres/repository/message-log.ts";
import { PostgresNodeRegistry } from "../../src/adapter/postgres/repository/node-registry.ts";
import { PostgresReceiptStore } from "../../src/adapter/postgres/repository/receipt-store.ts";
import { PostgresWorkStore } from "../../src/adapter/postgres/repository/work-store.ts";
import type { MessageOrder } from "../../src/attempt/message-ports.ts";
import type { Order } from "../../src/attempt/ports.ts";
import type { Orphan } from "../../src/attempt/recovery-ports.ts";
import { legalHours } from "../../src/compliance/legal-hours.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import type { PassPlaces } from "../../src/strategy/pass-places-engine.ts";
import type { CampaignStore, WorkStore } from "../../src/strategy/ports.ts";
import { TurnClock, type WorldTime } from "./time.ts";

export type AnyOrder = Order | MessageOrder;

/** What stands between the parts of a node and can be broken on purpose. */
export interface Planted {
  readonly work?: (work: WorkStore) => WorkStore;
  /** SQL that is run after each step. */
  readonly after?: string;
  /** Opt-outs are acknowledged, and not kept. */
  readonly deaf?: boolean;
}

export interface NodeParts {
  readonly name: string;
  readonly pool: pg.Pool;
  readonly campaigns: CampaignStore;
  readonly places: PassPlaces;
  readonly time: WorldTime;
  readonly planted: Planted;
  /** Whether the hours of the law are kept. */
  readonly law: boolean;
}

/** A life of a node: what one process has on the shared database. Its memory is gone with it. */
export class Life {
  readonly name: string;
  readonly engine: PassEngine;
  readonly attempts: PostgresAttemptLog;
  readonly messages: PostgresMessageLog;
  readonly receipts: PostgresReceiptStore;
  readonly registry: PostgresNodeRegistry;
  /** Claimed, and not sent yet. */
  held: AnyOrder[] = [];
  /** Gone out, and not over yet. */
  up: AnyOrder[] = [];
  readonly #clock: TurnClock;
  readonly #time: WorldTime;

  constructor({ name, pool, campaigns, places, time, planted, law }: NodeParts) {
    this.name = name;
    this.#time = time;
    this.#clock = new TurnClock(time);
    this.registry = new PostgresNodeRegistry({ pool });
    const work = new PostgresWorkStore(pool, this.registry);
    const logs = { pool, clock: time, log: silentLog, beginWindowMs: 0, recordWindowMs: 0 };
    this.attempts = new PostgresAttemptLog(logs);
    this.messages = new PostgresMessageLog(logs);
    this.receipts = new PostgresReceiptStore(pool, time, 0);
    const whereabouts = { stateField: "state", ...(law && { hours: legalHours }) };
    const asked = planted.work?.(work) ?? work;
    this.engine = new PassEngine({
      work: asked,
      campaigns,
      places,
      clock: this.#clock,
      log: silentLog,
      node: name,
      account: law ? { whereabouts } : {},
    });
  }

  async start(): Promise<readonly Orphan[]> {
    await this.registry.register(this.name, this.#time.now());
    await this.engine.start();
    return await this.registry.takeOrphans(this.name, this.#time.now());
  }

  /** Looks what runs and what has ended. */
  async look(): Promise<void> {
    await this.#clock.turn();
  }

  async pull(campaignId: string, count: number): Promise<void> {
    this.held.push(...(await this.engine.pull(campaignId, count)), ...(await this.engine.messages.pull(campaignId, count)));
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
