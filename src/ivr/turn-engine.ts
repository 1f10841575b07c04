import { Fault } from "../kernel/fault.ts";

interface Line {
  last: Promise<unknown>;
  waiting: number;
}

/** Checks and tests that wait, at most. Each takes up to some seconds, and whoever asks does not wait for minutes. */
const mostWaiting = 16;

const lines = new WeakMap<object, Line>();

/**
 * Does heavy work on scripts one after the other: each takes a hundred megabytes at worst, and together they must not fill the memory.
 * @param owner whose line it is; one object for a process
 * @throws Fault `overloaded` (retryable) when too many are waiting
 */
export function inTurn<T>(owner: object, work: () => Promise<T>): Promise<T> {
  const line = lines.get(owner) ?? { last: Promise.resolve(), waiting: 0 };
  lines.set(owner, line);
  if (line.waiting >= mostWaiting) {
    const fault = new Fault("overloaded", "Other scripts are being checked; try again in a few seconds.", { retryable: true });
    return Promise.reject(fault);
  }
  line.waiting += 1;
  const done = line.last.then(work).finally(() => {
    line.waiting -= 1;
  });
  line.last = done.catch(() => undefined);
  return done;
}

/** Goes on with work that stops now and then, and lets others have their turn each time. */
export async function finish<T>(work: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
