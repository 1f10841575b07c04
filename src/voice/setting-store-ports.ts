import type { TrunkRemoval } from "./trunk-store-ports.ts";

/** What campaigns may name in place of a trunk and of a caller id: a route, a pool of caller ids. */
export type SettingKind = "route" | "pool";

/** A route or a pool that was added over the API, as it is kept. */
export interface KeptSetting {
  readonly kind: SettingKind;
  /** Unique among those of its kind. */
  readonly name: string;
  /** What was said of it, without its name; the rest are defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Grows with every change. */
  readonly revision: number;
}

/** The routes and pools of a database, which all of its nodes have in common. All of it rejects when the database is away. */
export interface SettingStore {
  all(): Promise<readonly KeptSetting[]>;
  /** @returns false when there is one of that name: nothing has changed then */
  add(setting: Omit<KeptSetting, "revision">): Promise<boolean>;
  /** @returns false when it is not at that revision any more: nothing has changed then */
  change(setting: KeptSetting): Promise<boolean>;
  /** @param force also while campaigns use it */
  remove(kind: SettingKind, name: string, force: boolean): Promise<TrunkRemoval>;
}
