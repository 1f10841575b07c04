import type { Stores } from "../../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../../src/adapter/system/clock.ts";
import type { Order } from "../../../src/attempt/ports.ts";
import { dueAgain } from "../../../src/attempt/treatment.ts";
import { silentLog } from "../../../src/kernel/log.ts";
import { PassEngine } from "../../../src/strategy/pass-engine.ts";
import { resultOf } from "./bare.ts";
import { node } from "./lists.ts";

const batch = 100;
/** Calls on their way at once: their endings share statements, and wait up to 100 ms for each other. */
const mostUp = 4000;

/** The product: the pass engine with its gate, and the log of attempts. */
export class Product {
  readonly #stores: Stores;
  readonly #engine: PassEngine;
  readonly #pullers: number;

  constructor(stores: Stores, pullers: number) {
    this.#stores = stores;
    this.#pullers = pullers;
    this.#engine = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node });
  }

  async start(): Promise<void> {
    await this.#engine.start();
  }

  /** Takes that many contacts of a campaign through the cycle. @returns how many there were */
  async run(campaignId: string, count: number): Promise<number> {
    let left = count;
    let done = 0;
    let up = 0;
    let room = Promise.withResolvers<void>();
    const calls: Promise<void>[] = [];
    const pull = async () => {
      while (left > 0) {
        while (up >= mostUp) await room.promise;
        left -= batch;
        const orders = await this.#engine.pull(campaignId, batch);
        if (orders.length === 0) return;
        up += orders.length;
        done += orders.length;
        for (const [place, order] of orders.entries())
          calls.push(
            this.#call(order, place).then(() => {
              up -= 1;
              room.resolve();
              room = Promise.withResolvers();
            }),
          );
      }
    };
    await Promise.all(Array.from({ length: this.#pullers }, pull));
    await Promise.all(calls);
    return done;
  }

  async #call({ attemptId, treatments }: Order, place: number): Promise<void> {
    const { attempts } = this.#stores;
    if (!(await attempts.begin(attemptId, Date.now()))) throw new Error(`attempt ${attemptId} was refused`);
    const [at, result] = [Date.now(), resultOf(place)];
    const againAt = dueAgain(treatments, result, at);
    await attempts.finish(attemptId, { at, result, reason: "bench", ...(againAt !== undefined && { againAt }) });
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}
