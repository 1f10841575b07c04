/** Whether the configuration has it, or it was added over the API. */
export type Origin = "file" | "api";

/** A route as it stands on this node. */
export interface RouteView {
  readonly name: string;
  readonly origin: Origin;
  readonly maxTries: number;
  readonly trunks: readonly {
    readonly name: string;
    readonly priority: number;
    readonly weight: number;
    /** Whether calls may be placed on it. */
    readonly up: boolean;
    /** Why not, for people. */
    readonly note: string | undefined;
  }[];
}

/** A pool of caller ids as it stands on this node. */
export interface PoolView {
  readonly name: string;
  readonly origin: Origin;
  readonly numbers: readonly {
    /** E.164. */
    readonly number: string;
    readonly localTo: readonly string[];
    /** Not shown for a time, after a run of 608. */
    readonly resting: boolean;
  }[];
  readonly dailyCap: number | undefined;
  readonly quarantineAfter: number;
  readonly quarantineHours: number;
}

/** Routes, or pools, for people who look after them. */
export interface SettingControl<View> {
  all(): readonly View[];
  /** As all nodes have it by now. Rejects with Fault `route-missing`, `pool-unknown` */
  find(name: string): Promise<View>;
  /** @param settings as the configuration would have them. Rejects with Fault `route-invalid`, `route-exists`, `route-in-file`, or the same of a pool */
  add(settings: unknown): Promise<View>;
  /** @param patch a JSON Merge Patch (RFC 7396). Rejects as `add` and `find` do, and with Fault `route-changed`, `pool-changed` */
  change(name: string, patch: unknown): Promise<View>;
  /** @param force also while campaigns use it. Rejects as `find` does, and with Fault `route-in-file`, `route-in-use`, or the same of a pool */
  remove(name: string, force: boolean): Promise<void>;
}
