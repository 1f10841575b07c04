import type { ScriptVersion } from "./script-ports.ts";
import type { Checked, CheckWork, Loaded, LoadWork, Outline, TextWork, Tried, TryWork } from "./script-work.ts";

/**
 * Heavy work on scripts that may be anybody's, done where calls do not wait for it. Each rejects with a Fault `script-too-heavy` when
 * the work takes too long or too much memory, `overloaded` (retryable) when too much of it is waiting, `script-reader` (retryable) when
 * it was lost.
 */
export interface ScriptReader {
  /** What a script is by itself. */
  outline(work: TextWork): Promise<Outline>;
  /** A script put together with those it goes to. */
  load(work: LoadWork): Promise<Loaded>;
  /** What lint finds in it, for every list, and whether it can be put together with the scripts it goes to. */
  check(work: CheckWork): Promise<Checked>;
  /** Runs its tests. */
  test(work: TryWork): Promise<Tried>;
  /** What changed, as diffVersions. */
  compare(work: { readonly from: ScriptVersion; readonly to: ScriptVersion }): Promise<string>;
}
