import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { PostgresFeedStore } from "../../src/adapter/postgres/repository/feed-store.ts";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { loadSuppressions } from "../../src/compliance/suppression-import-engine.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { FeedEngine } from "../../src/contact/feed-engine.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openFeeds } from "../../src/start/feeds.ts";
import type { VirtualClock } from "../harness/virtual-clock.ts";

/* Feeds on a real database and a real folder, by a time of the test's own. */

export const people = "id,phone,name\nc1,2125550101,Ann\nc2,2125550102,Bob\nc3,x,Bad\n";

export interface World {
  readonly stores: Stores;
  readonly clock: VirtualClock;
  readonly folder: string;
  /** What campaigns were told. */
  readonly started: string[];
  /** Keeps campaigns from starting. */
  readonly hindrance: { reason?: string };
  /** @param more settings beside those of the feed, by their path */
  engine(feed: Record<string, unknown>, node?: string, more?: Record<string, unknown>): Promise<FeedEngine>;
  /** Lets time go by, and has it looked until nothing is under way. */
  look(engine: FeedEngine, afterS?: number): Promise<void>;
  lying(under?: string): string[];
}

export async function openWorld(t: Test, clock: VirtualClock, stores: Stores): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "carillon-feed-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "in"));
  const started: string[] = [];
  const hindrance: World["hindrance"] = {};
  let feeds = 0;
  return {
    stores,
    clock,
    folder: join(folder, "in"),
    started,
    hindrance,
    async engine(feed, node = "n1", more = {}) {
      feeds += 1;
      const settings: Record<string, unknown> = { name: "crm", folder: join(folder, "in"), list: "people", ...feed };
      const flags = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`feeds.0.${key}`, value]));
      const dataDir = join(folder, `data-${feeds}`);
      const config = loadConfig({
        env: {},
        flags: { "database.dataDir": dataDir, "node.name": node, ...flags, ...more },
        purpose: "admin",
        cwd: folder,
      });
      const engine = openFeeds({
        config,
        stores: { ...stores, feeds: new PostgresFeedStore(stores.pool, clock, node) },
        suppress: (request) => loadSuppressions({ defaultCountry: "US", ...request, store: stores.suppressions, clock }),
        campaigns: {
          async named(name) {
            if (name === "spring") return { of: { strategyCampaignId: "7" }, state: "ready" };
            const found = await stores.campaigns.findByName(name);
            return found && { of: { campaignId: found.id }, state: found.state };
          },
          async order(_, order) {
            if (hindrance.reason !== undefined) throw new Fault("campaign-state", hindrance.reason);
            started.push(order);
          },
        },
        clock,
        log: silentLog,
      });
      await engine.start();
      t.teardown(() => engine.close());
      return engine;
    },
    async look(engine, afterS = 0) {
      await clock.advance(afterS * 1000);
      await engine.look();
      await engine.settled();
    },
    lying: (under = "") => {
      const at = join(folder, "in", under);
      return existsSync(at)
        ? readdirSync(at, { withFileTypes: true })
            .filter((each) => !each.isDirectory())
            .map(({ name }) => name)
            .sort()
        : [];
    },
  };
}

export const runsOf = async ({ stores }: World, feed = "crm") => [...(await stores.feeds.runs(feed, 50))].reverse().map(({ id: _, ...run }) => run);

/** @returns what says whether it is over by now */
export function isOver(work: Promise<void>): () => boolean {
  let over = false;
  void work.then(() => {
    over = true;
  });
  return () => over;
}
