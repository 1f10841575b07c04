import type { Config } from "../config/schema.ts";
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

/** Where the server's API is. @throws Fault `setting-form` when --url is none */
export function baseOf({ api }: Pick<Config, "api">, { url }: ServerOptions): string {
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new Fault("setting-form", `--url ${url}: write it with its scheme, such as http://127.0.0.1:8080.`);
  const scheme = api.certificate === undefined ? "http" : "https";
  return url?.replace(/\/+$/, "") ?? `${scheme}://${api.host.includes(":") ? `[${api.host}]` : api.host}:${api.port}`;
}

/** What a server answers, whatever it is. @param base of `baseOf` @throws Fault `api-unreachable` when it does not */
export async function reach(
  base: string,
  path: string,
  method: string,
  key: string | undefined,
  body?: unknown,
): Promise<{ readonly ok: boolean; readonly status: number; readonly body: unknown }> {
  const headers = { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...(body !== undefined && { "content-type": "application/json" }) };
  const response = await fetch(`${base}/${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(answerMs),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error) => {
    throw new Fault("api-unreachable", `The server does not answer at ${base}. --url says where it is.`, { cause: error, retryable: true });
  });
  return { ok: response.ok, status: response.status, body: await response.json().catch(() => undefined) };
}

/**
 * Has the running server do something.
 * @returns the body of its answer
 * @throws Fault `api-unreachable`, `setting-form`, and what the server refuses in its own words
 */
export async function askServer(config: Pick<Config, "api">, options: ServerOptions, method: string, path: string, body?: unknown): Promise<unknown> {
  const base = baseOf(config, options);
  const answer = await reach(base, `api/v1/${path}`, method, options.key, body);
  if (answer.ok) return answer.body;
  const code = textOf(answer.body, "code") ?? "api-unreachable";
  throw new Fault(code, textOf(answer.body, "detail") ?? `What answers at ${base} says ${answer.status} and is no Carillon. --url says where it is.`);
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
