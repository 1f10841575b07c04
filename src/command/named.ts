import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { askServer, entriesOf, type ServerOptions, textOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";

/** Asks the server. Rejects as `askServer` does. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

export function askOver(options: CommonOptions & ServerOptions): Ask {
  const config: Config = configFor(options, "admin");
  return (method, path, body) => askServer(config, options, method, path, body);
}

/** Everything that the server has under a path, page by page. */
export async function allOf(ask: Ask, path: string): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let cursor = ""; ; ) {
    const page = await ask("GET", `${path}?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    all.push(...entriesOf(page, "items"));
    cursor = textOf(page, "next") ?? "";
    if (cursor === "") return all;
  }
}

const nouns = { agents: "agent", groups: "group", campaigns: "campaign" } as const;
const codes = { agents: "agent-unknown", groups: "group-unknown", campaigns: "campaign-unknown" } as const;

/** The id of what people call by its name; an id will do, too. @throws Fault `agent-unknown`, `group-unknown`, `campaign-unknown` */
export async function idOf(ask: Ask, path: keyof typeof nouns, name: string): Promise<string> {
  const all = await allOf(ask, path);
  const found = all.find((each) => textOf(each, "name") === name) ?? all.find((each) => textOf(each, "id") === name);
  const id = textOf(found, "id");
  if (id !== undefined) return id;
  const meant = nearest(
    name,
    all.flatMap((each) => textOf(each, "name") ?? []),
  );
  throw new Fault(codes[path], `There is no ${nouns[path]} ${name}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
}
