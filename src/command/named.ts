import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { askServer, entriesOf, type ServerOptions, textOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { type Edit, editOver } from "./edit.ts";

/** Asks the server. Rejects as `askServer` does. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

export function askOver(options: CommonOptions & ServerOptions): Ask {
  return serverOver(options).ask;
}

/** The server, for commands that also put back what they have read. */
export function serverOver(options: CommonOptions & ServerOptions): { readonly ask: Ask; readonly edit: Edit } {
  const config: Config = configFor(options, "admin");
  return { ask: (method, path, body) => askServer(config, options, method, path, body), edit: editOver(config, options) };
}

/** Everything that the server has under a path. @param query more of it, each part with its `&` before it */
export async function allOf(ask: Ask, path: string, query = ""): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const items of pagesOf(ask, path, query)) all.push(...items);
  return all;
}

/** The same page by page, for what may be long. */
export async function* pagesOf(ask: Ask, path: string, query = ""): AsyncGenerator<readonly unknown[]> {
  for (let cursor = ""; ; ) {
    const page = await ask("GET", `${path}?limit=500${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    yield entriesOf(page, "items");
    cursor = textOf(page, "next") ?? "";
    if (cursor === "") return;
  }
}

/** What things are called, by their ids. */
export function namesOf(items: readonly unknown[]): ReadonlyMap<string, string> {
  return new Map(items.map((item) => [textOf(item, "id") ?? "", textOf(item, "name") ?? ""]));
}

const nouns = {
  agents: ["agent", "agent-unknown"],
  groups: ["group", "group-unknown"],
  campaigns: ["campaign", "campaign-unknown"],
  "strategy-campaigns": ["campaign of a strategy", "campaign-unknown"],
  lists: ["list", "list-unknown"],
  users: ["user", "user-unknown"],
} as const;
export type Noun = keyof typeof nouns;

/** The id of what people call by its name; an id will do, too. @throws Fault `agent-unknown`, `group-unknown`, `campaign-unknown`, `user-unknown` */
export async function idOf(ask: Ask, path: Noun, name: string): Promise<string> {
  return idAmong(await allOf(ask, path), path, name);
}

/** What is said where the whole of a campaign that carries out a strategy is named, and one of its passes is meant. */
export function aboutOnePass(name: string, passes: readonly string[]): string {
  return `"${name}" carries out a strategy, and this is about one of its passes: ${passes.join(", ")}.`;
}

/** The same among those that were read. */
export function idAmong(all: readonly unknown[], path: Noun, name: string): string {
  const found = all.find((each) => textOf(each, "name") === name) ?? all.find((each) => textOf(each, "id") === name);
  const id = textOf(found, "id");
  if (id !== undefined) return id;
  const names = all.flatMap((each) => textOf(each, "name") ?? []);
  const [noun, code] = nouns[path];
  const passes = path === "campaigns" ? names.filter((each) => each.startsWith(`${name}/`)) : [];
  if (passes.length > 0) throw new Fault(code, aboutOnePass(name, passes));
  const meant = nearest(name, names);
  throw new Fault(code, `There is no ${noun} ${name}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
}
