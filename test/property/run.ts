import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import type { MessageOrder } from "../../src/attempt/message-ports.ts";
import type { Order } from "../../src/attempt/ports.ts";
import type { ChannelName, Result } from "../../src/attempt/result.ts";
import { dueAgain } from "../../src/attempt/treatment.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { PassPlaces } from "../../src/strategy/pass-places-engine.ts";
import type { Teardown } from "../harness/database.ts";
import { Books } from "./books.ts";
import { outsideEvents } from "./draw-strategy.ts";
import { explain } from "./explained.ts";
import { Whereabouts } from "./law.ts";
import { type AnyOrder, Life, type Planted } from "./node.ts";
import { drawWanted } from "./people.ts";
import type { Property, Report } from "./report.ts";
import { settle } from "./setting.ts";
import { WorldTime } from "./time.ts";

/* One database, and run after run of random campaigns on it in a time of its own: every node's stores, engines and SQL are the product's, and what they do is judged by the far side's books. */

const mostSteps = 32;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * @param database a fresh one: its clock becomes the world's
 * @param people of each run
 * @param whole whether strategies, events, caps and the hours of the law are drawn, too
 */
export async function openProperty(
  t: Teardown,
  database: { readonly url: string; readonly adminUrl: string },
  people = 100,
  whole = false,
): Promise<Property> {
  const { url, adminUrl } = database;
  const time = await WorldTime.open(adminUrl, Date.UTC(2026, 0, 1));
  const stores = await openStores({ url, log: silentLog, clock: time, node: "none" });
  t.teardown(async () => {
    await stores.close();
    await time.close();
  });
  let runs = 0;
  return { run: (seed, planted = {}) => new Run(stores, time, seed, ++runs, planted).go(people, whole) };
}

const results: Readonly<Record<ChannelName, readonly Result[]>> = {
  voice: ["no-answer", "no-answer", "busy", "machine", "human", "human", "rejected", "congestion"],
  sms: ["sent", "sent", "sent", "interrupted", "bad-number", "congestion"],
  email: ["sent", "sent", "congestion", "carrier-fault"],
};

class Run {
  readonly #stores: Stores;
  readonly #time: WorldTime;
  readonly #random: Random;
  readonly #seed: number;
  readonly #run: number;
  readonly #planted: Planted;
  readonly #books = new Books();
  readonly #lives: Life[] = [];
  #campaigns: readonly Campaign[] = [];
  /** Everything is done at once, so that campaigns come to their end. */
  readonly #hasty: boolean;
  #crashes = 0;
  #names = 0;

  constructor(stores: Stores, time: WorldTime, seed: number, run: number, planted: Planted) {
    this.#stores = stores;
    this.#time = time;
    this.#seed = seed;
    this.#run = run;
    this.#planted = planted;
    this.#random = seededRandom(seed);
    this.#hasty = this.#random.next() < 0.5;
  }

