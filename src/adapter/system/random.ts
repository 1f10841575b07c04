import { randomBytes } from "node:crypto";
import type { Random } from "../../kernel/random.ts";

/** Unpredictable numbers from the operating system, 32 bits each. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32BE(0) / 4294967296,
};
