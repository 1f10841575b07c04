import type { Clock, Timer } from "../kernel/clock.ts";

/**
 * Does something again and again, `pauseMs` after it was done, until `work` says false or it is ended.
 * @param work must not reject
 * @returns the function that ends it; resolves when nothing of it is under way any more
 */
export function again(clock: Clock, pauseMs: number, work: () => Promise<boolean>): () => Promise<void> {
  let ended = false;
  let timer: Timer | undefined;
  let working: Promise<void> = Promise.resolve();
  const turn = async () => {
    const goOn = await work();
    if (goOn && !ended) later();
  };
  const later = () => {
    timer = clock.after(pauseMs, () => {
      working = turn();
    });
  };
  later();
  return async () => {
    ended = true;
    timer?.cancel();
    await working;
  };
}
