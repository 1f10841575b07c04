/*
 * What the room of messages by SMS wants of whoever speaks SMPP (3.4; GSMA's SMPP profile). Implemented by adapter/smpp, and driven against the lab's SMSC.
 */

/** Who a message shows itself to be from. TON and NPI: SMPP 3.4 §5.2.5, §5.2.6. */
export interface Sender {
  readonly address: string;
  readonly ton: number;
  readonly npi: number;
}

/** How the parts of a long message are told to belong together. */
export const concatenations = ["udh-8", "udh-16", "sar", "payload"] as const;
export type Concatenation = (typeof concatenations)[number];

/** One PDU's worth of a message. */
export interface Part {
  /** GSM 03.38 septets as octets (one each, unpacked), UCS-2 big-endian, or Latin-1; without the user data header. */
  readonly text: Uint8Array;
  /** SMPP 3.4 §5.2.19. */
  readonly dataCoding: number;
  /** The user data header (3GPP TS 23.040 §9.2.3.24), with its length octet. It sets the UDHI bit of esm_class. */
  readonly udh?: Uint8Array;
  /** In place of a header: sar_msg_ref_num, sar_total_segments, sar_segment_seqnum. */
  readonly sar?: { readonly reference: number; readonly total: number; readonly number: number };
  /** Goes into message_payload rather than short_message. */
  readonly payload?: boolean;
}

export interface Submission {
  readonly sender: Sender;
  /** E.164 with its +; on the wire without, TON international, NPI ISDN. */
  readonly to: string;
  readonly parts: readonly Part[];
  /** user_message_reference, 1 to 65535, the same in every part. */
  readonly reference: number;
  readonly validityS?: number;
  /** Epoch ms; scheduled at the SMSC. Left out: at once. */
  readonly scheduleAt?: number;
}

/** What became of the parts of one submission, in their order. */
export type PartEnd =
  | { readonly end: "accepted"; readonly remoteId: string }
  /** `status` is the SMPP command_status. `again`: this bind is throttled or full; nothing of it was taken, and it may be tried again. */
  | { readonly end: "refused"; readonly status: number; readonly again: boolean }
  /** It may have been taken: the response never came. */
  | { readonly end: "unknown"; readonly why: string }
  /** It never left: no session, or a part before it failed. */
  | { readonly end: "unsent" };

/** The words of message_state (SMPP 3.4 §5.2.28) and of the text receipt (Appendix B). */
export const messageStates = [
  "scheduled",
  "enroute",
  "delivered",
  "expired",
  "deleted",
  "undeliverable",
  "accepted",
  "unknown",
  "rejected",
  "skipped",
] as const;
export type MessageState = (typeof messageStates)[number];

/** A report of delivery as it came in. */
export interface Receipt {
  readonly bind: string;
  /** receipted_message_id, or `id:` of the text, as written. */
  readonly remoteId?: string;
  /** user_message_reference, when it is given back. */
  readonly reference?: number;
  readonly state: MessageState;
  /** The network's error code as it stands (`err:` or network_error_code). */
  readonly error?: string;
  /** Whom the message had been sent to, and from which of our senders: source and destination of the deliver_sm. */
  readonly to: string;
  readonly from: string;
  /** When it came in, and the done date it states. Epoch ms. */
  readonly at: number;
  readonly doneAt?: number;
}

/** One deliver_sm (or data_sm) from a person, a part of a long one or a whole, as it stood in the PDU: incoming.ts of this room reads it. */
export interface Incoming {
  readonly bind: string;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  /** short_message or message_payload, without the user data header. */
  readonly text: Uint8Array;
  readonly dataCoding: number;
  /** The user data header with its length octet, when the UDHI bit of esm_class is set. */
  readonly udh?: Uint8Array;
  readonly sar?: { readonly reference: number; readonly total: number; readonly number: number };
  /** For the reader: esm_class, service_type and the TLVs that came. */
  readonly details: Readonly<Record<string, string | number>>;
}

export interface BindState {
  readonly name: string;
  /** `up` when a session can submit. */
  readonly up: boolean;
  /** Submits that may leave at once: free places in the windows, as far as the bind's rate and back-off allow. */
  readonly room: number;
  readonly note?: string;
}

export interface BindsEvents {
  /** Answered to the SMSC when it resolves: what is not stored is told to be tried again (ESME_RX_T_APPN). */
  readonly onReceipt: (receipt: Receipt) => Promise<void>;
  readonly onIncoming: (incoming: Incoming) => Promise<void>;
  /** The SMSC has been told that this has arrived, over a connection that was there: it will not bring it again. */
  readonly onConfirmed?: (incoming: Incoming) => void;
  /** A bind came up, went down, or has room again. */
  readonly onChange: (bind: string) => void;
}

/** The rates of binds and senders over all nodes: moments one after the other, by one clock. */
export interface Pace {
  /**
   * Takes the next `count` moments of what has this name.
   * @param notBeforeMs from now
   * @returns in how many ms the first is, and how far they are apart
   */
  starts(name: string, perSecond: number, count: number, notBeforeMs: number): Promise<{ readonly firstInMs: number; readonly stepMs: number }>;
}

export interface Binds {
  readonly all: readonly BindState[];
  /**
   * Parts that may leave at once over a bind from one sender (its address): 0 while the bind is down or backs off, while its windows are full and while
   * its rate or the sender's says wait. Asking makes the moments of the rates be taken; `onChange` tells when there are some. Ask before anything is reserved.
   */
  roomFor(bind: string, from: string): number;
  /** Settles when each part has its end; never rejects. Parts leave in their order, on one session. */
  submit(bind: string, submission: Submission): Promise<readonly PartEnd[]>;
  /** No new submits; those under way get their time, then unbind. */
  close(): Promise<void>;
}
