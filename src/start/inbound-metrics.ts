import { Counter, Gauge, type Registry } from "prom-client";
import { type Refused, refusals } from "../voice/inbound.ts";
import type { InboundEngine } from "../voice/inbound-engine.ts";

/** What /metrics shows of people who call. */
export function addInboundMetrics(registry: Registry, engine: InboundEngine): void {
  const registers = [registry];
  new Gauge({
    name: "carillon_inbound_lines",
    help: "Calls from outside that ring or are up.",
    registers,
    collect() {
      this.set(engine.lines);
    },
  });
  new Counter({
    name: "carillon_inbound_calls_total",
    help: "Calls from outside that are over, by campaign (empty: none) and result.",
    labelNames: ["campaign", "result"],
    registers,
    collect() {
      this.reset();
      for (const { campaign, result, calls } of engine.ended) this.inc({ campaign, result }, calls);
    },
  });
  new Counter({
    name: "carillon_inbound_refused_total",
    help: "Calls from outside that were not taken, by reason.",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      for (const reason of Object.keys(refusals) as Refused[]) this.inc({ reason }, engine.refused.get(reason) ?? 0);
    },
  });
}
