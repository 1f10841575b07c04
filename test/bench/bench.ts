import type { Gate } from "./gates.ts";

/** A benchmark: prints its progress and table, and returns what it claims. */
export type Bench = (say: (text: string) => void) => Promise<readonly Gate[]>;
