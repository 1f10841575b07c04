import type { Test } from "tap";

export interface SideBySide {
  test(name: string, part: (t: Test) => Promise<void>): void;
  /** Resolves when all of them are over. */
  all(): Promise<void>;
}

/**
 * Runs parts of a test at the same time: for those that wait more than they compute, and share nothing that they change. What is to come after all of them waits
 * for `all`; tap itself does not.
 * @param jobs so many at once
 */
export function sideBySide(t: Test, jobs: number): SideBySide {
  const parts: Promise<unknown>[] = [];
  return {
    test: (name, part) => {
      // Not before there is a part: with more than one at once, tap runs every test in the same one side by side.
      t.jobs = jobs;
      parts.push(t.test(name, { buffered: true }, part));
    },
    all: async () => void (await Promise.all(parts)),
  };
}
