import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import { withDefaults } from "../../src/config/check.ts";
import { type LookupOptions, lookupOptions } from "../../src/contact/lookup/options.ts";

export interface Asked {
  readonly method: string | undefined;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Somebody who answers questions about numbers, on a socket of this machine. @param answer told what was asked */
export async function openProvider(t: Test, answer: (response: ServerResponse, asked: Asked) => void) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const question = { method: request.method, path: request.url ?? "", headers: request.headers, text };
    asked.push(question);
    answer(response, question);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** A look-up as the configuration gives it, with its defaults. */
export function lookup(more: Partial<LookupOptions> & Pick<LookupOptions, "name" | "kind" | "url">): LookupOptions {
  return withDefaults(lookupOptions, more) as LookupOptions;
}
