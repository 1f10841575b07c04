import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../../kernel/clock.ts";
import type { SendEnd, SignedRequest, WebhookSender } from "../../webhook/ports.ts";
import { maxAnswerBytes } from "./answer.ts";
import type { NetworkGuard } from "./guard.ts";
import { sign } from "./signature.ts";

/** Servers close a connection nobody uses after 5 s and more. */
const idleMs = 4000;
const mostSockets = 100;

/** Tells somebody's HTTP server what happened: signed, to where it may go, and nowhere it is sent on to. */
export class HttpSender implements WebhookSender {
  readonly #guard: NetworkGuard;
  readonly #clock: Clock;
  readonly #plain: HttpAgent;
  readonly #secure: HttpsAgent;

  constructor(guard: NetworkGuard, clock: Clock) {
    this.#guard = guard;
    this.#clock = clock;
    const options = { keepAlive: true, timeout: idleMs, maxTotalSockets: mostSockets, lookup: guard.lookup };
    this.#plain = new HttpAgent(options);
    this.#secure = new HttpsAgent(options);
  }

  send({ url, key, text, secrets }: SignedRequest, timeoutMs: number): Promise<SendEnd> {
    const target = URL.parse(url);
    if (target?.protocol !== "http:" && target?.protocol !== "https:") return Promise.resolve({ reason: "its URL is no http(s) URL" });
    const refused = this.#guard.refusal(target.hostname);
    if (refused !== undefined) return Promise.resolve({ reason: refused });
    const secure = target.protocol === "https:";
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      accept: "*/*",
      "user-agent": "Carillon-Webhooks/1",
      ...sign(secrets, key, this.#clock.now(), text),
    };
    return new Promise((resolve) => {
      const request = secure
        ? httpsRequest(target, { method: "POST", agent: this.#secure, headers })
        : httpRequest(target, { method: "POST", agent: this.#plain, headers });
      const timer = this.#clock.after(timeoutMs, () => finish({ reason: `no answer within ${timeoutMs} ms` }, true));
      const finish = (end: SendEnd, leave: boolean) => {
        timer.cancel();
        resolve(end);
        if (leave) request.destroy();
      };
      request.on("error", (error: Error) => finish({ reason: error.message }, true));
      request.on("upgrade", () => finish({ reason: "it answers with another protocol" }, true));
      request.on("response", (response) => drain(response, (whole) => finish(endOf(response), !whole)));
      request.end(text);
    });
  }

  /** Lets go of every connection; what is under way fails. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

/** What it says beside its status is of no use to anybody here; short ones are read, so that the connection can be used again. */
function drain(response: IncomingMessage, done: (whole: boolean) => void): void {
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxAnswerBytes) done(false);
  });
  response.on("end", () => done(true));
  response.on("error", () => undefined);
  response.on("close", () => done(response.complete));
}

function endOf({ statusCode = 0, headers }: IncomingMessage): SendEnd {
  if (statusCode >= 200 && statusCode < 300) return { status: statusCode };
  const seconds = Number(headers["retry-after"]);
  const reason = statusCode >= 300 && statusCode < 400 ? `it answers ${statusCode}, and redirects are not followed` : `it answers ${statusCode}`;
  return { status: statusCode, reason, ...(Number.isFinite(seconds) && seconds > 0 && { retryAfterMs: seconds * 1000 }) };
}
