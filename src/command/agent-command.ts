import type { Message } from "./agent-line.ts";

/** What a line means: a request to the server, a word to the person, or the end. */
export type Meaning =
  | { readonly ask: string; readonly body: Message }
  | { readonly say: string }
  | { readonly leave: true }
  | { readonly nothing: true };

/** What the person has in hand. */
export interface InHand {
  /** The callback that was taken last. */
  readonly callbackId?: string;
  /** The call that they have, or had last. */
  readonly attemptId?: string;
  /** Epoch ms. */
  readonly now: number;
}

/** A line of an agent, by its first word; one that it reads as undefined was used otherwise than its usage says. */
export interface Command {
  readonly usage: string;
  readonly about: string;
  readonly read: (words: readonly string[], hand: InHand) => Meaning | undefined;
}

/** A message to the server. */
export const request = (ask: string, body: Message = {}): Meaning => ({ ask, body });
