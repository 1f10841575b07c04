import { AsyncLocalStorage } from "node:async_hooks";
import type { Caller } from "../../access/role.ts";
import type { App } from "../parts.ts";

/** Set while the server asks itself something in the name of a caller. It lives in the process: no request can bring it. */
const callers = new AsyncLocalStorage<Caller>();

/** In whose name the server asks itself; undefined for a request from outside. */
export function innerCaller(): Caller | undefined {
  return callers.getStore();
}

/** What a GET would answer to the caller; undefined where it would be no 200 with JSON. */
export async function askInside(app: App, caller: Caller, url: string): Promise<unknown> {
  const text = await textInside(app, caller, url, "json");
  return text === undefined ? undefined : JSON.parse(text);
}

/** The same as it would be sent. It counts as no request of the caller, and is refused by no busy server. @param type what its media type has in it */
export async function textInside(app: App, caller: Caller, url: string, type = ""): Promise<string | undefined> {
  // Awaited within: only then is it asked.
  const answer = await callers.run(caller, async () => await app.inject({ method: "GET", url }));
  return answer.statusCode === 200 && String(answer.headers["content-type"]).includes(type) ? answer.body : undefined;
}

/** A change that the server asks of itself, as whoever asks could: with their role and groups, and a line of its own in the audit log. */
export interface InnerChange {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly payload?: object;
}

/** Asks for a change in the name of a caller. @param from the address that the line in the log names @returns the status and what was answered as JSON */
export async function changeInside(
  app: App,
  caller: Caller,
  from: string,
  change: InnerChange,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await callers.run(caller, async () => await app.inject({ ...change, remoteAddress: from }));
  return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json() };
}
