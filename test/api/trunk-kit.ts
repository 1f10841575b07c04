import t, { type Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { SettingControl } from "../../src/api/setting-ports.ts";
import type { TrunkControl } from "../../src/api/trunk-ports.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/schema.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { poolControlOf, routeControlOf } from "../../src/start/setting-control.ts";
import { trunkControlOf } from "../../src/start/trunk-control.ts";
import { TrunkKeeper } from "../../src/start/trunk-keeper.ts";
import { WaysOut } from "../../src/start/trunks.ts";
import { TrunkWatch } from "../../src/voice/trunk-watch-engine.ts";
import { openTestDatabase, type TestDatabase } from "../harness/database.ts";
import { world } from "./world.ts";

export const [keyOne, keyTwo] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64"));
export const file = { "trunks.0.name": "from-file", "trunks.0.host": "192.0.2.1" };
export const sealing = { "secret.key": keyOne };

/** What `carillon serve` makes of its trunks, without drachtio-server. */
export async function openNode(t: Test, { url }: TestDatabase, first: Record<string, unknown>) {
  const read = (flags: Record<string, unknown>): Config => loadConfig({ env: {}, flags, purpose: "admin", cwd: "/nowhere" });
  let flags = first;
  const stores = await openStores({ url, log: silentLog, clock: systemClock });
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (fields: object, message: string) => warned.push({ message, ...fields }) };
  const waysOut = new WaysOut(read(flags), stores.numbers, stores.trunks, systemClock, log);
  const requests = { ready: false, ask: async () => undefined };
  const watch = new TrunkWatch({ trunks: waysOut.trunks, requests, clock: systemClock, log });
  let changes = 0;
  const onChanged = () => {
    changes += 1;
  };
  const parts = { store: stores.keptTrunks, settings: stores.keptSettings, waysOut, watch, onChanged, clock: systemClock, log };
  const keeper = new TrunkKeeper(parts);
  await keeper.open();
  const control = trunkControlOf({ ...parts, keeper, configuration: "site.yaml", readConfig: () => read(flags) });
  const settings = { ...parts, keeper, configuration: "site.yaml" };
  const routes = routeControlOf(settings);
  const pools = poolControlOf(settings);
  const close = async () => {
    await keeper.close();
    await watch.close();
    await stores.close();
  };
  t.teardown(close);
  return {
    waysOut,
    control,
    routes,
    pools,
    stores,
    warned,
    close,
    get changes() {
      return changes;
    },
    use: (name: string) => waysOut.trunks.all.find(({ trunk }) => trunk.name === name),
    /** Has the configuration read anew. */
    reload: (more: Record<string, unknown>) => {
      flags = more;
      return control.reload();
    },
  };
}

type Node = Awaited<ReturnType<typeof openNode>>;

/** The node that is asked. */
let asked: Node | undefined;
const node = (): Node => {
  if (!asked) throw new Error("there is no node");
  return asked;
};
const control = (): TrunkControl => node().control;
const settingsOf = <View>(of: (node: Node) => SettingControl<View>): SettingControl<View> => ({
  all: () => of(node()).all(),
  find: (name) => of(node()).find(name),
  add: (settings) => of(node()).add(settings),
  change: (name, patch) => of(node()).change(name, patch),
  remove: (name, force) => of(node()).remove(name, force),
});
/** One API for all tests: it takes longer to open than they take. */
export const api = world(t, {
  trunkControl: {
    all: () => control().all(),
    find: (name) => control().find(name),
    add: (settings) => control().add(settings),
    change: (name, patch) => control().change(name, patch),
    remove: (name, force) => control().remove(name, force),
    reseal: () => control().reseal(),
    reload: () => control().reload(),
  },
  routes: settingsOf(({ routes }) => routes),
  pools: settingsOf(({ pools }) => pools),
});

/** A node on a database of its own, and its API. */
export async function openApi(t: Test, settings: Record<string, unknown> = {}) {
  const database = await openTestDatabase(t);
  const node = await openNode(t, database, { ...file, ...settings });
  asked = node;
  const { ask } = await api;
  return { database, node, ask };
}
