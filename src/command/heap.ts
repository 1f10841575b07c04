import { setFlagsFromString } from "node:v8";

/**
 * Rows live for a moment only. Left to itself the room for what is young grows with every scavenge that finds a lot of rows alive, to 48 MB, and what is old along with it
 * (Node 24; `--max-semi-space-size` is heeded at the start of a process only).
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
