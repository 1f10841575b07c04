import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Result } from "../attempt/result.ts";
import type { CallEngine } from "../voice/call-engine.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";

/** What /metrics shows of the calls, beside the process's own figures. */
export function openMetrics(engine: CallEngine, pool: EndpointPool) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: "carillon_lines",
    help: "Calls dialling, ringing or talking.",
    registers,
    collect() {
      this.set(engine.lines);
    },
  });
  new Gauge({
    name: "carillon_endpoints_held",
    help: "Media sessions kept ready for the next calls.",
    registers,
    collect() {
      this.set(pool.held);
    },
  });
  const sessions = new Counter({
    name: "carillon_endpoint_uses_total",
    help: "Media sessions handed to calls: opened anew, or used again after an unanswered call.",
    labelNames: ["how"],
    registers,
    collect() {
      this.reset();
      this.inc({ how: "opened" }, pool.opened);
      this.inc({ how: "recycled" }, pool.recycled);
    },
  });
  sessions.inc({ how: "recycled" }, 0);
  const attempts = new Counter({ name: "carillon_attempts_total", help: "Ended attempts by result.", labelNames: ["result"], registers });
  return { registry, ended: (result: Result) => attempts.inc({ result }) };
}