  async go(people: number, whole: boolean): Promise<Report> {
    const wanted = drawWanted(this.#random, this.#run, people, whole);
    this.#books.where = new Whereabouts(wanted.law);
    this.#books.caps = wanted.caps;
    await this.#time.set(wanted.startAt);
    const caps = wanted.caps.length === 0 ? [] : await this.#stores.caps.add(wanted.caps);
    const { campaigns, strategies } = await settle(this.#stores, wanted, this.#run, this.#books);
    this.#campaigns = campaigns;
    for (let node = 0; node < wanted.nodes; node += 1) await this.#begin(`run ${this.#run} node ${node}`);
    const [first] = this.#lives;
    for (const { id, pass } of campaigns) if (!pass) await first?.engine.order(id, "start");
    for (const id of strategies) await this.#stores.strategyCampaigns.order(id, "start");
    for (let step = 0; step < mostSteps && !(await this.#over()); step += 1) await this.#step(wanted.setBack);
    await this.#windUp();
    const finished = await this.#finished();
    const { refusals, violations } = await explain(this.#stores.pool, campaigns, finished, this.#books);
    for (const life of this.#lives) await life.close();
    for (const { id } of caps) await this.#stores.caps.remove(id);
    for (const { id, pass } of campaigns) if (!pass && !finished.has(id)) await this.#stores.campaigns.move(id, "running", "stopped");
    for (const id of strategies) await this.#stores.strategyCampaigns.order(id, "stop");
    return {
      contacts: this.#books.people.size,
      contacted: this.#books.contacted.length,
      optOuts: this.#books.optOuts,
      events: this.#books.events,
      crashes: this.#crashes,
      refusals,
      finished: finished.size,
      campaigns: this.#campaigns.length,
      violations: [...this.#books.violations, ...violations].map((violation) => `${violation} (seed ${this.#seed})`),
    };
  }

  async #begin(name: string): Promise<void> {
    const { pool, campaigns, strategies: versions, strategyCampaigns } = this.#stores;
    const places = new PassPlaces({ versions, strategyCampaigns, campaigns, clock: this.#time });
    const life = new Life({ name, pool, campaigns, places, time: this.#time, planted: this.#planted, law: this.#books.where.law });
    const orphans = await life.start();
    await this.#bury(life, orphans);
    this.#lives.push(life);
  }

  /** What was in flight when its process died has been heard, or not: nobody knows. As voice/recovery-engine.ts does it. */
  async #bury(life: Life, orphans: readonly { readonly attemptId: string }[]): Promise<void> {
    const at = this.#time.now();
    await Promise.all(
      orphans.map(({ attemptId }) =>
        life.attempts.finish(attemptId, { at, result: "interrupted", reason: "the server stopped while it was going out" }),
      ),
    );
    for (const { attemptId } of orphans) this.#books.end(attemptId, "interrupted", at);
  }

  async #step(mayGoBack: boolean): Promise<void> {
    for (const life of this.#lives) if (this.#chance(this.#hasty ? 1 : 0.3)) await life.look();
    const pulls = this.#lives.flatMap((life) =>
      this.#campaigns.filter(() => this.#chance(this.#hasty ? 0.8 : 0.4)).map(({ id }) => ({ life, id, count: intBetween(this.#random, 1, 60) })),
    );
    // Sometimes all at once, so that they race for the same people.
    if (this.#chance(0.3)) await Promise.all(pulls.map(({ life, id, count }) => life.pull(id, count)));
    else for (const { life, id, count } of pulls) await life.pull(id, count);
    const send = () => Promise.all(this.#lives.map((life) => this.#send(life, this.#hasty || this.#chance(0.7) ? 1 : 0.5)));
    if (this.#chance(0.2)) await Promise.all([send(), this.#optOut()]);
    else {
      if (this.#chance(0.25)) await this.#optOut();
      await send();
    }
    for (const life of this.#lives) await this.#end(life, this.#hasty ? 1 : 0.8);
    if (this.#books.courses.size > 0 && !mayGoBack && this.#chance(0.3)) await this.#event();
    if (this.#chance(0.06)) await this.#crash();
    if (this.#planted.after !== undefined) await this.#time.admin.query(this.#planted.after);
    await this.#moveOn(mayGoBack);
  }

  /** The last question, and out it goes. */
  async #send(life: Life, share: number, early = false): Promise<void> {
    const now = this.#time.now();
    const going = life.held.filter((order) => (early || !("startAt" in order) || (order.startAt ?? 0) <= now) && this.#chance(share));
    life.held = life.held.filter((order) => !going.includes(order));
    await Promise.all(
      going.map(async (order) => {
        const asked = this.#books.tick();
        const may = order.channel === "voice" ? await life.attempts.begin(order.attemptId, now) : await life.messages.begin(sendingOf(order, now));
        if (!may) return;
        this.#books.contact(order, now, asked);
        life.up.push(order);
      }),
    );
  }

  async #end(life: Life, share: number): Promise<void> {
    const over = life.up.filter(() => this.#chance(share));
    life.up = life.up.filter((order) => !over.includes(order));
    await Promise.all(over.map((order) => this.#endOne(life, order)));
    if (over.length > 0 && this.#chance(0.5)) await this.#report(life, pick(this.#random, over));
  }

  async #endOne(life: Life, order: AnyOrder): Promise<void> {
    const { attemptId, channel, treatments } = order;
    const at = this.#time.now();
    const result = pick(this.#random, results[channel]);
    const againAt = dueAgain(treatments, result, at);
    const again = againAt === undefined ? {} : { againAt };
    this.#books.end(attemptId, result, at);
    if (channel === "voice") await life.attempts.finish(attemptId, { at, result, reason: "drawn", ...again });
    else await life.messages.handed({ attemptId, at, result, reason: "drawn", remoteIds: result === "sent" ? [attemptId] : [], ...again });
  }

  /** What became of a text message, said once or twice. */
  async #report(life: Life, { channel, attemptId, address }: AnyOrder): Promise<void> {
    if (channel !== "sms") return;
    const at = this.#time.now();
    const state = pick(this.#random, ["delivered", "undeliverable"] as const);
    const result = state === "delivered" ? ("delivered" as const) : ("undelivered" as const);
    const receipt = { bind: "smsc", remoteId: attemptId, state, to: address, from: "+12125550100", at };
    const read = { receipt, id: attemptId, alternates: [], result };
    const times = this.#chance(0.3) ? 2 : 1;
    const fitted = await Promise.all(Array.from({ length: times }, () => life.receipts.receive(read)));
    if (fitted.includes(true)) this.#books.report(attemptId, result, at);
  }

  /** Somebody who was contacted, or is being contacted, wants no more of it. */
  async #optOut(): Promise<void> {
    const { contacted } = this.#books;
    const life = this.#lives.find(() => this.#chance(0.5)) ?? this.#lives[0];
    if (contacted.length === 0 || !life) return;
    const { attemptId, campaignId, contactId } = pick(this.#random, contacted);
    const { rows } = await this.#stores.pool.query<{ address: string }>("select address from attempt where id = $1", [attemptId]);
    const channels = pick(this.#random, [[], [], ["voice"], ["sms"], ["email", "sms"]] as const);
    const scope = this.#chance(0.8) ? ("account" as const) : ("campaign" as const);
    const heard = this.#books.optOut(contactId, rows[0]?.address ?? "", channels, scope === "campaign" ? campaignId : undefined);
    if (!this.#planted.deaf) await life.attempts.effect(attemptId, this.#time.now(), [{ kind: "suppress", channels, scope, reason: "asked" }]);
    heard();
  }

  /** Something happens outside to somebody: what waits for them in a strategy ends, or is another pass. */
  async #event(): Promise<void> {
    const known = [...this.#books.people.values()].flatMap(({ clientId }) => clientId ?? []);
    if (known.length === 0) return;
    const [name, clientId, at] = [pick(this.#random, outsideEvents), pick(this.#random, known), this.#time.now()];
    await this.#stores.events.record({ name, clientId, occurredAt: at });
    this.#books.event(name, clientId, at);
  }

  /** A process dies with all it remembers. It comes back under its name, or another node waits for its lease to run out. */
  async #crash(): Promise<void> {
    const dead = pick(this.#random, this.#lives);
    this.#crashes += 1;
    this.#lives.splice(this.#lives.indexOf(dead), 1);
    await dead.engine.close();
    const others = this.#lives.length > 0;
    if (!others || this.#chance(0.5)) return this.#begin(others || this.#chance(0.5) ? dead.name : `${dead.name} again ${++this.#names}`);
    await this.#outlive();
    // It was only frozen, and goes on where it was: what it still held must not leave.
    if (this.#chance(0.5)) await this.#send(dead, 1);
    for (const order of dead.up) await this.#endOne(dead, order);
  }

  async #moveOn(mayGoBack: boolean): Promise<void> {
    const now = this.#time.now();
    if (mayGoBack && this.#chance(0.1)) {
      this.#books.setBack = true;
      return this.#time.set(now - intBetween(this.#random, 1, 60) * minuteMs);
    }
    const busy = this.#lives.some(({ held, up }) => held.length + up.length > 0);
    if (busy || this.#chance(0.5))
      return this.#time.set(now + (this.#chance(0.05) ? intBetween(this.#random, 1, 30) * hourMs : intBetween(this.#random, 0, 6 * minuteMs)));
    const { rows } = await this.#stores.pool.query<{ due: number | null }>(
      "select (extract(epoch from min(due_at)) * 1000)::float8 as due from work where campaign_id = any($1::bigint[])",
      [this.#campaigns.map(({ id }) => id)],
    );
    // Nobody waits: the passes of a strategy end when no report can lead anywhere any more.
    await this.#time.set(Math.max(now + 6000, rows[0]?.due ?? now + 73 * hourMs));
  }

  /** Nobody is left behind in the middle of something: what is held leaves, what is up ends, and what the dead left is taken over. */
  async #windUp(): Promise<void> {
    await this.#outlive();
    for (const life of this.#lives) {
      // Where the clock was set back their moments may be an hour away.
      await this.#send(life, 1, true);
      await this.#end(life, 1);
      await life.look();
    }
  }

  /** Until the lease of whoever died has run out. */
  async #outlive(): Promise<void> {
    for (let beat = 0; beat < 5; beat += 1) {
      for (const life of this.#lives) await life.registry.heartbeat(life.name);
      await this.#time.set(this.#time.now() + 6000);
    }
    for (const life of this.#lives) await this.#bury(life, await life.registry.takeOrphans(life.name, this.#time.now()));
  }

  async #over(): Promise<boolean> {
    return this.#lives.every(({ held, up }) => held.length + up.length === 0) && (await this.#finished()).size === this.#campaigns.length;
  }

  async #finished(): Promise<ReadonlySet<string>> {
    const { rows } = await this.#stores.pool.query<{ id: string }>(
      "select id::text from campaign where id = any($1::bigint[]) and state = 'finished'",
      [this.#campaigns.map(({ id }) => id)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }
}

function sendingOf({ attemptId, channel }: MessageOrder | Order, at: number) {
  const parts = channel === "sms" ? { parts: 1 } : {};
  return { attemptId, at, via: "smsc", from: "+12125550100", text: "Hello", ...parts };
}
