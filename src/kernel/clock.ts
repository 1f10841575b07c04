/** A timer that was set and can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The port to time. Domain functions take `now` as an argument; engines are given a Clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fire` once, `delayMs` milliseconds from now. */
  after(delayMs: number, fire: () => void): Timer;
}

/** Resolves `delayMs` from now, on the given clock. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
