import type { Scheduled } from "./schedule-ports.ts";

/** A start that was promised, and that nobody is at: its server died over it, or was stopped. */
export interface LeftStart {
  readonly of: Scheduled;
  /** Of the campaign. */
  readonly name: string;
  /** When something was heard of it last, epoch ms. */
  readonly seenAt: number;
}

/** Starts of campaigns over long lists, which take minutes: none of it has happened until all has. */
export interface StartStore {
  /** Whoever asked has been told that it goes on: servers take it up when the one that is at it dies. */
  promise(of: Scheduled): Promise<void>;
  /** Those that were left, each to one who asks; nobody else is told of it for a minute. What was left and not promised is forgotten. */
  takeLeft(): Promise<readonly LeftStart[]>;
  /** It is not to be taken up any more. */
  forget(of: Scheduled): Promise<void>;
  /** Those that are under way in this process end, with nothing done. What was promised is left for others. */
  breakOff(): Promise<void>;
}
