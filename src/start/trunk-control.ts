import { isIP } from "node:net";
import type { TrunkControl, TrunkDetail, TrunkView } from "../api/trunk-ports.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { usualPort } from "../voice/trunk.ts";
import type { TrunkUse } from "../voice/trunk-engine.ts";
import type { TrunkStore } from "../voice/trunk-store-ports.ts";
import type { TrunkWatch } from "../voice/trunk-watch-engine.ts";
import { TrunkChanges } from "./trunk-changes.ts";
import type { TrunkKeeper } from "./trunk-keeper.ts";
import type { WaysOut } from "./trunks.ts";

export interface TrunkControlParts {
  readonly waysOut: WaysOut;
  readonly watch: TrunkWatch;
  readonly store: TrunkStore;
  readonly keeper: TrunkKeeper;
  /** Where the configuration of this node is, for people. */
  readonly configuration: string;
  /** @throws Fault `config-invalid` */
  readonly readConfig: () => Config;
  readonly onChanged: () => void;
  readonly log: Log;
}

/** Looks at the trunks, and changes them while calls are up. */
export function trunkControlOf(parts: TrunkControlParts): TrunkControl {
  const { waysOut, watch, keeper, readConfig, onChanged, log } = parts;
  const changes = new TrunkChanges(parts);
  const find = (name: string): TrunkDetail => {
    const use = waysOut.trunks.all.find(({ trunk }) => trunk.name === name);
    if (!use) throw new Fault("trunk-unknown", `There is no trunk ${name}.`);
    return detailOf(use, waysOut);
  };
  return {
    all: () => waysOut.trunks.all.map((use) => viewOf(use, waysOut)),
    async find(name) {
      await keeper.look();
      return find(name);
    },
    async add(settings) {
      const name = await changes.add(settings);
      log.info({ trunk: name }, "trunk added over the API");
      return find(name);
    },
    async change(name, patch) {
      await changes.change(name, patch);
      log.info({ trunk: name }, "trunk changed over the API");
      return find(name);
    },
    async remove(name, force) {
      await changes.remove(name, force);
      log.info({ trunk: name }, "trunk removed over the API");
    },
    reseal: () => changes.reseal(),
    async reload() {
      const { changed, needsRestart, left } = waysOut.change(readConfig());
      watch.leave(left);
      log.info({ changed }, "configuration read anew");
      if (needsRestart.length > 0) log.warn({ needsRestart }, "this has changed too, and needs a restart");
      onChanged();
      // Names that the configuration has left free are those of the API again; and a new key opens what the old one did not.
      await keeper.look().catch((error) => log.error({ err: error }, "trunks, routes and pools of the API cannot be read just now"));
      return { changed, needsRestart };
    },
  };
}

function viewOf({ trunk, up, note, state, lines, ended }: TrunkUse, { routes, config }: WaysOut): TrunkView {
  const { name, host, port, transport, maxChannels, maxCps } = trunk;
  return {
    name,
    origin: config.trunks.some((each) => each.name === name) ? "file" : "api",
    host,
    port: port ?? (isIP(host) === 0 ? undefined : usualPort(transport)),
    transport,
    routes: routes.filter(({ trunks }) => trunks.some((member) => member.name === name)).map((route) => route.name),
    up,
    note,
    registeredUntil: trunk.register === true && state.registeredUntil > 0 ? state.registeredUntil : undefined,
    lines,
    maxChannels,
    maxCps,
    invites: ended,
  };
}

function detailOf(use: TrunkUse, waysOut: WaysOut): TrunkDetail {
  const { name: _name, password, destinations: _destinations, unusable: _unusable, ...settings } = use.trunk;
  return { ...viewOf(use, waysOut), settings: { ...settings }, hasPassword: password !== undefined };
}
