/** Who did something to a script, and why. */
export interface Signature {
  /** `key NAME` for a key of the API, `user NAME` for somebody at the command line. */
  readonly by: string;
  readonly note?: string;
}

/** A published script: immutable. `source` is the YAML text it was published from. */
export interface ScriptVersion {
  readonly id: string;
  readonly name: string;
  /** Counts from 1 for each name, without gaps. */
  readonly version: number;
  readonly source: string;
  /** Epoch ms. */
  readonly publishedAt: number;
  readonly publishedBy: string;
  /** The versions of other scripts that it goes to, by the name of the script: those that were current when it was published. */
  readonly uses: Readonly<Record<string, PinnedVersion>>;
}

export interface PinnedVersion {
  readonly id: string;
  readonly version: number;
}

/** Says which version of a name is current from then on. Append-only; the last one holds. */
export interface Release {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly versionId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly note: string | undefined;
}

/** What came of publishing. */
export interface Published extends ScriptVersion {
  /** False when the same text, going to the same versions of others, had been published before: it keeps its number. */
  readonly fresh: boolean;
  /** False when that version was current already: nothing was written. */
  readonly released: boolean;
}

/** A script that has been published, as a list shows it. */
export interface ScriptEntry {
  readonly id: string;
  readonly name: string;
  /** How many versions there are, which is the number of the newest. */
  readonly versions: number;
  readonly current: Release;
  /** Campaigns that run and follow it. */
  readonly running: number;
}

/** A campaign that has not ended and uses a script. */
export interface ScriptUser {
  readonly campaign: string;
  /** Whether it places calls now. */
  readonly running: boolean;
  /** Whether its calls are placed for agents. */
  readonly forAgents: boolean;
  /** The version it stays on, if it does; otherwise it follows the releases. */
  readonly pinned: number | undefined;
  readonly list: string;
  /** Columns of its list; undefined when they are not known. */
  readonly columns: readonly string[] | undefined;
}

/** A version that calls may still run. */
export interface ScriptInUse {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** Whether new calls of its followers run it. If not, a campaign stays on it, or a script in use goes to it. */
  readonly current: boolean;
  /** Campaigns that have not ended and run it. */
  readonly campaigns: readonly string[];
}

/** A stretch of rows, at most `limit` (1..1000), behind the row `afterId`. */
export interface Stretch {
  readonly limit: number;
  readonly afterId?: string;
}

export interface ScriptStore {
  /**
   * Publishes the source as the next version of the name and makes it current, in one transaction. The same source that goes to
   * the same versions of others keeps the version it has; it is made current if it is not.
   */
  publish(name: string, source: string, signature: Signature, uses?: ScriptVersion["uses"]): Promise<Published>;
  /**
   * Makes a published version current again.
   * Faults: `script-unknown` when there is no such name or version, `script-current` when it is current already.
   */
  release(name: string, version: number, signature: Signature): Promise<Release>;
  find(id: string): Promise<ScriptVersion | undefined>;
  version(name: string, version: number): Promise<ScriptVersion | undefined>;
  /** The version that new calls of its followers run. */
  current(name: string): Promise<ScriptVersion | undefined>;
  entry(name: string): Promise<ScriptEntry | undefined>;
  /** In the order in which they were first published. */
  entries(stretch: Stretch): Promise<readonly ScriptEntry[]>;
  /** Newest first; `afterId` is a version's. */
  versions(name: string, stretch: Stretch): Promise<readonly ScriptVersion[]>;
  /** Newest first; `afterId` is a release's. */
  releases(name: string, stretch: Stretch): Promise<readonly Release[]>;
  users(name: string): Promise<readonly ScriptUser[]>;
  /** Of every script, by name and version: the version that is current, those that campaigns stay on, and those that these go to. */
  inUse(): Promise<readonly ScriptInUse[]>;
}
