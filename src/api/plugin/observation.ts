import { Counter, Histogram } from "prom-client";
import type { ApiParts, App } from "../parts.ts";

/** Counts and times every request by route, and logs it. */
export function addObservation(app: App, { metrics, log }: ApiParts): void {
  const durations = new Histogram({
    name: "carillon_http_request_duration_seconds",
    help: "Time to answer a request, in seconds.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [metrics],
  });
  const aborted = new Counter({ name: "carillon_http_requests_aborted_total", help: "Requests whose sender went away.", registers: [metrics] });

  app.addHook("onResponse", (request, reply, done) => {
    // The route's pattern, never its text: ids would make a series each.
    const route = request.route.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    durations.observe(labels, reply.elapsedTime / 1000);
    log.debug({ ...labels, caller: request.caller?.name, tookMs: Math.round(reply.elapsedTime) }, "request answered");
    done();
  });
  app.addHook("onRequestAbort", async (_request) => {
    aborted.inc();
  });
}
