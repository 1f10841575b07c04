import type { LookupQuestion } from "../contact/lookup/lookup.ts";
import type { LookupOptions } from "../contact/lookup/options.ts";
import type { LookupEnd, LookupRunStore, LookupStore } from "../contact/lookup/ports.ts";

/** Servers that are asked about numbers and people. */
export interface LookupParts {
  /** Of this server's configuration. */
  readonly options: readonly LookupOptions[];
  readonly store: Pick<LookupStore, "counts" | "find" | "ready">;
  readonly runs: Pick<LookupRunStore, "begin" | "runs" | "find" | "cancel">;
  /** Asks once, and keeps nothing. */
  ask(name: string, question: LookupQuestion): Promise<{ readonly tookMs: number; readonly end: LookupEnd }>;
}
