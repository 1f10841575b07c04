import type { AttemptState } from "../attempt/attempt.ts";
import type { MessageChannel } from "../attempt/message-ports.ts";
import type { LastRefused } from "../attempt/refusal-run.ts";
import type { Result } from "../attempt/result.ts";
import type { IncomingState, KeptReceipt } from "./store-ports.ts";

/** A message that was sent, or was about to be. Its id is that of its attempt. */
export interface SentMessage {
  readonly id: string;
  readonly channel: MessageChannel;
  readonly at: number;
  /** The bind or mail pool. */
  readonly via: string;
  readonly from: string;
  readonly to: string;
  /** Of an e-mail the subject. */
  readonly text: string;
  readonly parts?: number;
  readonly state: AttemptState;
  readonly result?: Result;
  readonly reason?: string;
  readonly campaignId?: string;
  readonly contactId?: string;
  /** The parts that were taken, with what was reported of each. */
  readonly reports: readonly {
    readonly part: number;
    readonly remoteId: string;
    readonly state?: string;
    readonly error?: string;
    readonly at?: number;
  }[];
}

/** A message that came in by SMS. */
export interface ReceivedMessage {
  readonly id: string;
  readonly at: number;
  readonly via: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly complete: boolean;
  readonly state: IncomingState;
  readonly keyword?: string;
  readonly campaignId?: string;
  readonly contactId?: string;
  /** The message of ours it came after, and the one that answers it. */
  readonly afterMessageId?: string;
  readonly answerMessageId?: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** At most `limit`, from behind that id. */
export interface MessagePage {
  readonly limit: number;
  readonly afterId?: string;
}

export interface MessageFilter {
  readonly campaignId?: string;
  readonly contactId?: string;
}

/** What was sent, what came in, and reports that fit nothing, each in the order of their ids. */
export interface MessageReader {
  sent(filter: MessageFilter, page: MessagePage): Promise<readonly SentMessage[]>;
  one(id: string): Promise<SentMessage | undefined>;
  received(filter: MessageFilter, page: MessagePage): Promise<readonly ReceivedMessage[]>;
  unmatched(page: MessagePage): Promise<readonly KeptReceipt[]>;
  /** The last messages of a campaign where the next server took none of them; undefined where it took some, or refused none. */
  lastRefused(campaignId: string): Promise<LastRefused | undefined>;
}
