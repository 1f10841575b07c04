import type { Stores } from "../adapter/postgres/stores.ts";
import type { ComponentState } from "../api/ports.ts";
import type { Trunks } from "../voice/trunk-engine.ts";
import { mediaStates, signallingStates, type Telephony } from "./telephony.ts";

export const noTrunk = "there is no trunk: put one under trunks: in the configuration, or add one with carillon trunk add";

/** The parts that a server depends on, as they are now. */
export async function componentsOf(stores: Stores, { signalling, media }: Telephony, trunks: Trunks): Promise<readonly ComponentState[]> {
  return [
    { name: "database", ...(await stores.check()) },
    ...signallingStates(signalling),
    ...mediaStates(media),
    ...(trunks.all.length === 0 && media.servers.length > 0 ? [{ name: "trunk", ready: false, note: noTrunk }] : []),
    ...trunks.all.map(({ trunk, up, note }) => ({ name: `trunk:${trunk.name}`, ready: up, ...(note !== undefined && { note }) })),
  ];
}
