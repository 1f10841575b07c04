import { Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { PhoneOptions } from "../config/section/phones.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import { PhoneEngine, type PhoneEngineParts } from "../voice/phone-engine.ts";
import type { Signalling } from "../voice/ports.ts";
import type { WaysOut } from "./trunks.ts";

export interface PhonesParts {
  readonly stores: Pick<Stores, "phones">;
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly ways: Pick<WaysOut, "trunks" | "callerHeaders">;
  readonly options: Pick<PhoneOptions, "hosts" | "realm" | "ringTimeoutMs">;
  readonly moved: PhoneEngineParts["moved"];
  readonly clock: Clock;
  readonly log: Log;
  readonly lookMs?: number;
}

/** The telephones of this node's agents. */
export function openPhones({
  stores,
  ways: { trunks, callerHeaders },
  options: { hosts, realm, ringTimeoutMs },
  ...parts
}: PhonesParts): PhoneEngine {
  return new PhoneEngine({
    ...parts,
    store: stores.phones,
    trunks,
    callerHeaders,
    contactsOf: async () => [],
    hosts,
    realm,
    ringTimeoutMs,
  });
}

/** What /metrics shows of telephones. */
export function addPhoneMetrics(registry: Registry, phones: PhoneEngine): void {
  new Gauge({
    name: "carillon_agent_phones",
    help: "Agents' telephones that are on the line, and those that are to be kept there and are not.",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { up, down } = phones.counts;
      this.set({ state: "up" }, up);
      this.set({ state: "down" }, down);
    },
  });
}
