/** People who answered, and those of them whom nobody spoke to; not whole where a node has only a part of what may yet be lost. Who answered without being known for a person counts only when abandoned: nothing else may pad the answers. */
export interface Share {
  readonly answers: number;
  readonly abandoned: number;
}

/** The abandonment of a campaign over its two windows. */
export interface AbandonLedger {
  readonly day: Share;
  readonly month: Share;
}

interface Bucket {
  readonly fromMs: number;
  answers: number;
  abandoned: number;
}

/** A rolling window in buckets, oldest first. What is in the oldest bucket counts until all of it is out of the window. */
export interface Rolling {
  readonly windowMs: number;
  readonly bucketMs: number;
  readonly buckets: Bucket[];
}

const hourMs = 3_600_000;

/** Twenty-four hours in steps of five minutes, and thirty days in steps of an hour. */
export function newRolling(over: "day" | "month"): Rolling {
  return over === "day" ? { windowMs: 24 * hourMs, bucketMs: hourMs / 12, buckets: [] } : { windowMs: 720 * hourMs, bucketMs: hourMs, buckets: [] };
}

export function countOutcome(rolling: Rolling, atMs: number, abandoned: boolean): void {
  const fromMs = Math.floor(atMs / rolling.bucketMs) * rolling.bucketMs;
  let last = rolling.buckets.at(-1);
  if (last?.fromMs !== fromMs) {
    last = { fromMs, answers: 0, abandoned: 0 };
    rolling.buckets.push(last);
  }
  last.answers += 1;
  if (abandoned) last.abandoned += 1;
}

/** The share at that moment. What is older than the window is forgotten. */
export function shareOf({ windowMs, bucketMs, buckets }: Rolling, atMs: number): Share {
  while (buckets[0] && buckets[0].fromMs + bucketMs <= atMs - windowMs) buckets.shift();
  let answers = 0;
  let abandoned = 0;
  for (const bucket of buckets) {
    answers += bucket.answers;
    abandoned += bucket.abandoned;
  }
  return { answers, abandoned };
}
