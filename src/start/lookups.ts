import { Counter, Histogram, type Registry } from "prom-client";
import { NetworkGuard } from "../adapter/http/guard.ts";
import { HttpLookups } from "../adapter/http/lookups.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import { type LookupEnding, Lookups } from "../contact/lookup/lookup-engine.ts";
import type { LookupProvider } from "../contact/lookup/ports.ts";
import { LookupRuns } from "../contact/lookup/run-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

export interface LookupsParts {
  readonly config: Pick<Config, "lookups" | "webhookDelivery">;
  readonly stores: Pick<Stores, "lookups" | "lookupRuns">;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it is looked what is to be asked. */
  readonly lookMs?: number;
}

/** What campaigns and lists want to know is asked. @throws Fault `lookup-invalid` */
export function openLookups({ config, stores, metrics, clock, log, lookMs }: LookupsParts) {
  const provider = providerOf(config, clock);
  const often = lookMs !== undefined && { lookMs };
  const ended = counting(metrics, config.lookups);
  const lookups = new Lookups({ lookups: config.lookups, store: stores.lookups, provider, clock, log, ended, ...often });
  const runs = new LookupRuns({ store: stores.lookupRuns, lookups: config.lookups, clock, log, ...often });
  return {
    mayWant: lookups.mayWant,
    api: lookupParts(stores, config, provider, clock),
    async start() {
      await lookups.start();
      runs.start();
    },
    async close() {
      await Promise.all([lookups.close(), runs.close()]);
      provider.close();
    },
  };
}

/** What the API says and asks of them. @param provider for what is tried */
export function lookupParts(
  { lookups: store, lookupRuns: runs }: Pick<Stores, "lookups" | "lookupRuns">,
  { lookups: options }: Pick<Config, "lookups">,
  provider: LookupProvider,
  clock: Clock,
): ApiParts["lookups"] {
  return {
    ...{ options, store, runs },
    async ask(name, question) {
      const begun = clock.now();
      const end = await provider.ask(name, question);
      return { tookMs: Math.round(clock.now() - begun), end };
    },
  };
}

/** @throws Fault `lookup-invalid` */
export function providerOf({ lookups, webhookDelivery }: Pick<Config, "lookups" | "webhookDelivery">, clock: Clock): HttpLookups {
  return new HttpLookups(lookups, clock, new NetworkGuard(webhookDelivery.privateNetworks));
}

function counting(registry: Registry, lookups: Config["lookups"]): (ending: LookupEnding) => void {
  const requests = new Counter({
    name: "carillon_lookup_requests_total",
    help: "Questions to the servers of look-ups, by how they ended.",
    labelNames: ["lookup", "end"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "carillon_lookup_seconds",
    help: "How long they took.",
    labelNames: ["lookup"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  // Whoever compares with what was there before needs a series that does not begin with its first event.
  for (const { name } of lookups) for (const end of ["answered", "failed"]) requests.inc({ lookup: name, end }, 0);
  return ({ name, tookMs, end }) => {
    requests.inc({ lookup: name, end: end.end });
    seconds.observe({ lookup: name }, tookMs / 1000);
  };
}
