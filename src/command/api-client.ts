import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";

/** How a running server is asked. */
export interface ServerOptions {
  /** Base URL of its API; default where the configuration has it listen. */
  readonly url?: string;
  /** An API key. */
  readonly key?: string;
}

/** How long a server may take to answer. */
const answerMs = 10_000;
/** A server that takes no more for now is asked again for so long at most (requests are counted by the minute), and after so long where it does not say when. */
const [mostBusyMs, againMs] = [90_000, 2000];

/** Where the server's API is. @throws Fault `setting-form` when --url is none */
export function baseOf({ api }: Pick<Config, "api">, { url }: ServerOptions): string {
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new Fault("setting-form", `--url ${url}: write it with its scheme, such as http://127.0.0.1:8080.`);
  const scheme = api.certificate === undefined ? "http" : "https";
  return url?.replace(/\/+$/, "") ?? `${scheme}://${api.host.includes(":") ? `[${api.host}]` : api.host}:${api.port}`;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
  /** `Retry-After` in seconds (RFC 9110 §10.2.3), where it says so. */
  readonly retryAfterS?: number;
  /** Of what it shows (RFC 9110 §8.8.3), where that may be changed. */
  readonly etag?: string;
}

/** What else a request may have. */
export interface MoreAsked {
  /** The ETag of what was read: nothing is changed when it is another one by now. */
  readonly ifMatch?: string;
  readonly clock?: Clock;
}

/** What a server answers, whatever it is. @param base of `baseOf` @throws Fault `api-unreachable` when it does not */
async function reach(
  base: string,
  path: string,
  method: string,
  key: string | undefined,
  body: unknown,
  ifMatch: string | undefined,
): Promise<Answer> {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(ifMatch !== undefined && { "if-match": ifMatch }),
  };
  const response = await fetch(`${base}/${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(answerMs),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error) => {
    throw new Fault("api-unreachable", `The server does not answer at ${base}. --url says where it is.`, { cause: error, retryable: true });
  });
  const retryAfter = response.headers.get("retry-after") ?? "";
  // A proxy that compresses calls it a weak one; it is of the words themselves all the same.
  const etag = response.headers.get("etag")?.replace(/^W\//, "");
  return {
    ok: response.ok,
    status: response.status,
    body: await response.json().catch(() => undefined),
    ...(/^\d{1,6}$/.test(retryAfter) && { retryAfterS: Number(retryAfter) }),
    ...(etag !== undefined && { etag }),
  };
}

/**
 * The same of a server that may be too busy, or has had more requests than it takes in a minute. It has done nothing of it then: it is asked again when it says so, for a minute and a half
 * at most, and whoever waits is told.
 * @throws Fault `api-unreachable`; `overloaded` or `rate-limited` when it is so to the end
 */
export async function reachInTurn(
  base: string,
  path: string,
  method: string,
  key: string | undefined,
  body?: unknown,
  { ifMatch, clock = systemClock }: MoreAsked = {},
): Promise<Answer> {
  const until = clock.now() + mostBusyMs;
  for (;;) {
    const answer = await reach(base, path, method, key, body, ifMatch);
    const code = textOf(answer.body, "code") ?? "";
    const why = answer.status === 503 || answer.status === 429 ? busyWords[code] : undefined;
    if (why === undefined) return answer;
    const waitMs = answer.retryAfterS === undefined ? againMs : Math.max(1, answer.retryAfterS) * 1000;
    if (clock.now() + waitMs > until) {
      const said = textOf(answer.body, "detail") ?? `The server ${why}.`;
      throw new Fault(code, `${said} Nothing of it was done; try again later.`, { retryable: true });
    }
    console.error(`The server at ${base} ${why}; asking again in ${Math.round(waitMs / 1000)} s.`);
    await pause(clock, waitMs);
  }
}

/** By code: what a server that takes no more for now is, or has had. */
const busyWords: Readonly<Record<string, string>> = {
  overloaded: "is too busy",
  "rate-limited": "has had as many requests as it takes in a minute",
};

/**
 * Has the running server do something, as `reachInTurn` does.
 * @throws Fault `setting-form`, those of `reachInTurn`, and what the server refuses in its own words
 */
export async function answerOf(
  config: Pick<Config, "api">,
  options: ServerOptions,
  method: string,
  path: string,
  body?: unknown,
  more: MoreAsked = {},
): Promise<Answer> {
  const base = baseOf(config, options);
  const answer = await reachInTurn(base, `api/v1/${path}`, method, options.key, body, more);
  if (answer.ok) return answer;
  const code = textOf(answer.body, "code") ?? "api-unreachable";
  throw new Fault(code, textOf(answer.body, "detail") ?? `What answers at ${base} says ${answer.status} and is no Carillon. --url says where it is.`);
}

/** The body of its answer alone. Rejects as `answerOf` does. */
export async function askServer(
  config: Pick<Config, "api">,
  options: ServerOptions,
  method: string,
  path: string,
  body?: unknown,
  more: MoreAsked = {},
): Promise<unknown> {
  return (await answerOf(config, options, method, path, body, more)).body;
}

export function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
}

export function textOf(body: unknown, name: string): string | undefined {
  const value = fieldOf(body, name);
  return typeof value === "string" ? value : undefined;
}

export function entriesOf(body: unknown, name: string): readonly unknown[] {
  const value = fieldOf(body, name);
  return Array.isArray(value) ? value : [];
}

export function listOf(body: unknown, name: string): readonly string[] {
  return entriesOf(body, name).map(String);
}
