import { fieldOf, type ServerOptions } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { idOf, serverOver } from "./named.ts";

export interface WrapUpOptions {
  readonly wrapUpS?: number;
  /** It ends when the agent says so. */
  readonly openEnd?: boolean;
  readonly extensionS?: number;
  readonly extensions?: number;
}

/** What a wrap-up is to be: what is not given stays as it was. @returns undefined when nothing is given */
export function wrapUpWith(was: unknown, { wrapUpS, openEnd, extensionS, extensions }: WrapUpOptions): object | undefined {
  if (wrapUpS === undefined && !openEnd && extensionS === undefined && extensions === undefined) return undefined;
  const { wrapUpMs, ...rest } = typeof was === "object" && was !== null ? { wrapUpMs: undefined, ...was } : { wrapUpMs: undefined };
  const lastsMs = wrapUpS === undefined ? wrapUpMs : wrapUpS * 1000;
  return {
    ...rest,
    ...(lastsMs !== undefined && !openEnd && { wrapUpMs: lastsMs }),
    ...(extensionS !== undefined && { extensionMs: extensionS * 1000 }),
    ...(extensions !== undefined && { maxExtensions: extensions }),
  };
}

/** `carillon group wrap-up GROUP`: shows it, or changes what is given. @throws Fault `group-unknown` and what the server refuses */
export async function setWrapUp(group: string, options: CommonOptions & ServerOptions & WrapUpOptions): Promise<string> {
  const { ask, edit } = serverOver(options);
  const path = `groups/${await idOf(ask, "groups", group)}`;
  const shown =
    wrapUpWith({}, options) === undefined
      ? await ask("GET", path)
      : await edit(path, (was) => wrapUpWith(fieldOf(was, "wrapUp"), options), `${path}/wrap-up`);
  return `Wrap-up of group ${group}: ${described(fieldOf(shown, "wrapUp"))}.`;
}

function described(wrapUp: unknown): string {
  const [lastsMs, moreMs, times] = ["wrapUpMs", "extensionMs", "maxExtensions"].map((name) => fieldOf(wrapUp, name));
  if (typeof lastsMs !== "number") return "until the agent says so";
  if (lastsMs === 0) return "none";
  const lasts = `${lastsMs / 1000} s`;
  return Number(times) === 0
    ? `${lasts}, which agents cannot put off`
    : `${lasts}, which agents may put off ${times} times by ${Number(moreMs) / 1000} s`;
}
