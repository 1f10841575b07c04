import { Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { ComponentState } from "../api/ports.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";

export interface HealthMetricsParts {
  readonly version: string;
  readonly components: () => Promise<readonly ComponentState[]>;
  readonly stores: Pick<Stores, "hot" | "pool" | "unwritten">;
  readonly pass: Pick<PassEngine, "running">;
}

/** What /metrics shows of the server as a whole, and of its way to the database. */
export function addHealthMetrics(registry: Registry, { version, components, stores, pass }: HealthMetricsParts): void {
  const registers = [registry];
  new Gauge({ name: "carillon_build_info", help: "Which Carillon this is; always 1.", labelNames: ["version"], registers }).set({ version }, 1);
  new Gauge({
    name: "carillon_component_up",
    help: "Whether a part that /readyz tells of works, or is drained by order: 1 or 0.",
    labelNames: ["component"],
    registers,
    async collect() {
      const all = await components();
      this.reset();
      for (const { name, ready, draining } of all) this.set({ component: name }, ready || draining ? 1 : 0);
    },
  });
  new Gauge({
    name: "carillon_database_connections",
    help: "Connections to the database: busy and idle ones, and statements that wait for one.",
    labelNames: ["state"],
    registers,
    collect() {
      const pools = [stores.pool, stores.hot];
      const sum = (of: (pool: (typeof pools)[number]) => number) => pools.reduce((all, pool) => all + of(pool), 0);
      this.set(
        { state: "busy" },
        sum(({ totalCount, idleCount }) => totalCount - idleCount),
      );
      this.set(
        { state: "idle" },
        sum(({ idleCount }) => idleCount),
      );
      this.set(
        { state: "waiting" },
        sum(({ waitingCount }) => waitingCount),
      );
    },
  });
  new Gauge({
    name: "carillon_unwritten_records",
    help: "Opt-outs and results that are on this node's disk and not in the database yet.",
    registers,
    collect() {
      this.set(stores.unwritten());
    },
  });
  new Gauge({
    name: "carillon_campaigns_running",
    help: "Campaigns that run, as this node sees them.",
    registers,
    collect() {
      this.set(pass.running().length);
    },
  });
}
