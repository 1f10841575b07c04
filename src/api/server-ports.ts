import type { FleetServer } from "../voice/fleet.ts";

/** The servers that carry the calls, over all nodes. */
export interface ServerControl {
  servers(): Promise<readonly FleetServer[]>;
  /**
   * Takes a server out of service for new calls, or back into it; every node follows within two seconds.
   * @param name with its kind or, where only one is called so, without
   * @throws Fault `server-unknown`
   */
  drain(name: string, draining: boolean): Promise<FleetServer>;
}
