import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { leadsElsewhere, readLookup, requestOf } from "../../contact/lookup/exchange.ts";
import type { LookupQuestion } from "../../contact/lookup/lookup.ts";
import type { LookupOptions } from "../../contact/lookup/options.ts";
import type { LookupEnd, LookupProvider } from "../../contact/lookup/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Answer, readAnswer } from "./answer.ts";
import type { NetworkGuard } from "./guard.ts";
import { headersOf, why } from "./headers.ts";

interface Source extends LookupOptions {
  readonly sent: Readonly<Record<string, string>>;
  readonly host: string;
  readonly agent: HttpAgent;
}

/** Servers close a connection nobody uses after 5 s and more. */
const idleMs = 4000;

/** Asks the servers of the configuration about numbers and people. Whom a question is about is never logged, nor what was answered. */
export class HttpLookups implements LookupProvider {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #clock: Clock;

  /**
   * @param guard where names may lead; an address, or `localhost`, that the configuration has may be asked whatever it is
   * @throws Fault `lookup-invalid` for a header that cannot be sent; the message holds no secret
   */
  constructor(lookups: readonly LookupOptions[], clock: Clock, guard: NetworkGuard) {
    this.#sources = new Map(lookups.map((each) => [each.name, prepare(each, guard)]));
    this.#clock = clock;
  }

  async ask(name: string, question: LookupQuestion): Promise<LookupEnd> {
    const source = this.#sources.get(name);
    if (source === undefined) return { end: "failed", reason: "no such look-up is configured", again: false };
    const asked = requestOf(source, question);
    const { url, body } = asked;
    const target = URL.parse(url);
    if (target?.host !== source.host || leadsElsewhere(asked))
      return { end: "failed", reason: "the question makes no URL of its server", again: false };
    const answer = await this.#request(source, target, body);
    if ("failed" in answer) return { end: "failed", reason: answer.failed, again: true };
    if ("refused" in answer) return { end: "failed", reason: answer.refused, again: false };
    return endOf(source, answer);
  }

  #request(source: Source, target: URL, body: string | undefined): Promise<Answer | { readonly failed: string }> {
    const { method, agent, sent, timeoutMs } = source;
    const send = target.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = {
      ...sent,
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": sent["user-agent"] ?? "Carillon-Lookups/1",
      ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve) => {
      const request = send(target, { method, agent, headers });
      const finish = (end: Answer | { readonly failed: string }, whole: boolean) => {
        timer.cancel();
        resolve(end);
        if (!whole) request.destroy();
      };
      const timer = this.#clock.after(timeoutMs, () => finish({ failed: `no answer within ${timeoutMs} ms` }, false));
      request.on("error", (error: Error) => finish({ failed: why(error) }, false));
      request.on("response", async (response) => {
        const answer = await readAnswer(response);
        finish(answer, !("refused" in answer));
      });
      request.on("upgrade", () => finish({ refused: "it answers with another protocol" }, false));
      request.end(body);
    });
  }

  /** Lets go of every connection; what is under way fails. */
  close(): void {
    for (const { agent } of this.#sources.values()) agent.destroy();
  }
}

/** Asked again after these it may answer (RFC 9110, RFC 6585). */
function passing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function endOf(source: Source, { status, body }: Extract<Answer, { status: number }>): LookupEnd {
  if (status === 404 && source.notFound !== undefined) return { end: "answered", answer: { word: source.notFound, fields: {} } };
  if (status < 200 || status >= 300) return { end: "failed", reason: `it answers ${status}`, again: passing(status) };
  const read = readLookup(source, body);
  return "failed" in read ? { end: "failed", reason: read.failed, again: false } : { end: "answered", answer: read };
}

function prepare(options: LookupOptions, guard: NetworkGuard): Source {
  const { name, url, headers, maxConcurrent } = options;
  const { protocol, host, hostname } = new URL(url);
  const sent = headersOf(headers, (at) => {
    throw new Fault("lookup-invalid", `Header ${at} of look-up ${name} is not "Name: value" in plain ASCII, or not one that may be set.`);
  });
  const Agent = protocol === "https:" ? HttpsAgent : HttpAgent;
  const guarded = hostname === "localhost" ? {} : { lookup: guard.lookup };
  return { ...options, sent, host, agent: new Agent({ keepAlive: true, maxSockets: maxConcurrent, timeout: idleMs, ...guarded }) };
}
