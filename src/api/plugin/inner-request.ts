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
  // Awaited within: only then is it asked.
  const answer = await callers.run(caller, async () => await app.inject({ method: "GET", url }));
  if (answer.statusCode !== 200 || !String(answer.headers["content-type"]).includes("json")) return undefined;
  return answer.json();
}
