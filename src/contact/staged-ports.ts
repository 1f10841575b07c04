import type { ImportReport } from "./import-engine.ts";
import type { Mapping } from "./mapping.ts";
import type { ExistingMode, Rejection } from "./ports.ts";

export const importStates = ["arriving", "checked", "committing", "committed", "dropped", "failed"] as const;
export type ImportState = (typeof importStates)[number];

/** What is to become of a file. */
export interface ImportWishes {
  readonly append: boolean;
  readonly existing?: ExistingMode;
  readonly enter?: boolean;
  /** Look-ups; those of the mapping besides. */
  readonly lookups?: readonly string[];
  /** As it was when the file came in. */
  readonly mapping?: Mapping;
}

/** What a file would do to its list, or has done. */
export interface StagedReport extends Omit<ImportReport, "listId"> {
  readonly listId?: string;
  /** The first of them. */
  readonly rejections: readonly Omit<Rejection, "raw">[];
}

/** A file that was sent in and looked at. */
export interface StagedImport {
  readonly id: string;
  readonly listName: string;
  readonly wishes: ImportWishes;
  readonly state: ImportState;
  readonly report: StagedReport | undefined;
  readonly fault: string | undefined;
  readonly bytes: number;
  readonly createdBy: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly endedAt: number | undefined;
}

export interface NewImport {
  readonly listName: string;
  readonly wishes: ImportWishes;
  readonly createdBy: string;
}

/** Files on their way in, kept where every node finds them. */
export interface StagedImportStore {
  /** @returns its id; the state is `arriving` */
  begin(wanted: NewImport): Promise<string>;
  /** Keeps the file, at most a piece of it in memory. Fault `import-broken-off` when it does not come to its end. @returns its length in bytes */
  fill(id: string, file: AsyncIterable<Uint8Array>): Promise<number>;
  /** The file from its beginning. */
  read(id: string): AsyncIterable<Uint8Array>;
  /** Changes the state, if it is `from`; what it ends with frees the file. @returns whether it was */
  settle(id: string, from: ImportState, to: ImportState, more?: { readonly report?: StagedReport; readonly fault?: string }): Promise<boolean>;
  /** Does the work while no other process does it, the state being `committing` from `checked` on. @returns undefined when another one does it, or it is in another state */
  alone<T>(id: string, work: () => Promise<T>): Promise<T | undefined>;
  find(id: string): Promise<StagedImport | undefined>;
  /** The newest first, at most `limit`. */
  latest(limit: number): Promise<readonly StagedImport[]>;
}

/** Mappings that have a name. */
export interface MappingStore {
  mapping(name: string): Promise<Mapping | undefined>;
  mappings(): Promise<readonly { readonly name: string; readonly mapping: Mapping }[]>;
  keep(name: string, mapping: Mapping, by: string): Promise<void>;
  /** @returns whether there was one */
  forget(name: string): Promise<boolean>;
}
