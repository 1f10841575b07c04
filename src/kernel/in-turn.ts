/** Does `work` one after the other, whoever asks for it: what was read later is not overwritten by what was read before. A failure is told to who asked, and hinders nobody. */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
