import type { Strategy } from "./strategy.ts";

/** A published version with its document. */
export interface StrategyVersion {
  readonly id: string;
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** As its author wrote it, YAML or JSON. */
  readonly source: string;
  readonly strategy: Strategy;
  /** Epoch ms. */
  readonly publishedAt: number;
  readonly publishedBy: string;
}

/** A stretch of rows: at most `limit`, from behind that id. */
export interface StrategyStretch {
  readonly limit: number;
  readonly afterId?: string;
}

/** Where strategies that run are found. */
export interface StrategySource {
  /** A published version; undefined when there is none. Read once and kept: a version never changes. */
  version(id: string): Promise<StrategyVersion | undefined>;
}

/** Where strategies are kept. */
export interface StrategyStore extends StrategySource {
  /**
   * The next version of the name in the document, current from then on; or, when its text is that of the current one, that one, and not fresh.
   * Faults: `strategy-invalid`.
   */
  publish(source: string, by: string): Promise<{ readonly version: StrategyVersion; readonly fresh: boolean }>;
  /** The version of that number, or the current one. */
  find(name: string, version?: number): Promise<StrategyVersion | undefined>;
  /** The current version of each strategy, in ascending order of their ids (of versions). */
  all(stretch: StrategyStretch): Promise<readonly StrategyVersion[]>;
  /** Newest first. */
  versions(name: string, stretch: StrategyStretch): Promise<readonly StrategyVersion[]>;
}
