import { randomBytes } from "node:crypto";
import { nonceBytes, seal } from "../access/seal.ts";
import { placedFault } from "../api/problem.ts";
import { trunkOptions } from "../config/section/telephony.ts";
import { isTable } from "../config/shape.ts";
import { readTrunk } from "../config/trunk.ts";
import { Fault } from "../kernel/fault.ts";
import type { KeptTrunk, TrunkStore } from "../voice/trunk-store-ports.ts";
import { passwordPlace, settingsOf } from "./kept-trunk.ts";
import type { TrunkKeeper } from "./trunk-keeper.ts";
import type { WaysOut } from "./trunks.ts";

export interface TrunkChangesParts {
  readonly store: TrunkStore;
  readonly keeper: TrunkKeeper;
  readonly waysOut: WaysOut;
  /** Where the configuration of this node is, for people. */
  readonly configuration: string;
}

/** Others may change the same trunk at the same moment; so often is a change begun anew. */
const mostTries = 5;

/** Adds, changes and removes the trunks that are not the configuration's. Every node follows. */
export class TrunkChanges {
  readonly #parts: TrunkChangesParts;

  constructor(parts: TrunkChangesParts) {
    this.#parts = parts;
  }

  /** @throws Fault `trunk-invalid`, `secret-key-missing`, `trunk-in-file`, `trunk-exists` */
  async add(given: unknown): Promise<string> {
    const { store, keeper } = this.#parts;
    const { name: wanted, password, ...settings } = isTable(given) ? given : {};
    this.#check(given);
    const name = String(wanted);
    this.#leaveToFile(name);
    await keeper.look();
    if (keeper.settings.some((each) => each.kind === "route" && each.name === name))
      throw placedFault("trunk-exists", `There is a route ${name} already.`, [{ pointer: "/name", message: "is the name of a route" }]);
    if (!(await store.add({ name, settings, sealedPassword: this.#sealed(name, password) })))
      throw placedFault("trunk-exists", `There is a trunk ${name} already.`, [{ pointer: "/name", message: "is the name of another trunk" }]);
    await keeper.look();
    return name;
  }

  /**
   * @param patch a JSON Merge Patch (RFC 7396): what it does not name stays, null takes a setting back
   * @throws Fault `trunk-unknown`, `trunk-changed`, and those of `add`
   */
  async change(name: string, patch: unknown): Promise<void> {
    const { store, keeper } = this.#parts;
    this.#leaveToFile(name);
    if (!isTable(patch)) throw placedFault("trunk-invalid", "Send an object with the settings that are to be others.", []);
    if (patch["name"] !== undefined && patch["name"] !== name)
      throw placedFault("trunk-invalid", "A trunk keeps its name: add another one, and remove this.", [
        { pointer: "/name", message: "cannot be changed" },
      ]);
    for (let tried = 1; tried <= mostTries; tried++) {
      await keeper.look();
      const kept = this.#find(name);
      const { name: _name, password, ...others } = patch;
      const settings = Object.fromEntries(Object.entries({ ...kept.settings, ...others }).filter(([setting, value]) => !isTakenBack(setting, value)));
      this.#check({ ...settingsOf({ ...kept, settings }), ...(password !== undefined && { password: password ?? undefined }) });
      const sealedPassword = password === undefined ? kept.sealedPassword : this.#sealed(name, password ?? undefined);
      if (!(await store.change({ ...kept, settings, sealedPassword }))) continue;
      await keeper.look();
      return;
    }
    throw new Fault("trunk-changed", `Others are changing trunk ${name} at this moment; look at it, and try again.`);
  }

  /** @param force also while routes, campaigns and telephones use it @throws Fault `trunk-in-use`, `trunk-unknown`, `trunk-in-file` */
  async remove(name: string, force: boolean): Promise<void> {
    const { store, keeper, waysOut } = this.#parts;
    this.#leaveToFile(name);
    await keeper.look();
    const routes = waysOut.routes.filter(({ trunks }) => trunks.some((member) => member.name === name)).map((route) => `route ${route.name}`);
    if (!force && routes.length > 0) throw inUse(name, routes);
    const { removed, campaigns, phones } = await store.remove(name, force);
    const users = [...campaigns.map((campaign) => `campaign ${campaign}`), ...phones.map((agent) => `the telephone of agent ${agent}`)];
    if (!removed && users.length > 0 && (await this.#isKept(name))) throw inUse(name, users);
    await keeper.look();
    if (!removed) throw this.#unknown(name);
  }

  /** Seals passwords with the present key that are sealed with an earlier one. @throws Fault `secret-key-missing` */
  async reseal(): Promise<{ readonly resealed: readonly string[]; readonly unreadable: readonly string[] }> {
    const { store, keeper } = this.#parts;
    await keeper.look();
    if (!keeper.key) throw keyMissing();
    const resealed: string[] = [];
    const unreadable: string[] = [];
    for (const kept of keeper.kept.filter((trunk) => keeper.isStale(trunk))) {
      const password = keeper.passwordOf(kept);
      // Whoever changed it meanwhile has sealed it with the key that is the present one there.
      if (password === undefined) unreadable.push(kept.name);
      else if (await store.change({ ...kept, sealedPassword: this.#sealed(kept.name, password) })) resealed.push(kept.name);
    }
    await keeper.look();
    return { resealed, unreadable };
  }

  #check(given: unknown): void {
    const { findings } = readTrunk(given, this.#parts.waysOut.config.identity);
    if (findings.length === 0) return;
    const places = findings.map(({ path, message }) => ({ pointer: path.map((step) => `/${step}`).join(""), message }));
    throw placedFault("trunk-invalid", places.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join("; "), places);
  }

  #sealed(name: string, password: unknown): string | undefined {
    if (typeof password !== "string") return undefined;
    const { key } = this.#parts.keeper;
    if (!key) throw keyMissing();
    return seal(key, passwordPlace(name), password, randomBytes(nonceBytes));
  }

  #leaveToFile(name: string): void {
    const { waysOut, configuration } = this.#parts;
    const { trunks, routes } = waysOut.config;
    const at = trunks.findIndex((trunk) => trunk.name === name);
    const mend = "Change it there, and have it read anew with carillon trunk reload.";
    if (at >= 0) throw new Fault("trunk-in-file", `Trunk ${name} is defined in the configuration: ${configuration}, trunks.${at}. ${mend}`);
    const route = routes.findIndex((each) => each.name === name);
    if (route >= 0)
      throw new Fault("trunk-in-file", `${name} is a route of the configuration: ${configuration}, routes.${route}. Take another name.`);
  }

  #find(name: string): KeptTrunk {
    const kept = this.#parts.keeper.kept.find((trunk) => trunk.name === name);
    if (!kept) throw this.#unknown(name);
    return kept;
  }

  async #isKept(name: string): Promise<boolean> {
    return (await this.#parts.store.all()).some((trunk) => trunk.name === name);
  }

  #unknown(name: string): Fault {
    const names = this.#parts.waysOut.trunks.all.map(({ trunk }) => trunk.name).join(", ");
    return new Fault("trunk-unknown", `There is no trunk ${name}. There are: ${names || "none"}.`);
  }
}

/** A null for what is no setting stays, to be found by the check. */
function isTakenBack(setting: string, value: unknown): boolean {
  return value === null && Object.hasOwn(trunkOptions.properties, setting);
}

function inUse(name: string, users: readonly string[]): Fault {
  const message = `Trunk ${name} is used by ${users.join(", ")}. Give them another one first, or remove it with force: they wait then, as for a trunk that is down.`;
  return placedFault(
    "trunk-in-use",
    message,
    users.map((user) => ({ pointer: "path/name", message: `is used by ${user}` })),
  );
}

function keyMissing(): Fault {
  const message =
    "A password is kept only sealed, and this node has no key: give every node the same secret.key (CARILLON_SECRET_KEY_FILE), made with openssl rand -base64 32, and have it read anew.";
  return placedFault("secret-key-missing", message, [{ pointer: "/password", message: "cannot be kept without secret.key" }]);
}
