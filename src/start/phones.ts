import { createHash, randomBytes } from "node:crypto";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { PhoneOptions } from "../config/section/phones.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import { PhoneEngine, type PhoneEngineParts } from "../voice/phone-engine.ts";
import type { Signalling } from "../voice/ports.ts";
import { Registrar } from "../voice/registrar-engine.ts";
import type { RegisterSource } from "../voice/registrar-ports.ts";
import { keyOf } from "./kept-trunk.ts";
import { devicePassword } from "./phone-control.ts";
import type { WaysOut } from "./trunks.ts";

export interface PhonesParts {
  readonly stores: Pick<Stores, "phones">;
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly secondLegs: PhoneEngineParts["secondLegs"];
  readonly ways: Pick<WaysOut, "trunks" | "callerHeaders">;
  readonly options: Pick<PhoneOptions, "realm" | "ringTimeoutMs"> & { readonly hosts: readonly string[] };
  /** Where devices are that register; left out, there are none. */
  readonly registrar?: Registrar;
  readonly moved: PhoneEngineParts["moved"];
  readonly clock: Clock;
  readonly log: Log;
  readonly lookMs?: number;
  readonly renewMs?: number;
}

/** The telephones of this node's agents. */
export function openPhones({
  stores,
  ways: { trunks, callerHeaders },
  options: { hosts, realm, ringTimeoutMs },
  registrar,
  ...parts
}: PhonesParts): PhoneEngine {
  const contactsOf = async (agentId: string) => (await registrar?.contactsOf(agentId)) ?? [];
  return new PhoneEngine({ ...parts, store: stores.phones, trunks, callerHeaders, contactsOf, hosts, realm, ringTimeoutMs });
}

export interface RegistrarOptions {
  readonly stores: Pick<Stores, "registrar">;
  readonly source: RegisterSource;
  /** Looked at anew each time. */
  readonly ways: { readonly config: Pick<WaysOut["config"], "identity" | "secret"> };
  readonly options: Pick<PhoneOptions, "realm" | "digest" | "minExpiresS" | "maxExpiresS">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The registrar of agents' devices, on the same port as everything else. */
export function openRegistrar({ stores, source, ways, options: { digest: algorithm, ...options }, clock, log }: RegistrarOptions): Registrar {
  const { realm, minExpiresS, maxExpiresS } = options;
  // Without a key there is no password of a device, and nobody to be let in.
  const key = keyOf(ways.config)?.bytes ?? randomBytes(32);
  return new Registrar({
    ...{ source, store: stores.registrar, realm, algorithm, minExpiresS, maxExpiresS },
    nonceKey: createHash("sha256").update("carillon nonce key\n").update(key).digest(),
    passwordOf: (agentId, sealed) => devicePassword(agentId, sealed, ways.config),
    randomBytes,
    clock,
    log,
  });
}

/** Both, and what /metrics shows of them. */
export function startPhones({
  registers,
  metrics,
  ...parts
}: Omit<PhonesParts, "registrar"> &
  Omit<RegistrarOptions, "source"> & { readonly registers: RegisterSource; readonly metrics: Registry }): PhoneEngine {
  const registrar = openRegistrar({ ...parts, source: registers });
  const phones = openPhones({ ...parts, registrar });
  addPhoneMetrics(metrics, phones, registrar);
  return phones;
}

/** What /metrics shows of telephones. */
function addPhoneMetrics(registry: Registry, phones: PhoneEngine, registrar: Registrar): void {
  const registers = [registry];
  new Gauge({
    name: "carillon_agent_phones",
    help: "Agents' telephones that are on the line, and those that are to be kept there and are not.",
    labelNames: ["state"],
    registers,
    collect() {
      const { up, down } = phones.counts;
      this.set({ state: "up" }, up);
      this.set({ state: "down" }, down);
    },
  });
  new Counter({
    name: "carillon_registers_total",
    help: "REGISTERs of agents' devices, by what came of them.",
    labelNames: ["end"],
    registers,
    collect() {
      this.reset();
      for (const [end, count] of registrar.ended) this.inc({ end }, count);
    },
  });
}
