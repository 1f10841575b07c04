/*
 * The ladder of an attempt: the SIP messages of its legs and what its media did, in order, as a person looks at them who wants to know why a call failed.
 * It holds addresses in full, for those who may read attempts; credentials never get into it.
 */

/** One SIP message, as far as it is kept. A request has a method and a URI, a response a status and a phrase. */
export interface SipNote {
  /** By us; else it came from the far side. */
  readonly sent: boolean;
  readonly method?: string;
  readonly uri?: string;
  readonly status?: number;
  readonly phrase?: string;
  /** `1 INVITE`. */
  readonly cseq?: string;
  /** Nothing of the kind was on the wire: the signalling server made it up (a time-out, nobody there). */
  readonly madeUp?: true;
  /** Where it came from: `203.0.113.5:5060/udp`. */
  readonly from?: string;
  /** Headers that tell something; see `keptHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Its session description in a line; see `describeSdp`. */
  readonly sdp?: string;
}

/** What the media of a leg did. */
export interface MediaNote {
  readonly event:
    | "endpoint"
    | "answered"
    | "prompt"
    | "keys"
    | "recording"
    | "transfer"
    | "transfer-ended"
    | "queue"
    | "queue-ended"
    | "hang-up"
    | "verdict"
    | "bridge"
    | "unbridge"
    | "taken-over";
  /** For people; no keys that are somebody's secret. */
  readonly text?: string;
}

/** @property ms after the first INVITE; what comes before it is below 0. @property leg from 1 on, in the order in which they were begun */
export type Rung = { readonly ms: number; readonly leg: number } & ({ readonly sip: SipNote } | { readonly media: MediaNote });

/** One INVITE and what belongs to it. */
export interface LadderLeg {
  readonly leg: number;
  /** `trunk carrier-a`, `transfer over carrier-a`. */
  readonly name: string;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
}

export interface Ladder {
  /** When the first INVITE left (epoch ms). */
  readonly startedAt: number;
  readonly legs: readonly LadderLeg[];
  readonly rungs: readonly Rung[];
  /** How many are not here, because there were too many. */
  readonly leftOut: number;
}

/** Headers with which a far side says why (RFC 3326, RFC 3261 §20.43, §20.33), and what it is (§20.35, §20.41). */
export const keptHeaders = ["Reason", "Warning", "Retry-After", "Server", "User-Agent"] as const;

const longestText = 200;

/** One line, cut: what a far side writes may be of any length and hold anything. */
export function ladderText(text: string): string {
  return text.slice(0, longestText).replace(/\p{Cc}+/gu, " ");
}

/** A session description in a line (RFC 8866 §5): `audio 203.0.113.5:4000 PCMU,PCMA,telephone-event sendrecv`. Undefined when there is none. */
export function describeSdp(body: string | undefined): string | undefined {
  if (!body) return undefined;
  const media = /^m=(\S+) (\d+) \S+ ([\d ]+)/m.exec(body.slice(0, 4000));
  if (!media) return "no media line";
  const [, kind, port, formats = ""] = media;
  const names = formats
    .trim()
    .split(/ +/)
    .slice(0, 12)
    .map((format) => new RegExp(`^a=rtpmap:${format} ([^/\\s]{1,30})`, "m").exec(body)?.[1] ?? staticFormats[format] ?? format);
  const host = /^c=IN IP[46] (\S+)/m.exec(body)?.[1] ?? "?";
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(body)?.[1] ?? "sendrecv";
  return ladderText(`${kind} ${host}:${port} ${names.join(",")} ${direction}`);
}

/** Payload types that need no rtpmap (RFC 3551 §6). */
const staticFormats: Readonly<Record<string, string>> = { "0": "PCMU", "3": "GSM", "8": "PCMA", "9": "G722", "18": "G729" };
