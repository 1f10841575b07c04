import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

export interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

export interface Receiver {
  readonly url: string;
  readonly told: Told[];
  /** How the next requests are answered. */
  answer: (response: ServerResponse) => void;
  /** Resolves with the first request that fits, one that has come already too. */
  next(fits: (told: Told) => boolean): Promise<Told>;
}

/** Somebody's system: a real HTTP server that is told what happens. */
export async function openReceiver(t: Test): Promise<Receiver> {
  const told: Told[] = [];
  let waiting: { fits: (told: Told) => boolean; resolve: (told: Told) => void }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const one: Told = { headers: request.headers, text, body: JSON.parse(text) };
    told.push(one);
    receiver.answer(response);
    for (const { resolve } of waiting.filter(({ fits }) => fits(one))) resolve(one);
    waiting = waiting.filter(({ fits }) => !fits(one));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    told,
    answer: (response) => response.writeHead(204).end(),
    next(fits) {
      const there = told.find(fits);
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.push({ fits, resolve }));
    },
  };
  return receiver;
}

/** As a receiver checks it, by the specification and not by our code: each secret's signature is among those of the request. */
export function isSignedWith(secret: string, { headers, text }: Told): boolean {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return String(headers["webhook-signature"]).split(" ").includes(expected);
}
