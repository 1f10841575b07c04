import { callerIdOptions } from "../config/section/telephony.ts";
import type { Shape } from "../config/shape.ts";
import { keptRouteOptions } from "../config/way.ts";
import { Fault } from "../kernel/fault.ts";
import { askServer, entriesOf, fieldOf, listOf, type ServerOptions, textOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { listed, numberFrom, settingsFrom, type Words } from "./setting-words.ts";
import { tableText } from "./table.ts";

export type SettingOptions = CommonOptions & ServerOptions;

export interface ChangeOptions extends SettingOptions {
  /** Settings that go back to their defaults. */
  readonly unset?: readonly string[];
}

/** What the commands about routes and those about pools of caller ids differ in. */
interface Kind {
  readonly word: string;
  readonly path: string;
  readonly options: Shape;
  readonly words: Words;
  readonly example: string;
  readonly head: readonly string[];
  readonly row: (item: unknown) => readonly string[];
}

const given = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export const routes: Kind = {
  word: "Route",
  path: "routes",
  options: keptRouteOptions,
  words: { trunks: listed(memberFrom) },
  example: "trunks=carrier-a,carrier-b:2 maxTries=2 (NAME:PRIORITY:WEIGHT)",
  head: ["NAME", "TRUNKS", "TRIES", "ORIGIN", "NOTE"],
  row: (item) => {
    const members = entriesOf(item, "trunks");
    const notes = members.flatMap((member) =>
      fieldOf(member, "up") === true ? [] : [`${given(fieldOf(member, "name"))}: ${textOf(member, "note") ?? "down"}`],
    );
    const names = members.map((member) => ["name", "priority", "weight"].map((name) => given(fieldOf(member, name))).join(":"));
    return [given(fieldOf(item, "name")), names.join(","), given(fieldOf(item, "maxTries")), given(fieldOf(item, "origin")), notes.join("; ")];
  },
};

export const pools: Kind = {
  word: "Pool",
  path: "caller-id-pools",
  options: callerIdOptions,
  words: { numbers: listed(numberOf) },
  example: "numbers=+12125550100,+13125550100:+1312 dailyCap=200 (NUMBER:PREFIX of those it is a local one for)",
  head: ["NAME", "NUMBERS", "CAP", "ORIGIN", "RESTING"],
  row: (item) => {
    const numbers = entriesOf(item, "numbers");
    const resting = numbers.flatMap((number) => (fieldOf(number, "resting") === true ? [given(fieldOf(number, "number"))] : []));
    const shown = numbers.map((number) => [given(fieldOf(number, "number")), ...listOf(number, "localTo")].join(":"));
    const cap = given(fieldOf(item, "dailyCap")) || "-";
    return [given(fieldOf(item, "name")), shown.join(","), cap, given(fieldOf(item, "origin")), resting.join(",")];
  },
};

/** `carillon route list`, `carillon pool list` */
export async function listSettings({ path, head, row }: Kind, options: SettingOptions & { readonly json?: boolean }): Promise<string> {
  const body = await askServer(configFor(options, "admin"), options, "GET", path);
  if (options.json) return JSON.stringify(entriesOf(body, "items"), undefined, 2);
  return tableText(head, entriesOf(body, "items").map(row));
}

/** `carillon route add NAME trunks=…`, `carillon pool add NAME numbers=…` @returns what to say @throws Fault `setting-form` and what the server refuses */
export async function addSetting(kind: Kind, name: string, settings: readonly string[], options: SettingOptions): Promise<string> {
  await askServer(configFor(options, "admin"), options, "POST", kind.path, { ...bodyFrom(kind, settings), name });
  return `${kind.word} ${name} is added. The other nodes have it within two seconds.`;
}

/** `carillon route change NAME setting=… …` and the same of a pool */
export async function changeSetting(
  kind: Kind,
  name: string,
  settings: readonly string[],
  { unset = [], ...options }: ChangeOptions,
): Promise<string> {
  const patch = { ...bodyFrom(kind, settings), ...Object.fromEntries(unset.map((setting) => [setting, null])) };
  if (Object.keys(patch).length === 0) throw new Fault("setting-form", `Say what is to be another: ${kind.example}, or --unset SETTING.`);
  await askServer(configFor(options, "admin"), options, "PATCH", `${kind.path}/${encodeURIComponent(name)}`, patch);
  return `${kind.word} ${name} is changed (${Object.keys(patch).join(", ")}). The other nodes have it within two seconds.`;
}

/** `carillon route remove NAME`, `carillon pool remove NAME` */
export async function removeSetting(kind: Kind, name: string, options: SettingOptions & { readonly force?: boolean }): Promise<string> {
  await askServer(configFor(options, "admin"), options, "DELETE", `${kind.path}/${encodeURIComponent(name)}${options.force ? "?force=true" : ""}`);
  return `${kind.word} ${name} is removed.`;
}

const bodyFrom = ({ options, words, example }: Kind, settings: readonly string[]) => settingsFrom(options, settings, words, example);

/** carrier-a:1:3 is trunk carrier-a with priority 1 and weight 3. */
function memberFrom(text: string): unknown {
  const [name = "", priority, weight] = text.split(":");
  return { name, ...(priority !== undefined && { priority: numberFrom(priority) }), ...(weight !== undefined && { weight: numberFrom(weight) }) };
}

/** +13125550100:+1312:+1773 is a number, and the prefixes of those for whom it is a local one. */
function numberOf(text: string): unknown {
  const [number = "", ...localTo] = text.split(":");
  return { number, ...(localTo.length > 0 && { localTo }) };
}
