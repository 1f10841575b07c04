import { Readable } from "node:stream";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";

/** A file of which nothing comes holds up whoever waits for the end of its import. Who sends a list over a bad line still sends something within that time. */
const quietMs = 60_000;
/** And that much, or the rest: a byte now and then is nobody's file. */
const leastBytes = 1024;

/**
 * A file that is sent in or fetched, for as long as it moves. Only the time counts for which somebody waits for more of it.
 * Ends with the Fault `import-broken-off` (retryable) when less than 1 kB has come for a minute.
 */
export function whileItMoves(file: AsyncIterable<Uint8Array>, clock: Clock): Readable {
  return Readable.from(moving(file, clock), { objectMode: true, highWaterMark: 1 });
}

async function* moving(file: AsyncIterable<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  const pieces = file[Symbol.asyncIterator]();
  let ended = false;
  let [bytes, leftMs] = [0, quietMs];
  try {
    for (;;) {
      const askedAt = clock.now();
      const next = await within(pieces.next(), leftMs, clock);
      if (next === "quiet") throw new Fault("import-broken-off", brokenOff, { retryable: true });
      if (next.done) {
        ended = true;
        return;
      }
      bytes += next.value.length;
      leftMs -= clock.now() - askedAt;
      if (bytes >= leastBytes) [bytes, leftMs] = [0, quietMs];
      yield next.value;
    }
  } finally {
    // What is never read is not waited for.
    if (!ended) pieces.return?.().catch(() => undefined);
  }
}

const brokenOff = `The file stopped coming: less than ${leastBytes} bytes of it in ${quietMs / 1000} s, before its end. Nothing was imported; send it again.`;

/** What comes of it, or `quiet` when nothing does in time. */
async function within<T>(coming: Promise<T>, ms: number, clock: Clock): Promise<T | "quiet"> {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  const timer = clock.after(Math.max(0, ms), () => resolve("quiet"));
  try {
    return await Promise.race([coming, promise]);
  } finally {
    timer.cancel();
    coming.catch(() => undefined);
  }
}
