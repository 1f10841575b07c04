import type { Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { MessageOrder } from "../../src/attempt/message-ports.ts";
import type { Order } from "../../src/attempt/ports.ts";
import type { Result } from "../../src/attempt/result.ts";
import type { Address } from "../../src/contact/contact.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { PassPlaces } from "../../src/strategy/pass-places-engine.ts";
import type { StrategyCampaign } from "../../src/strategy/strategy-campaign.ts";
import { listOf } from "../adapter/message-campaign-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { preparedPasses } from "./prepared-passes.ts";

/** Real time, and what the test has skipped: the database's clock goes on with the real one. */
export class SkippingClock implements Clock {
  skippedMs = 0;
  now(): number {
    return Date.now() + this.skippedMs;
  }
  after(delayMs: number, fire: () => void) {
    return systemClock.after(delayMs, fire);
  }
}

const node = "node-1";

export interface StrategyWorld {
  /** Of its database. */
  readonly url: string;
  readonly stores: Stores;
  readonly clock: SkippingClock;
  readonly engine: PassEngine;
  /** A strategy that runs, over people with these addresses, `c1`, `c2`, …; its campaign has the name of the strategy. */
  run(document: string, people: readonly (readonly Address[])[], more?: { readonly started?: boolean }): Promise<Running>;
}

export interface Running {
  readonly campaign: StrategyCampaign;
  /** Campaigns of its passes, by their names. */
  readonly passes: Readonly<Record<string, string>>;
  /** Who is called now in a pass, by client id. */
  calls(pass: string): Promise<ReadonlyMap<string, Order>>;
  messages(pass: string): Promise<ReadonlyMap<string, MessageOrder>>;
  /** Who waits in each pass, and in how many seconds from now they are due, to the minute: `call c1 1200`. */
  waiting(): Promise<readonly string[]>;
}

export async function strategyWorld(t: Test): Promise<StrategyWorld> {
  const { url } = await openTestDatabase(t);
  const clock = new SkippingClock();
  const stores = await openStores({ url, log: silentLog, clock, node, beginWindowMs: 1, recordWindowMs: 1 });
  t.teardown(() => stores.close());
  await stores.registry.register(node, Date.now());
  const places = new PassPlaces({ versions: stores.strategies, strategyCampaigns: stores.strategyCampaigns, campaigns: stores.campaigns, clock });
  const engine = new PassEngine({
    work: stores.work,
    passOn: stores.work,
    campaigns: stores.campaigns,
    places,
    clock,
    log: silentLog,
    node,
    watchMs: 5,
  });
  await engine.start();
  t.teardown(() => engine.close());
  return { url, stores, clock, engine, run: (document, people, more) => run(stores, clock, engine, document, people, more) };
}

async function run(
  stores: Stores,
  clock: SkippingClock,
  engine: PassEngine,
  document: string,
  people: readonly (readonly Address[])[],
  { started = true } = {},
) {
  const { version } = await stores.strategies.publish(document, "test");
  const { name, strategy } = version;
  const listId = await listOf(stores, `people of ${name}`, people);
  const campaign = await stores.strategyCampaigns.create({
    ...{ name, listId, strategyVersionId: version.id, first: strategy.first, defaultTimeZone: "America/New_York" },
    passes: await preparedPasses(stores, name, listId, document),
  });
  const passes = await stores.strategyCampaigns.passes(campaign.id);
  const runs = () => Object.values(passes).every((id) => engine.running().some((each) => each.id === id));
  if (started) {
    await stores.strategyCampaigns.order(campaign.id, "start");
    await until(runs, "the engine to see it run");
  }
  const byClient = async <O extends { readonly contactId?: string }>(orders: readonly O[]) => {
    const { rows } = await stores.pool.query<{ id: string; client_id: string }>("select id::text, client_id from contact where list_id = $1", [
      listId,
    ]);
    const names = new Map(rows.map((row) => [row.id, row.client_id]));
    return new Map(orders.map((order) => [names.get(order.contactId ?? "") ?? "?", order]));
  };
  // It remembers that nothing was due: asked as a server asks that was started just now.
  const fresh = () =>
    new PassEngine({
      ...{ work: stores.work, campaigns: stores.campaigns, clock, log: silentLog, node },
      places: new PassPlaces({ versions: stores.strategies, strategyCampaigns: stores.strategyCampaigns, campaigns: stores.campaigns, clock }),
    });
  const asked = async <T>(work: (engine: PassEngine) => Promise<T>) => {
    const asking = fresh();
    await asking.start();
    return await work(asking).finally(() => asking.close());
  };
  return {
    campaign,
    passes,
    calls: async (pass: string) => byClient(await asked((each) => each.pull(passes[pass] ?? "", 100))),
    messages: async (pass: string) => byClient(await asked((each) => each.messages.pull(passes[pass] ?? "", 100))),
    waiting: async () => {
      const { rows } = await stores.pool.query<{ text: string }>(
        `select concat_ws(' ', c.pass, p.client_id, 60 * greatest(0, round((extract(epoch from w.due_at) - $2::float8 / 1000) / 60))) as text
         from work w join campaign c on c.id = w.campaign_id join contact p on p.id = w.contact_id where c.strategy_campaign_id = $1 order by text`,
        [campaign.id, clock.now()],
      );
      return rows.map((row) => row.text);
    },
  };
}

/** The call left, and ended so. */
export async function endCall({ stores, clock }: StrategyWorld, order: Order | undefined, result: Result, outcome?: string): Promise<void> {
  const attemptId = order?.attemptId ?? "0";
  if (!(await stores.attempts.begin(attemptId, clock.now()))) throw new Error(`attempt ${attemptId} may not leave`);
  await stores.attempts.finish(attemptId, { at: clock.now(), result, reason: "test", ...(outcome !== undefined && { outcome }) });
}

/** The message left, and the next server gave it an id by which reports come: that of its attempt. */
export async function handOver({ stores, clock }: StrategyWorld, order: MessageOrder | undefined, result: Result = "sent"): Promise<string> {
  const attemptId = order?.attemptId ?? "0";
  const sending = { attemptId, at: clock.now(), via: "smsc-a", from: "+12125550100", reference: Number(attemptId), text: "Hello", parts: 1 };
  if (!(await stores.messages.begin(sending))) throw new Error(`message ${attemptId} may not leave`);
  await stores.messages.handed({ attemptId, at: clock.now(), result, reason: "test", ...(result === "sent" && { remoteIds: [attemptId] }) });
  return attemptId;
}
