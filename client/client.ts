import type { Operations } from "./operations.ts";
import { CarillonProblem } from "./problem.ts";
import { readPieces, type StreamedEvent } from "./stream.ts";

export type { Operations, ProblemCode } from "./operations.ts";
export { CarillonProblem, type ProblemPlace } from "./problem.ts";
export type { StreamedEvent } from "./stream.ts";

export type OperationName = keyof Operations;
export type Call<Name extends OperationName> = Operations[Name]["call"] & { readonly signal?: AbortSignal };
export type AnswerOf<Name extends OperationName> = Operations[Name]["answer"];
/** What comes in pages. */
export type PagedName = {
  [Name in OperationName]: AnswerOf<Name> extends { readonly items: readonly unknown[]; readonly next?: string } ? Name : never;
}[OperationName];
export type ItemOf<Name extends PagedName> = AnswerOf<Name> extends { readonly items: readonly (infer Item)[] } ? Item : never;
/** What may be had as a file too. */
export type FileName = { [Name in OperationName]: Operations[Name] extends { readonly file: string } ? Name : never }[OperationName];
/** Nothing to say, then nothing need be said. */
type CallOf<Name extends OperationName> = Record<string, never> extends Operations[Name]["call"] ? [call?: Call<Name>] : [call: Call<Name>];

export interface ClientOptions {
  /** Where the server is, such as https://carillon.example.com. */
  readonly url: string;
  /** An API key. */
  readonly key: string;
  /** How long one request may take; default 30 s. Files and the stream take as long as they take. */
  readonly timeoutMs?: number;
  /** How often a request that may be sent twice is sent at most (one that reads, or has an Idempotency-Key); default 3. */
  readonly tries?: number;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  /** For `ifMatch` of a change. */
  readonly etag: string | undefined;
  /** Where what was made is. */
  readonly location: string | undefined;
  /** It was done before: this is the answer of then. */
  readonly replayed: boolean;
}

interface Loose {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly type?: string;
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

const longestWaitMs = 30_000;

/** A Carillon server, as a program sees it. Refusals are thrown as `CarillonProblem`. */
export class CarillonClient {
  readonly #options: Required<ClientOptions>;

  constructor({ url, key, timeoutMs = 30_000, tries = 3 }: ClientOptions) {
    this.#options = { url: url.replace(/\/+$/, ""), key, timeoutMs, tries };
  }

  /** @returns the body of the answer */
  async ask<Name extends OperationName>(name: Name, ...[call]: CallOf<Name>): Promise<AnswerOf<Name>> {
    return (await this.#answer<AnswerOf<Name>>(name, call ?? {})).body;
  }

  /** The same, with what goes with the body. */
  async send<Name extends OperationName>(name: Name, ...[call]: CallOf<Name>): Promise<Answer<AnswerOf<Name>>> {
    return await this.#answer(name, call ?? {});
  }

  /** Every item of all pages, each page when it is wanted. */
  async *items<Name extends PagedName>(name: Name, ...[call]: CallOf<Name>): AsyncGenerator<ItemOf<Name>> {
    const { query, ...more }: Loose = call ?? {};
    for (let cursor: string | undefined; ; ) {
      const page = await this.#answer<{ readonly items: readonly ItemOf<Name>[]; readonly next?: string }>(name, {
        ...more,
        query: { ...query, ...(cursor !== undefined && { cursor }) },
      });
      yield* page.body.items;
      if (page.body.next === undefined) return;
      cursor = page.body.next;
    }
  }

  /** An answer that is a file, such as a report as CSV: as it comes in. */
  async file<Name extends FileName>(name: Name, ...[call]: CallOf<Name>): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#tried(name, call ?? {}, undefined);
    return body ?? new Blob([]).stream();
  }

  /**
   * What happens, as it happens, for ever: when the stream ends or breaks it goes on where it was, and misses nothing that the server still has (`stream.gap`
   * says that it has not). `signal` ends it.
   */
  async *events(query: Operations["GET /api/v1/stream"]["call"]["query"] = {}, signal?: AbortSignal): AsyncGenerator<StreamedEvent> {
    let { lastEventId } = query;
    for (let waitMs = 0; !isOver(signal); ) {
      await pause(waitMs, signal);
      waitMs = Math.min(longestWaitMs, Math.max(1000, 2 * waitMs));
      const chosen = { ...query, ...(lastEventId !== undefined && { lastEventId }) };
      try {
        const { body } = await this.#once("GET /api/v1/stream", { query: chosen, ...(signal && { signal }) }, undefined);
        for await (const { id, retryMs, event } of readPieces(body ?? new Blob([]).stream())) {
          waitMs = retryMs ?? waitMs;
          // Whoever ends here comes again at the event, not behind it: it has not been taken yet.
          if (event) yield { ...event, id: id ?? lastEventId ?? "" };
          lastEventId = id ?? lastEventId;
        }
      } catch (error) {
        if (isOver(signal)) return;
        if (error instanceof CarillonProblem && error.status !== 429 && error.status < 500) throw error;
      }
    }
  }

  async #answer<Body>(name: string, call: Loose): Promise<Answer<Body>> {
    const response = await this.#tried(name, call, this.#options.timeoutMs);
    const json = response.headers.get("content-type")?.includes("json") ?? false;
    const body = (json ? await response.json() : await response.text().then((text) => (text === "" ? undefined : text))) as Body;
    const { headers, status } = response;
    const etag = headers.get("etag") ?? undefined;
    return { status, body, etag, location: headers.get("location") ?? undefined, replayed: headers.has("idempotency-replayed") };
  }

  /** Again, when it was not answered or could not be done now, and being done twice does no harm. */
  async #tried(name: string, call: Loose, timeoutMs: number | undefined): Promise<Response> {
    const again = (name.startsWith("GET ") || call.idempotencyKey !== undefined) && !(call.body instanceof ReadableStream);
    for (let tried = 1; ; tried++) {
      try {
        return await this.#once(name, call, timeoutMs);
      } catch (error) {
        const later = !(error instanceof CarillonProblem) || [429, 502, 503, 504].includes(error.status) || error.code === "idempotency-key-busy";
        if (!again || !later || tried >= this.#options.tries || isOver(call.signal)) throw error;
        const said = error instanceof CarillonProblem ? error.retryAfterMs : undefined;
        await pause(Math.min(longestWaitMs, said ?? 500 * 2 ** tried), call.signal);
      }
    }
  }

  /** @throws CarillonProblem when it is refused; whatever fetch throws when it is not answered */
  async #once(
    name: string,
    { path = {}, query = {}, body, type, idempotencyKey, ifMatch, signal }: Loose,
    timeoutMs: number | undefined,
  ): Promise<Response> {
    const [method = "GET", pattern = ""] = name.split(" ");
    const target = new URL(this.#options.url + pattern.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(String(path[part] ?? ""))));
    for (const [key, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(key, String(value));
    const headers = new Headers({ authorization: `Bearer ${this.#options.key}` });
    const json = body !== undefined && type === undefined;
    if (body !== undefined) headers.set("content-type", type ?? "application/json");
    if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
    if (ifMatch !== undefined) headers.set("if-match", ifMatch);
    const signals = [...(signal ? [signal] : []), ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])];
    const response = await fetch(target, {
      method,
      headers,
      redirect: "error",
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string), duplex: "half" }),
    });
    if (response.ok) return response;
    throw new CarillonProblem(name, response, await response.json().catch(() => undefined));
  }
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0 || isOver(signal)) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(over, ms);
    signal?.addEventListener("abort", over, { once: true });
    function over(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      resolve();
    }
  });
}
