import type { Gate } from "./gates.ts";

/** A benchmark: prints its progress and table, and returns what it claims. @param args what follows its name on the command line */
export type Bench = (say: (text: string) => void, args?: readonly string[]) => Promise<readonly Gate[]>;
