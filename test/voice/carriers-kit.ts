import type { Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabCarrier, type LabCarrierOptions } from "../../src/lab/carrier/lab-carrier.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { seed } from "./calls-kit.ts";

/** Another carrier beside the far side's own, which meets everybody with one persona. */
export async function openCarrier(t: Test, everybody: string, more: Partial<LabCarrierOptions> = {}): Promise<LabCarrier> {
  const carrier = new LabCarrier({
    clock: systemClock,
    random: seededRandom(seed + 1),
    host: "127.0.0.1",
    sipPort: 0,
    pace: 0.15,
    timers: { t1Ms: 100 },
    ...more,
  });
  carrier.directory.setEverybody(everybody);
  await carrier.listen();
  t.teardown(() => carrier.close());
  return carrier;
}

/** A trunk to it, with nothing special about it. */
export function trunkTo(name: string, { sipPort }: { readonly sipPort: number }, over: Partial<Trunk> = {}): Trunk {
  return {
    name,
    host: "127.0.0.1",
    port: sipPort,
    transport: "udp",
    maxCps: 1000,
    maxChannels: 1000,
    callerIdPrefixes: [],
    destinationPrefixes: [],
    numberFormat: "e164",
    ...over,
  };
}
