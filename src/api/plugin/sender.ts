import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import { plainAddress, readNetworks } from "../../kernel/network.ts";
import type { App } from "../parts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whether it came over TLS, to us or to a proxy of ours. */
    secure: boolean;
  }
}

/**
 * Sets `request.ip` to the address of whoever sent the request: by it guessing is slowed, and it is what is written down. `X-Forwarded-For` is read from the
 * right, and only as far as those who wrote it are proxies of ours: what stands further to the left anybody can have made up. `X-Forwarded-Proto` is read from them alone. Must be added before what asks for the
 * address.
 * @param trustedProxies networks, as `10.1.2.0/24`
 */
export function addSender(app: App, trustedProxies: readonly string[]): void {
  const ours = readNetworks(trustedProxies);
  app.decorateRequest("secure", false);
  app.addHook("onRequest", (request, _reply, done) => {
    const nearest = plainAddress(request.ip);
    const proxied = trustedProxies.length > 0 && ours.has(nearest);
    request.secure = request.raw.socket instanceof TLSSocket || (proxied && lastProtocol(request) === "https");
    const sender = proxied ? senderBefore(nearest, request) : nearest;
    // Mostly it is what the connection says of itself.
    if (sender !== request.ip) Object.defineProperty(request, "ip", { value: sender });
    done();
  });

  const senderBefore = (nearest: string, { headers }: FastifyRequest) => {
    const said = (
      [headers["x-forwarded-for"] ?? []]
        .flat()
        .join(",")
        .match(/[^,\s]+/g) ?? []
    ).map(plainAddress);
    let sender = nearest;
    while (ours.has(sender)) {
      const before = said.pop();
      // A proxy that writes something else has not said who it was: then it was the proxy.
      if (before === undefined || isIP(before) === 0) break;
      sender = before;
    }
    return sender;
  };
}

function lastProtocol({ headers }: FastifyRequest): string | undefined {
  return [headers["x-forwarded-proto"]].flat().at(-1)?.split(",").at(-1)?.trim();
}
