import type { Clock, Timer } from "./clock.ts";

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

/**
 * The same for work that may fail and is tried again at its next turn all the same.
 * @param onTrouble told of the first failure in a row, so that an outage is said once
 */
export function againDespite(clock: Clock, pauseMs: number, work: () => Promise<void>, onTrouble: (error: unknown) => void): () => Promise<void> {
  let troubled = false;
  return again(clock, pauseMs, async () => {
    try {
      await work();
      troubled = false;
    } catch (error) {
      if (!troubled) onTrouble(error);
      troubled = true;
    }
    return true;
  });
}
