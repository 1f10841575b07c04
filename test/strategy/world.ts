import type { Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Order } from "../../src/attempt/ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import type { Campaign, CampaignState, VoiceCampaign } from "../../src/strategy/campaign.ts";
import { PassEngine, type PassEngineParts } from "../../src/strategy/pass-engine.ts";
import type { NewVoiceCampaign, WorkStore } from "../../src/strategy/ports.ts";
import { openTestDatabase } from "../harness/database.ts";

/** A Thursday, 10:00 in New York, 09:00 in Chicago, 05:00 in Honolulu. */
export const thursday = Date.UTC(2026, 0, 15, 15, 0, 0);

/** Real timers, so that the database has the time it takes; the time of day is the test's. */
export class SetClock implements Clock {
  at = thursday;
  now(): number {
    return this.at;
  }
  after(delayMs: number, fire: () => void) {
    return systemClock.after(delayMs, fire);
  }
}

export function phone(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Error(`not E.164: ${text}`);
  return text;
}

export interface World {
  readonly stores: Stores;
  readonly clock: SetClock;
  /** An engine that watches, and is closed with the test. `claims` counts how often it asked the database for work. */
  engine(more?: Partial<PassEngineParts>): Promise<{ readonly engine: PassEngine; readonly claims: () => number }>;
  /** A draft campaign over people with these zones. */
  campaign(zones: readonly (string | undefined)[], more?: Partial<NewVoiceCampaign>): Promise<VoiceCampaign>;
  end(orders: readonly Order[]): Promise<void>;
}

let made = 0;

export async function world(t: Test): Promise<World> {
  const database = await openTestDatabase(t);
  const clock = new SetClock();
  const stores = await openStores({ url: database.url, log: silentLog, clock, node: "node-1" });
  t.teardown(() => stores.close());
  await stores.registry.register("node-1", clock.now());
  return {
    stores,
    clock,
    async engine(more = {}) {
      let claims = 0;
      const work: WorkStore = {
        claim: (...args) => {
          claims++;
          return stores.work.claim(...args);
        },
        claimMessages: (...args) => {
          claims++;
          return stores.work.claimMessages(...args);
        },
        moment: (id) => stores.work.moment(id),
        unfinished: (campaign) => stores.work.unfinished(campaign),
        onTheirWay: (id) => stores.work.onTheirWay(id),
      };
      const engine = new PassEngine({ work, campaigns: stores.campaigns, clock, log: silentLog, node: "node-1", watchMs: 5, ...more });
      await engine.start();
      t.teardown(() => engine.close());
      return { engine, claims: () => claims };
    },
    async campaign(zones, more = {}) {
      const number = ++made;
      const load = await stores.contacts.openLoad({ name: `list ${number}`, append: false });
      const contacts = zones.map((timeZone, at) => ({
        ...(timeZone === undefined ? {} : { timeZone }),
        addresses: [{ kind: "unknown" as const, number: phone(`+1${2_120_000_000 + number * 10_000 + at}`) }],
        fields: { first_name: `P${at}` },
      }));
      t.same(await load.add(contacts), []);
      const { listId } = await load.commit();
      const script = await stores.scripts.publish("greeting", "script: greeting");
      return stores.campaigns.create({
        name: `campaign ${number}`,
        listId,
        scriptVersionId: script.id,
        trunk: "carrier-a",
        callerId: "+15550100100",
        maxCps: 1000,
        maxLines: 1000,
        ringTimeoutMs: 25_000,
        window: { startMinute: 8 * 60, endMinute: 20 * 60, weekdays: [1, 2, 3, 4, 5] },
        defaultTimeZone: "America/New_York",
        ...more,
      });
    },
    async end(orders) {
      for (const order of orders) {
        await stores.attempts.begin(order.attemptId, clock.now());
        await stores.attempts.finish(order.attemptId, { at: clock.now(), result: "no-answer", reason: "ring time-out" });
      }
    },
  };
}

/** Resolves when the engine says that the campaign is in the state. */
export function becomes(engine: PassEngine, id: string, state: CampaignState): Promise<Campaign> {
  return new Promise((resolve) => {
    const off = engine.onChange((campaign) => {
      if (campaign.id !== id || campaign.state !== state) return;
      off();
      resolve(campaign);
    });
  });
}

export async function faultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
  return "none";
}
