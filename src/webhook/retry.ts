const firstMs = 5_000;
const growth = 4;
const longestMs = 6 * 3_600_000;
/** So much of a pause is chance, so that what failed together does not come back together. */
const spread = 0.2;

/**
 * How long to wait after so many tries: 5 s, 20 s, 80 s, 5 min, … and 6 h in the end, by up to a fifth more or less.
 * @param tries from 1
 * @param chance 0..1
 * @param askedMs what the receiver asked for (Retry-After), heeded up to 6 h
 */
export function pauseAfter(tries: number, chance: number, askedMs = 0): number {
  const pauseMs = Math.min(longestMs, firstMs * growth ** Math.min(tries - 1, 20)) * (1 - spread + 2 * spread * chance);
  return Math.round(Math.max(pauseMs, Math.min(askedMs, longestMs)));
}

/** Whether an answer says that the message was taken. */
export function isTaken(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** Whether an answer says that nothing is wanted there any more (Standard Webhooks 1.0.0, "delivery": 410 Gone). */
export function isGone(status: number | undefined): boolean {
  return status === 410;
}
