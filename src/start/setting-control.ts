import type { PoolView, RouteView, SettingControl } from "../api/setting-ports.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { CallerIdPool } from "../voice/caller-id.ts";
import type { Route } from "../voice/route.ts";
import { poolKind, routeKind, SettingChanges, type SettingChangesParts } from "./setting-changes.ts";
import type { WaysOut } from "./trunks.ts";

export interface SettingControlParts extends SettingChangesParts {
  readonly log: Log;
}

/** Looks at the routes, and changes them while calls are up. */
export function routeControlOf(parts: SettingControlParts): SettingControl<RouteView> {
  const { waysOut } = parts;
  const all = () => waysOut.routes.map((route) => routeView(route, waysOut));
  return controlOf("route", all, new SettingChanges(routeKind, parts), "route-missing", parts);
}

/** The same for the pools of caller ids. */
export function poolControlOf(parts: SettingControlParts): SettingControl<PoolView> {
  const { waysOut } = parts;
  const all = () => waysOut.callerIdPools.map((pool) => poolView(pool, waysOut));
  return controlOf("pool", all, new SettingChanges(poolKind, parts), "pool-unknown", parts);
}

function controlOf<View extends { readonly name: string }>(
  word: string,
  all: () => readonly View[],
  changes: SettingChanges,
  unknown: string,
  { keeper, log }: Pick<SettingControlParts, "keeper" | "log">,
): SettingControl<View> {
  const find = (name: string): View => {
    const view = all().find((each) => each.name === name);
    if (!view) throw new Fault(unknown, `There is no ${word} ${name}.`);
    return view;
  };
  return {
    all,
    async find(name) {
      await keeper.look();
      return find(name);
    },
    async add(settings) {
      const name = await changes.add(settings);
      log.info({ [word]: name }, `${word} added over the API`);
      return find(name);
    },
    async change(name, patch) {
      await changes.change(name, patch);
      log.info({ [word]: name }, `${word} changed over the API`);
      return find(name);
    },
    async remove(name, force) {
      await changes.remove(name, force);
      log.info({ [word]: name }, `${word} removed over the API`);
    },
  };
}

function routeView({ name, maxTries, trunks }: Route, { trunks: known, config }: WaysOut): RouteView {
  return {
    name,
    origin: originOf(name, config.routes),
    maxTries,
    trunks: trunks.map((member) => {
      const use = known.all.find(({ trunk }) => trunk.name === member.name);
      return {
        name: member.name,
        priority: member.priority,
        weight: member.weight,
        up: use?.up ?? false,
        note: use ? use.note : "there is no such trunk on this node",
      };
    }),
  };
}

function poolView({ name, numbers, dailyCap, quarantineAfter, quarantineHours }: CallerIdPool, { callerIds, config }: WaysOut): PoolView {
  const { resting } = callerIds;
  return {
    name,
    origin: originOf(name, config.callerIds),
    numbers: numbers.map(({ number, localTo }) => ({ number, localTo, resting: resting.includes(number) })),
    dailyCap,
    quarantineAfter,
    quarantineHours,
  };
}

function originOf(name: string, inFile: readonly { readonly name: string }[]): "file" | "api" {
  return inFile.some((each) => each.name === name) ? "file" : "api";
}
