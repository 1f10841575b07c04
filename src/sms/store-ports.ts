import type { MessageState } from "./ports.ts";
import type { ReadReceipt } from "./receipt.ts";

/** A report that fitted no message when it came. */
export interface KeptReceipt {
  readonly id: string;
  readonly bind: string;
  readonly remoteId?: string;
  readonly reference?: number;
  readonly state: MessageState;
  readonly error?: string;
  readonly to: string;
  readonly from: string;
  readonly at: number;
  readonly doneAt?: number;
}

/** Reports of delivery, and the messages they belong to. */
export interface ReceiptStore {
  /**
   * Moves the message on that it belongs to; keeps it when there is none yet. Committed when it resolves; those said within a few milliseconds share a statement. A
   * result that stands is never changed.
   * @returns whether it fitted a message
   */
  receive(read: ReadReceipt): Promise<boolean>;
  /** Those kept since a time (epoch ms) that fit nothing yet, the newest first. */
  kept(since: number, limit: number): Promise<readonly KeptReceipt[]>;
  /** Tries again what is kept. @param ids of the kept ones, in the order of `reads` */
  retry(reads: readonly ReadReceipt[], ids: readonly string[]): Promise<void>;
  /** Gives it to the one message to that number over that bind whose answer never came, when there is exactly one. @returns whether there was */
  assignByNumber(read: ReadReceipt, id: string): Promise<boolean>;
  /** Lets go of references of messages whose report is not to be expected any more. */
  forgetReferences(): Promise<void>;
}
