import { placedFault } from "../api/problem.ts";
import type { Finding } from "../config/check.ts";
import { callerIdOptions } from "../config/section/telephony.ts";
import { isTable, type Shape } from "../config/shape.ts";
import { keptRouteOptions, readPool, readRoute } from "../config/way.ts";
import { Fault } from "../kernel/fault.ts";
import type { KeptSetting, SettingKind, SettingStore } from "../voice/setting-store-ports.ts";
import type { TrunkKeeper } from "./trunk-keeper.ts";
import type { WaysOut } from "./trunks.ts";

export interface SettingChangesParts {
  readonly settings: SettingStore;
  readonly keeper: TrunkKeeper;
  readonly waysOut: WaysOut;
  /** Where the configuration of this node is, for people. */
  readonly configuration: string;
}

/** What is different about routes and pools. */
interface Kind {
  readonly kind: SettingKind;
  /** For people. */
  readonly word: string;
  /** Where the configuration has them. */
  readonly section: "routes" | "callerIds";
  readonly options: Shape;
  readonly codes: Readonly<Record<"invalid" | "exists" | "inFile" | "inUse" | "changed" | "unknown", string>>;
  readonly check: (given: unknown, waysOut: WaysOut) => readonly Finding[];
}

export const routeKind: Kind = {
  kind: "route",
  word: "route",
  section: "routes",
  options: keptRouteOptions,
  codes: {
    invalid: "route-invalid",
    exists: "route-exists",
    inFile: "route-in-file",
    inUse: "route-in-use",
    changed: "route-changed",
    unknown: "route-missing",
  },
  check: (given, { trunks }) =>
    readRoute(
      given,
      trunks.all.map(({ trunk }) => trunk.name),
    ).findings,
};

export const poolKind: Kind = {
  kind: "pool",
  word: "pool",
  section: "callerIds",
  options: callerIdOptions,
  codes: {
    invalid: "pool-invalid",
    exists: "pool-exists",
    inFile: "pool-in-file",
    inUse: "pool-in-use",
    changed: "pool-changed",
    unknown: "pool-unknown",
  },
  check: (given) => readPool(given).findings,
};

/** Others may change the same one at the same moment; so often is a change begun anew. */
const mostTries = 5;

/** Adds, changes and removes routes, or pools of caller ids, that are not the configuration's. Every node follows. */
export class SettingChanges {
  readonly #parts: SettingChangesParts;
  readonly #kind: Kind;

  constructor(kind: Kind, parts: SettingChangesParts) {
    this.#kind = kind;
    this.#parts = parts;
  }

  /** @returns its name @throws Fault with `invalid`, `exists` or `inFile` of its codes */
  async add(given: unknown): Promise<string> {
    const { settings: store, keeper, waysOut } = this.#parts;
    const { kind, codes } = this.#kind;
    await keeper.look();
    this.#check(given);
    const { name: wanted, ...settings } = isTable(given) ? given : {};
    const name = String(wanted);
    this.#leaveToFile(name);
    const trunk = kind === "route" && waysOut.trunks.all.some((use) => use.trunk.name === name);
    if (trunk || !(await store.add({ kind, name, settings }))) {
      const [what, whose] = trunk ? ["trunk", "a trunk"] : [this.#kind.word, `another ${this.#kind.word}`];
      throw placedFault(codes.exists, `There is a ${what} ${name} already.`, [{ pointer: "/name", message: `is the name of ${whose}` }]);
    }
    await keeper.look();
    return name;
  }

  /**
   * @param patch a JSON Merge Patch (RFC 7396): what it does not name stays, null takes a setting back
   * @throws Fault with `unknown` or `changed` of its codes, and those of `add`
   */
  async change(name: string, patch: unknown): Promise<void> {
    const { settings: store, keeper } = this.#parts;
    const { word, codes, options } = this.#kind;
    this.#leaveToFile(name);
    if (!isTable(patch)) throw placedFault(codes.invalid, "Send an object with the settings that are to be others.", []);
    if (patch["name"] !== undefined && patch["name"] !== name)
      throw placedFault(codes.invalid, `A ${word} keeps its name: add another one, and remove this.`, [
        { pointer: "/name", message: "cannot be changed" },
      ]);
    const isTakenBack = (setting: string, value: unknown) => value === null && Object.hasOwn(options.properties ?? {}, setting);
    for (let tried = 1; tried <= mostTries; tried++) {
      await keeper.look();
      const kept = this.#find(name);
      const { name: _name, ...others } = patch;
      const settings = Object.fromEntries(Object.entries({ ...kept.settings, ...others }).filter(([setting, value]) => !isTakenBack(setting, value)));
      this.#check({ ...settings, name });
      if (!(await store.change({ ...kept, settings }))) continue;
      await keeper.look();
      return;
    }
    throw new Fault(codes.changed, `Others are changing ${word} ${name} at this moment; look at it, and try again.`);
  }

  /** @param force also while campaigns use it @throws Fault with `inUse`, `unknown` or `inFile` of its codes */
  async remove(name: string, force: boolean): Promise<void> {
    const { settings: store, keeper } = this.#parts;
    const { kind, word, codes } = this.#kind;
    this.#leaveToFile(name);
    await keeper.look();
    this.#find(name);
    const { removed, campaigns, phones } = await store.remove(kind, name, force);
    await keeper.look();
    if (removed) return;
    const users = [...campaigns.map((campaign) => `campaign ${campaign}`), ...phones.map((agent) => `the telephone of agent ${agent}`)];
    if (users.length === 0) throw this.#unknown(name);
    const message = `${capital(word)} ${name} is used by ${users.join(", ")}. Give them another one first, or remove it with force: they wait then, and call nobody.`;
    throw placedFault(
      codes.inUse,
      message,
      users.map((user) => ({ pointer: "path/name", message: `is used by ${user}` })),
    );
  }

  #check(given: unknown): void {
    const findings = this.#kind.check(given, this.#parts.waysOut);
    if (findings.length === 0) return;
    const places = findings.map(({ path, message }) => ({ pointer: path.map((step) => `/${step}`).join(""), message }));
    throw placedFault(this.#kind.codes.invalid, places.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join("; "), places);
  }

  #leaveToFile(name: string): void {
    const { waysOut, configuration } = this.#parts;
    const { word, section, codes } = this.#kind;
    const at = waysOut.config[section].findIndex((each) => each.name === name);
    if (at < 0) return;
    const mend = "Change it there, and have it read anew with carillon trunk reload.";
    throw new Fault(codes.inFile, `${capital(word)} ${name} is defined in the configuration: ${configuration}, ${section}.${at}. ${mend}`);
  }

  #find(name: string): KeptSetting {
    const kept = this.#parts.keeper.settings.find((each) => each.kind === this.#kind.kind && each.name === name);
    if (!kept) throw this.#unknown(name);
    return kept;
  }

  #unknown(name: string): Fault {
    const { waysOut } = this.#parts;
    const { kind, word, codes } = this.#kind;
    const names = (kind === "route" ? waysOut.routes : waysOut.callerIdPools).map((each) => each.name).join(", ");
    return new Fault(codes.unknown, `There is no ${word} ${name}. There are: ${names || "none"}.`);
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
