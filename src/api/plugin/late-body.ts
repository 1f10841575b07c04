import type { FastifyRequest } from "fastify";
import type { Timer } from "../../kernel/clock.ts";
import type { ApiParts, App } from "../parts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Ends the connection; set while the rest of a body is waited for. */
    lateBody: Timer | undefined;
  }
}

/** For a body of any size, and for what is left of one behind the answer. */
const waitMs = 30_000;
/** And so much more for a large one: nobody who means it sends slower. */
const leastBytesPerS = 32_000;

/**
 * Waits for no body without end. A byte now and then keeps a connection from being idle, and whoever opens thousands of them, without any key, keeps everybody else out. What
 * streams into its route (a list, a file) is watched there instead, for as long as it is read.
 */
export function addLateBodies(app: App, { clock, log }: Pick<ApiParts, "clock" | "log">): void {
  app.decorateRequest("lateBody", undefined);
  const rest = (request: FastifyRequest) => {
    request.lateBody?.cancel();
    request.lateBody = undefined;
  };
  const wait = (request: FastifyRequest, what: "body" | "rest") => {
    const { raw, headers } = request;
    rest(request);
    // Most have none, or it came with the head; what the server asks itself has no connection.
    if (raw.complete !== false || raw.destroyed || (headers["content-length"] ?? headers["transfer-encoding"]) === undefined) return;
    const { method, ip: address, routeOptions } = request;
    const ms = waitMs + (what === "body" ? (routeOptions.bodyLimit / leastBytesPerS) * 1000 : 0);
    request.lateBody = clock.after(ms, () => {
      log.info({ method, route: routeOptions.url, address }, "a request did not come to its end, and was cut off");
      raw.socket.destroy();
    });
    raw.once("close", () => rest(request));
  };
  app.addHook("preParsing", (request, _reply, _payload, done) => {
    wait(request, "body");
    done();
  });
  app.addHook("preValidation", (request, _reply, done) => {
    rest(request);
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    wait(request, "rest");
    done();
  });
}
