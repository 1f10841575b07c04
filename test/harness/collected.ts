import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "./far-side.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Resolves when nobody holds it any more. Rejects when somebody still does after a while. */
export async function collected(held: WeakRef<object>, what: string): Promise<void> {
  // A reference that was looked at keeps what it points to until the end of the turn: it is let go, and looked at, in turns of their own.
  await until(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    await new Promise((resolve) => setImmediate(resolve));
    return held.deref() === undefined;
  }, `${what} to be let go`);
}
