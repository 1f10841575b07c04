import type { Test } from "tap";
import { openStores, type Stores, type StoresOptions } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Order } from "../../src/attempt/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import type { Candidate, Verdict } from "../../src/strategy/ports.ts";
import { openTestDatabase } from "../harness/database.ts";

/** A database with as many openings of its stores as a test wants: each is what one process would have. */
export interface World {
  readonly stores: Stores;
  readonly url: string;
  readonly adminUrl: string;
  open(more?: Partial<StoresOptions>): Promise<Stores>;
}

export const node = "node-1";

/** @returns stores that are registered as `node-1` */
export async function openWorld(t: Test, more: Partial<StoresOptions> = {}): Promise<World> {
  const { url, adminUrl } = await openTestDatabase(t);
  const open = async (others: Partial<StoresOptions> = {}) => {
    const stores = await openStores({ url, log: silentLog, clock: systemClock, node, beginWindowMs: 2, recordWindowMs: 2, ...more, ...others });
    t.teardown(() => stores.close());
    return stores;
  };
  const stores = await open();
  await stores.registry.register(node, Date.now());
  return { stores, url, adminUrl, open };
}

export function phone(digits: number): PhoneNumber {
  const text = `+1212${String(2_000_000 + digits)}`;
  if (!isPhoneNumber(text)) throw new RangeError(text);
  return text;
}

/** A list of that many people, `c1`, `c2`, … whose numbers are phone(1), phone(2), … */
export async function makeList(stores: Stores, name: string, people: number): Promise<string> {
  const load = await stores.contacts.openLoad({ name, append: false });
  const contacts = Array.from({ length: people }, (_, index) => ({
    clientId: `c${index + 1}`,
    timeZone: "America/New_York",
    addresses: [
      { kind: "mobile" as const, number: phone(index + 1) },
      { kind: "landline" as const, number: phone(100_000 + index) },
    ],
    fields: { first_name: `Name ${index + 1}` },
  }));
  await load.add(contacts);
  return (await load.commit()).listId;
}

export interface CampaignWish {
  readonly name?: string;
  readonly listId?: string;
  readonly people?: number;
  readonly started?: boolean;
  /** By default its limits hold nobody back. */
  readonly maxCps?: number;
  readonly maxLines?: number;
}

/** A campaign that runs, over a list of its own unless one is given. */
export async function makeCampaign(
  stores: Stores,
  { name = "reminders", listId, people = 10, started = true, maxCps = 10_000, maxLines = 100_000 }: CampaignWish = {},
): Promise<VoiceCampaign> {
  const { id: scriptVersionId } = await stores.scripts.publish("reminder", "name: reminder\n");
  const campaign = await stores.campaigns.create({
    name,
    listId: listId ?? (await makeList(stores, `list of ${name}`, people)),
    scriptVersionId,
    trunk: "carrier-a",
    callerId: "+12125550100",
    maxCps,
    maxLines,
    ringTimeoutMs: 25_000,
    window: { startMinute: 480, endMinute: 1200, weekdays: [1, 2, 3, 4, 5] },
    defaultTimeZone: "America/New_York",
  });
  if (!started) return campaign;
  await stores.campaigns.move(campaign.id, "draft", "running");
  return { ...campaign, state: "running" };
}

export const allow = (_candidate: Candidate): Verdict => ({ go: true, untilMs: Date.now() + 60_000 });

/** Claims that many, all of them allowed. */
export async function claim(stores: Stores, campaign: VoiceCampaign, count: number, more: { node?: string; judge?: (c: Candidate) => Verdict } = {}) {
  return await stores.work.claim(campaign, count, Date.now(), more.node ?? node, more.judge ?? allow);
}

/** Orders that have passed the second question. */
export async function begun(stores: Stores, campaign: VoiceCampaign, count: number, of = node): Promise<readonly Order[]> {
  const { orders } = await claim(stores, campaign, count, { node: of });
  await Promise.all(orders.map((order) => stores.attempts.begin(order.attemptId, Date.now())));
  return orders;
}

export async function attemptRow(stores: Stores, id: string): Promise<Record<string, unknown>> {
  const { rows } = await stores.pool.query<Record<string, unknown>>("select * from attempt where id = $1", [id]);
  return rows[0] ?? {};
}

export async function eventKinds(stores: Stores, id: string): Promise<string[]> {
  const { rows } = await stores.pool.query<{ kind: string }>("select kind from attempt_event where attempt_id = $1 order by id", [id]);
  return rows.map(({ kind }) => kind);
}

/** Runs all at once and gives what each came to. */
export async function race<T>(...work: (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
  return await Promise.allSettled(work.map((start) => start()));
}
