/** A trunk that was added over the API, as it is kept. */
export interface KeptTrunk {
  readonly name: string;
  /** What was said of it, without name and password; the rest are defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Its password, as text that only who has the key can read. */
  readonly sealedPassword: string | undefined;
  /** Grows with every change. */
  readonly revision: number;
}

/** What became of an order to remove a trunk, a route or a pool. Not removed, and no campaigns: it was not there. */
export interface TrunkRemoval {
  readonly removed: boolean;
  /** Campaigns that are not over and use it, at most twenty of them. */
  readonly campaigns: readonly string[];
  /** Agents whose telephones are called over it, at most twenty of them. */
  readonly phones: readonly string[];
}

/** The trunks of a database, which all of its nodes have in common. All of it rejects when the database is away. */
export interface TrunkStore {
  all(): Promise<readonly KeptTrunk[]>;
  /** @returns false when there is one of that name: nothing has changed then */
  add(trunk: Omit<KeptTrunk, "revision">): Promise<boolean>;
  /** @returns false when it is not at that revision any more: nothing has changed then */
  change(trunk: KeptTrunk): Promise<boolean>;
  /** @param force also while campaigns and telephones use it. */
  remove(name: string, force: boolean): Promise<TrunkRemoval>;
}
