import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { WebhookEnd, Webhooks } from "../../ivr/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { readAnswer } from "./answer.ts";
import { NetworkGuard } from "./guard.ts";
import { headersOf, why } from "./headers.ts";
import { sign } from "./signature.ts";

/** One webhook as configured. */
export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly method: "POST" | "PUT";
  /** The longest an answer may take, whatever a script allows. */
  readonly timeoutMs: number;
  /** `Name: value`. May hold secrets. */
  readonly headers: readonly string[];
  /** For the signature; without one requests are not signed. */
  readonly secret?: string;
  /** Requests under way at once; the others wait, and their time-out runs. */
  readonly maxConcurrent: number;
}

interface Hook extends WebhookOptions {
  readonly target: URL;
  readonly sent: Readonly<Record<string, string>>;
  readonly agent: HttpAgent;
}

/** Servers close a connection nobody uses after 5 s and more: one on which a request could cross the closing is not used again. */
const idleMs = 4000;

/**
 * Asks somebody's HTTP server a question for a person on the line. A question is asked once: what it does over there (taking
 * a payment, for example) may have happened although no answer came.
 */
export class HttpWebhooks implements Webhooks {
  readonly #hooks: ReadonlyMap<string, Hook>;
  readonly #clock: Clock;
  readonly #log: Log;

  /**
   * @param guard where names may lead; an address, or `localhost`, that the configuration has may be asked whatever it is
   * @throws Fault `webhook-invalid` for a URL or a header that cannot be sent; the message holds no secret
   */
  constructor(hooks: readonly WebhookOptions[], clock: Clock, log: Log, guard = new NetworkGuard()) {
    this.#hooks = new Map(hooks.map((hook) => [hook.name, prepare(hook, guard)]));
    this.#clock = clock;
    this.#log = log;
  }

  get configured(): readonly string[] {
    return [...this.#hooks.keys()];
  }

  async call(name: string, body: Readonly<Record<string, string>>, timeoutMs: number): Promise<WebhookEnd> {
    const startedAt = this.#clock.now();
    const key = body["idempotencyKey"] ?? "";
    const end = await this.#ask(name, key, JSON.stringify(body), timeoutMs);
    const fields = { webhook: name, key, tookMs: this.#clock.now() - startedAt };
    // Neither question nor answer is logged: who the person is and what they pay is nobody's business here.
    if (end.end === "answered") this.#log.debug({ ...fields, status: end.status }, "webhook answered");
    else this.#log.warn({ ...fields, end: end.end, ...(end.end === "failed" && { reason: end.reason }) }, "webhook gave no usable answer");
    return end;
  }

  #ask(name: string, key: string, text: string, timeoutMs: number): Promise<WebhookEnd> {
    const hook = this.#hooks.get(name);
    if (!hook) return Promise.resolve({ end: "failed", reason: "no such webhook is configured" });
    return new Promise((resolve) => {
      const request = open(hook, key, text, this.#clock.now());
      const timer = this.#clock.after(Math.min(timeoutMs, hook.timeoutMs), () => finish({ end: "timeout" }));
      const finish = (end: WebhookEnd) => {
        timer.cancel();
        resolve(end);
        // After an answer was read to its end this leaves the connection alone.
        if (end.end !== "answered") request.destroy();
      };
      request.on("error", (error: Error) => finish({ end: "failed", reason: why(error) }));
      request.on("response", async (response) => {
        const answer = await readAnswer(response);
        if ("refused" in answer) finish({ end: "failed", reason: answer.refused, ...(response.statusCode && { status: response.statusCode }) });
        else finish({ end: "answered", ...answer });
      });
      // A server that wants to talk another protocol.
      request.on("upgrade", () => finish({ end: "failed", reason: "it answers with another protocol" }));
      request.end(text);
    });
  }

  /** Lets go of every connection; what is under way fails. */
  close(): void {
    for (const { agent } of this.#hooks.values()) agent.destroy();
  }
}

function open({ target, method, agent, sent, secret }: Hook, key: string, text: string, atMs: number): ClientRequest {
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const headers = {
    ...sent,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    accept: "application/json",
    "accept-encoding": "identity",
    "idempotency-key": JSON.stringify(key),
    ...(secret !== undefined && sign(secret, key, atMs, text)),
  };
  return send(target, { method, agent, headers });
}

function prepare(options: WebhookOptions, guard: NetworkGuard): Hook {
  const { name, url, headers, maxConcurrent } = options;
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== "http:" && target?.protocol !== "https:")
    throw new Fault("webhook-invalid", `The url of webhook ${name} is no http(s) URL.`);
  const sent = headersOf(headers, (at) => {
    throw new Fault("webhook-invalid", `Header ${at} of webhook ${name} is not "Name: value" in plain ASCII, or not one that may be set.`);
  });
  const Agent = target.protocol === "https:" ? HttpsAgent : HttpAgent;
  const guarded = target.hostname === "localhost" ? {} : { lookup: guard.lookup };
  return { ...options, target, sent, agent: new Agent({ keepAlive: true, maxSockets: maxConcurrent, timeout: idleMs, ...guarded }) };
}
