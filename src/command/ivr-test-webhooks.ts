import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpWebhooks } from "../adapter/http/webhooks.ts";
import type { WebhookEnd, Webhooks } from "../ivr/ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";

/** So long an answer takes, so that something of what is heard meanwhile is heard. */
const answerMs = 700;
/** What never answers is waited for only so long: a test need not last as long as somebody's patience. */
const silentMs = 1500;

/** `left`: the person hangs up meanwhile, and no answer comes. */
export type Reply = WebhookEnd | { readonly end: "left"; readonly gone: Promise<unknown> };

export interface TestWebhooks extends Webhooks {
  /** What the next question is answered with. @param after not before this */
  reply(answer: Reply, after?: Promise<unknown>): void;
  close(): Promise<void>;
}

/** The webhooks of one case: the adapter that production uses, and at its other end an HTTP server that answers what the test says. */
export async function openTestWebhooks(names: readonly string[], clock: Clock): Promise<TestWebhooks> {
  let next: Reply = { end: "failed", reason: "the test says nothing about it" };
  let soonest: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    request.resume();
    const reply = next;
    void Promise.all([pause(clock, answerMs), soonest]).then(() => answer(response, reply));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const hooks = names.map((name) => ({
    name,
    url: `http://127.0.0.1:${port}/${name}`,
    method: "POST" as const,
    timeoutMs: 60_000,
    headers: [],
    maxConcurrent: 1,
  }));
  const http = new HttpWebhooks(hooks, clock, silentLog);
  return {
    configured: http.configured,
    call: (name, body, timeoutMs) => http.call(name, body, next.end === "timeout" ? Math.min(timeoutMs, silentMs) : timeoutMs),
    reply(answer, after = Promise.resolve()) {
      next = answer;
      soonest = after;
    },
    async close() {
      http.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(response: ServerResponse, reply: Reply): Promise<void> {
  switch (reply.end) {
    case "answered":
      // A status below 200 is no answer yet.
      if (reply.status < 200) response.destroy();
      else response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body ?? null));
      return;
    case "failed":
      response.destroy();
      return;
    case "left":
      await reply.gone;
      response.destroy();
      return;
    case "timeout":
      return;
  }
}
