import { join } from "node:path";
import { Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import { systemRandom } from "../adapter/system/random.ts";
import { RotatingFile } from "../adapter/system/rotating-file.ts";
import type { Present } from "../agent/desk-engine.ts";
import { spokenFor } from "../agent/queue.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { AgentPacing } from "../voice/agent-pacing-engine.ts";
import type { AgentsHere } from "../voice/agent-pacing-ports.ts";
import type { PhoneEngine } from "../voice/phone-engine.ts";
import type { AgentQueues } from "../voice/queue-engine.ts";

export interface PacingParts {
  readonly stores: Pick<Stores, "abandonment" | "pacers">;
  readonly agents: AgentsHere;
  readonly phones: Pick<PhoneEngine, "isRung">;
  readonly line: Pick<AgentQueues, "waiting">;
  readonly node: string;
  readonly dataDir: string;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** The pacing of this node's campaigns. Each has a log, DATADIR/pacing/CAMPAIGN-NODE.ndjson, for `carillon pacing replay`. */
export function openPacing({ stores, agents, phones, line, node, dataDir, metrics, clock, log }: PacingParts): AgentPacing {
  const openFile = (campaignId: string) => new RotatingFile({ path: join(dataDir, "pacing", `${campaignId}-${node}.ndjson`), log });
  const pacing = new AgentPacing({
    agents: agentsAtOnce(agents, phones, line),
    ledger: stores.abandonment,
    store: stores.pacers,
    openFile,
    random: systemRandom,
    clock,
    log,
  });
  addPacingMetrics(metrics, pacing);
  return pacing;
}

/**
 * Whoever has to pick up their telephone first is too late for somebody who was called for agents, and who is wanted by people that wait already is
 * not free: nobody is called for them.
 */
function agentsAtOnce(agents: AgentsHere, phones: PacingParts["phones"], line: PacingParts["line"]): AgentsHere {
  const wanted = () => {
    const soon = agents.present.filter(({ here, desk }) => here && (desk.state === "ready" || desk.state === "wrap-up"));
    const idle = soon.map(({ agentId, desk, memberships }) => {
      return { agentId, since: desk.since, memberships, onTheLine: true, ready: desk.state === "ready" };
    });
    return spokenFor(line.waiting, idle);
  };
  const seen = (taken: ReadonlySet<string>) => (present: Present) =>
    phones.isRung(present.agentId) || taken.has(present.agentId) ? { ...present, here: false } : present;
  return {
    get present() {
      return agents.present.map(seen(wanted()));
    },
    onChange: (heard) => agents.onChange((present) => heard(seen(wanted())(present))),
  };
}

type Figures = AgentPacing["figures"][number];

/** What /metrics shows of each campaign that is paced on this node. */
function addPacingMetrics(registry: Registry, pacing: Pick<AgentPacing, "figures">): void {
  const gauge = (name: string, help: string, value: (figures: Figures) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ["campaign"],
      registers: [registry],
      collect() {
        this.reset();
        for (const figures of pacing.figures) {
          const is = value(figures);
          if (is !== undefined) this.set({ campaign: figures.campaignId }, is);
        }
      },
    });
  gauge("carillon_pacing_agents", "Agents who count for a campaign on this node.", ({ agents }) => agents);
  gauge("carillon_pacing_free_agents", "Those of them who are free.", ({ choice }) => choice?.free);
  gauge("carillon_pacing_calls", "Calls under way that nobody has answered yet.", ({ choice }) => choice?.underWay);
  gauge("carillon_pacing_waiting", "People who have answered and wait for an agent.", ({ choice }) => choice?.waiting);
  gauge("carillon_pacing_theta", "The risk that predictive dialling takes with a call, at most.", ({ choice }) => choice?.theta);
  gauge(
    "carillon_pacing_expected_loss",
    "People who are thought to be abandoned of those who are being called.",
    ({ choice }) => choice?.expectedLoss,
  );
  gauge("carillon_abandonment_allowed", "People whom this node may yet abandon.", ({ share }) => share?.allowed);
  for (const window of ["day", "month"] as const) {
    const over = window === "day" ? "24 hours" : "30 days";
    gauge(`carillon_abandonment_${window}_answers`, `People who answered within ${over}, over all nodes.`, ({ share }) => share?.[window].answers);
    gauge(`carillon_abandonment_${window}_abandoned`, `Those of them who were abandoned.`, ({ share }) => share?.[window].abandoned);
    gauge(
      `carillon_abandonment_${window}_missed`,
      "Those of them who are thought to have been taken for machines, as far as that is measured.",
      ({ share }) => share?.missed?.[window],
    );
  }
  new Gauge({
    name: "carillon_pacing_held_by",
    help: "What kept the pacer from placing more calls at its last choice: 1.",
    labelNames: ["campaign", "reason"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { campaignId, choice } of pacing.figures) if (choice) this.set({ campaign: campaignId, reason: choice.heldBy }, 1);
    },
  });
}
