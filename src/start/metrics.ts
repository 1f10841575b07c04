import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { AttemptLog } from "../attempt/ports.ts";
import { type ResultFacts, resultNames, results } from "../attempt/result.ts";
import type { WorkStore } from "../strategy/ports.ts";
import type { CallEngine } from "../voice/call-engine.ts";
import type { CallerIds } from "../voice/caller-id-engine.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import type { SecondLegs } from "../voice/second-leg-engine.ts";
import { secondLegKinds } from "../voice/second-leg-ports.ts";
import type { Trunks } from "../voice/trunk-engine.ts";
import { countedWork } from "./gate-metrics.ts";
import { addHealthMetrics, type HealthMetricsParts } from "./health-metrics.ts";

/** What /metrics shows of the calls, beside the process's own figures. */
export function openMetrics() {
  let engine: CallEngine | undefined;
  let pool: EndpointPool | undefined;
  let trunks: Trunks | undefined;
  let callerIds: CallerIds | undefined;
  let secondLegs: Pick<SecondLegs, "counts"> | undefined;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: "carillon_lines",
    help: "Calls dialling, ringing or talking.",
    registers,
    collect() {
      this.set(engine?.lines ?? 0);
    },
  });
  new Gauge({
    name: "carillon_endpoints_held",
    help: "Media sessions kept ready for the next calls.",
    registers,
    collect() {
      this.set(pool?.held ?? 0);
    },
  });
  new Counter({
    name: "carillon_endpoint_uses_total",
    help: "Media sessions handed to calls: opened anew, or used again after an unanswered call.",
    labelNames: ["how"],
    registers,
    collect() {
      this.reset();
      this.inc({ how: "opened" }, pool?.opened ?? 0);
      this.inc({ how: "recycled" }, pool?.recycled ?? 0);
    },
  });
  new Gauge({
    name: "carillon_trunk_up",
    help: "Whether calls may be placed on a trunk: 1 or 0.",
    labelNames: ["trunk"],
    registers,
    collect() {
      this.reset();
      for (const { trunk, up } of trunks?.all ?? []) this.set({ trunk: trunk.name }, up ? 1 : 0);
    },
  });
  new Gauge({
    name: "carillon_trunk_lines",
    help: "Lines of a trunk in use.",
    labelNames: ["trunk"],
    registers,
    collect() {
      this.reset();
      for (const { trunk, lines } of trunks?.all ?? []) this.set({ trunk: trunk.name }, lines);
    },
  });
  new Counter({
    name: "carillon_trunk_invites_total",
    help: "INVITEs of a trunk by final SIP status; status 0 where the far side said nothing.",
    labelNames: ["trunk", "status"],
    registers,
    collect() {
      this.reset();
      for (const { trunk, ended } of trunks?.all ?? [])
        for (const [status, count] of ended) this.inc({ trunk: trunk.name, status: String(status) }, count);
    },
  });
  // Whoever compares with what was there before needs a series that does not begin with its first event.
  const legsThatMayBe = () => (trunks?.all ?? []).flatMap(({ trunk: { name: trunk } }) => secondLegKinds.map((kind) => ({ trunk, kind })));
  new Counter({
    name: "carillon_trunk_second_legs_total",
    help: "Second legs over a trunk that have ended: to whom somebody was transferred, and to telephones of ours.",
    labelNames: ["trunk", "kind", "answered"],
    registers,
    collect() {
      this.reset();
      for (const leg of legsThatMayBe()) for (const answered of ["yes", "no"]) this.inc({ ...leg, answered }, 0);
      for (const { trunk, kind, answered, unanswered } of secondLegs?.counts ?? []) {
        this.inc({ trunk, kind, answered: "yes" }, answered);
        this.inc({ trunk, kind, answered: "no" }, unanswered);
      }
    },
  });
  new Counter({
    name: "carillon_trunk_second_leg_seconds_total",
    help: "How long the second legs lasted that were answered, of those that have ended.",
    labelNames: ["trunk", "kind"],
    registers,
    collect() {
      this.reset();
      for (const leg of legsThatMayBe()) this.inc(leg, 0);
      for (const { trunk, kind, talkMs } of secondLegs?.counts ?? []) this.inc({ trunk, kind }, talkMs / 1000);
    },
  });
  new Gauge({
    name: "carillon_numbers_resting",
    help: "Numbers that are not shown because of a run of 608.",
    registers,
    collect() {
      this.set(callerIds?.resting.length ?? 0);
    },
  });
  const endings = new Counter({ name: "carillon_attempts_total", help: "Ended attempts by result.", labelNames: ["result"], registers });
  for (const result of resultNames) {
    const { channels }: ResultFacts = results[result];
    if (channels.includes("voice")) endings.inc({ result }, 0);
  }
  return {
    registry,
    /** The same log, with every ending counted. */
    counted: (log: AttemptLog): AttemptLog => ({
      begin: (id, at, legIds, again) => log.begin(id, at, legIds, again),
      mark: (id, mark) => log.mark(id, mark),
      effect: (id, at, effects) => log.effect(id, at, effects),
      async finish(id, ending) {
        await log.finish(id, ending);
        endings.inc({ result: ending.result });
      },
    }),
    /** The same store, with every refusal of the gate counted. */
    gate: (work: WorkStore) => countedWork(registry, work),
    health: (parts: HealthMetricsParts) => addHealthMetrics(registry, parts),
    watch(watched: { engine: CallEngine; pool: EndpointPool; trunks: Trunks; callerIds: CallerIds; secondLegs: Pick<SecondLegs, "counts"> }): void {
      ({ engine, pool, trunks, callerIds, secondLegs } = watched);
    },
  };
}
