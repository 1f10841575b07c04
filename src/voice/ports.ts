import type { SipNote } from "../attempt/ladder.ts";
import type { Answer } from "../attempt/ports.ts";
import type { Broken, Caller, Collected, CollectRequest, PromptFile, RecordEnd, RecordRequest } from "../ivr/ports.ts";
import type { Verdict } from "../ivr/script.ts";
import type { Tap } from "./tap-ports.ts";

/** How a script that ran on a call ended. */
export interface ScriptEnd {
  /** How the script says it ended: paid, opted-out, no_input… */
  readonly outcome: string;
  readonly end: "completed" | "too-long" | Broken;
  /** What the person answered, by the name of the question; never secrets. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** A webhook was asked, or something was set going for the person: a second conversation would do it again. */
  readonly acted?: boolean;
}

/** A script with every prompt of one contact rendered and ready to play. */
export interface ReadyScript {
  /** Of those who may answer, those for whom it has a step to begin with. */
  readonly starts: readonly Verdict[];
  /** @param startAt who answered; a person, when left out */
  run(caller: Caller, attemptId: string, startAt?: Verdict): Promise<ScriptEnd>;
}

/** Published scripts, as the call engine needs them. */
export interface Scripts {
  /**
   * Renders what is still to be rendered for this contact. A Fault when that cannot be done.
   * @param answerers who may answer; only a person, when left out
   */
  prepare(scriptVersionId: string, fields: Readonly<Record<string, string>>, answerers?: readonly Verdict[]): Promise<ReadyScript>;
}

/** What ended an INVITE that was not answered. */
export interface Failure {
  /** SIP status code; 487 after our CANCEL, 408 or 503 also when the stack made it up. */
  readonly status: number;
  readonly phrase: string;
  /** Cause of the Reason header (RFC 3326) when its protocol is Q.850. */
  readonly q850?: number;
  /** Cause of the Reason header when its protocol is SIP. */
  readonly reasonSip?: number;
  /** Seconds: Retry-After of a 503 of the far side (RFC 3261 §20.33). */
  readonly retryAfterS?: number;
  /** The connection to the signalling server broke, or it fell silent: how the call really ended is not known. */
  readonly lost?: true;
  /** No response came over the network: the signalling server gave up waiting, or could not reach the far side. */
  readonly madeUp?: true;
  /** The far side may have answered, and may be sending: no other call may use this endpoint. */
  readonly endpointSpent?: true;
}

/** What a leg is called on the wire, known before its INVITE leaves: whoever stored it can end the leg once it is answered. */
export interface LegName {
  readonly callId: string;
  readonly fromTag: string;
  /** As in `Dialog`. */
  readonly dialogId: string;
}

export interface InviteRequest {
  /** From `nameLeg`, when it had to be known before the INVITE leaves. */
  readonly leg?: LegName;
  /** Request-URI, e.g. sip:+15550100123@carrier.example:5060;transport=udp. */
  readonly uri: string;
  readonly from: string;
  readonly sdp: string;
  /** Becomes the Expires header (RFC 3261 §13.2.1): the far side gives up by itself if we are gone. */
  readonly expiresS: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth?: { readonly username: string; readonly password: string };
  /** SIP URI of where it is sent instead of to the host in `uri`: to a telephone behind NAT, which says an address of its own network of itself. */
  readonly proxy?: string;
}

export type InviteEnd =
  | { readonly answered: true; readonly dialog: Dialog; readonly sdp: string }
  | { readonly answered: false; readonly failure: Failure };

/** One INVITE on its way. */
export interface Invitation {
  /** Resolves when the INVITE has left, with what another process needs to end it; undefined if it never left. */
  readonly sent: Promise<{ readonly transactionId: string; readonly dialogId: string; readonly callId: string } | undefined>;
  /** Resolves once, never rejects. An answer that crossed a CANCEL has been acknowledged and ended and is a failure 487. */
  readonly end: Promise<InviteEnd>;
  /** Ends the ringing; harmless when there is none. */
  cancel(): void;
}

export interface DialogEnd {
  readonly by: "us" | "them" | "lost";
  readonly q850?: number;
  /** For `lost`: the signalling server that is gone, when there are several. */
  readonly server?: string;
}

/** One established SIP dialog with a called party. */
export interface Dialog {
  /** drachtio's dialog id. */
  readonly id: string;
  readonly callId: string;
  readonly ended: Promise<DialogEnd>;
  /** Sends BYE; resolves when it is answered or has timed out. A second call does nothing. */
  end(): Promise<void>;
  /** Offers the far side other media within the call (RFC 3261 §14). @returns its answer. Rejects with a Fault `media-refused` when it does not take it */
  offer(sdp: string): Promise<string>;
  /**
   * The far side may offer other media within the call: what comes then is answered with what this gives, and refused where it rejects; all stays as it was then.
   * The one that was given last counts; before there is one the media stay where they are.
   */
  answerOffers(answer: (offer: string) => Promise<string>): void;
  /** Whether the far side still knows the call: who lost their network or their power says no goodbye. Never rejects; takes a few seconds at most. */
  isThere(): Promise<boolean>;
}

export interface InviteWatcher {
  /** A provisional response; `sdp` when it carries early media. */
  provisional(status: number, sdp: string | undefined): void;
  /** The INVITE went out again, with credentials: a CANCEL has to name this transaction now. */
  resent?(transactionId: string): void;
  /** Every message of the leg, as it passes, to its very end: also after it was answered. Must not throw. */
  message?(note: SipNote): void;
}

/** SIP, as the call engine needs it. */
export interface Signalling {
  /** Whether a call could be placed now. */
  readonly ready: boolean;
  /**
   * A name nobody can guess, for one leg.
   * @param via the signalling server it is to go over, as its endpoint has it; any, when left out
   */
  nameLeg(via?: string): LegName;
  invite(request: InviteRequest, watcher: InviteWatcher): Invitation;
  /**
   * Ends a dialog of a dead process. `gone` when the far daemon does not know it.
   * @param message told of what is sent, and of the answer. Must not throw.
   */
  endDialog(dialogId: string, message?: (note: SipNote) => void): Promise<"ended" | "gone">;
  /** Resolves when the far side ends a dialog that a dead process made, or soon after nobody wants to know any more. */
  adopt(dialogId: string, unwanted?: AbortSignal): Promise<void>;
  /** Ends the ringing of a dead process. */
  cancelTransaction(transactionId: string, message?: (note: SipNote) => void): Promise<"ended" | "gone">;
}

/** What is said on a call and to it, as it is kept in a file: the far side on the left, whoever they hear on the right. */
export interface CallRecording {
  /** Its name in the directory of recordings. */
  readonly file: string;
  /** Silence is kept in place of what is said, so that times stay true. Rejects with a Fault `recording-unavailable` when it may not be so. */
  mask(masked: boolean): Promise<void>;
  /** Nothing is kept from now on. */
  stop(): Promise<void>;
}

/** Who hears somebody who listens in: nobody, the one who is listened to, or all. */
export type Overhearing = "listen" | "whisper" | "barge";

/** The media end of one leg. */
export interface Endpoint {
  readonly id: string;
  readonly mediaServer: string;
  /** The signalling server that carries its own dialog; undefined when there is only one. */
  readonly via?: string | undefined;
  readonly localSdp: string;
  /** RTP payload type of the sound between it and its far side (RFC 3551 §6: 0 PCMU, 8 PCMA); undefined before it is attached. */
  readonly format?: string | undefined;
  /** False when it can be hung up but not kept for another call any more. */
  readonly usable: boolean;
  /** Hears its far side, when it was opened with one; the two stay together for as long as it is kept. */
  readonly tap?: Tap | undefined;
  /** Connects it to the far side's SDP. Gives its own, which answers that one when it was an offer. */
  attach(remoteSdp: string): Promise<string>;
  /** Makes it inactive: nothing is sent or taken any more. */
  detach(): Promise<void>;
  /** RTP packets received so far. */
  packetsReceived(): Promise<number>;
  play(prompts: readonly PromptFile[]): Promise<"played" | Broken>;
  collect(request: CollectRequest): Promise<Collected>;
  /** Plays the prompts and records what is said after them; `stop` ends it, and what was said is kept. */
  record(request: RecordRequest): Promise<RecordEnd>;
  /**
   * Keeps what is said, whatever else becomes of the call, until it is stopped or the endpoint is gone. Rejects with a Fault `recording-unavailable`.
   * @param name of the file, without its ending
   */
  recordCall(name: string): Promise<CallRecording>;
  /** Stops whatever plays or records; not what `recordCall` keeps. */
  stop(): Promise<void>;
  /** As `Caller.listen`. */
  listen(keys: string, pressed: (key: string) => void): void;
  bridge(other: Endpoint): Promise<void>;
  /** Parts it from all it is in conversation with; of several it alone goes, and the others talk on. Whoever was bridged to it is alone then, too. */
  unbridge(): Promise<void>;
  /**
   * From now on it and these hear each other, with all who are together with it already. It lasts until they leave: who is left alone there is alone as
   * after `unbridge`. Two of them who were bridged are so no more. Rejects with a Fault `bridge-failed`, and who was to come is alone then.
   */
  meet(others: readonly Endpoint[]): Promise<void>;
  /**
   * Hears what is said by the other one and to it, whatever becomes of that one's conversation, until it is gone or this one is parted from it. None of
   * those is disturbed by it. Called again, it changes who hears this one. Rejects with a Fault `bridge-failed`.
   */
  overhear(other: Endpoint, how: Overhearing): Promise<void>;
  /** Whether nobody hears what its far side says. */
  mute(muted: boolean): Promise<void>;
  /** Sends keys to its far side: digits, *, #. */
  press(keys: string): Promise<void>;
  /** Until it is called again or lifted, the media server says goodbye by itself after `afterMs`. */
  guard(afterMs: number): Promise<void>;
  liftGuard(): Promise<void>;
  /** Leaves it to the media server to say goodbye and hang up; resolves when it has. */
  sayGoodbye(): Promise<void>;
  /** Resolves when the endpoint is gone, by whomever. */
  readonly gone: Promise<void>;
  /** The same for who is interested for a shorter time than it is kept. @returns takes it back */
  onGone(listener: () => void): () => void;
  /** For one that is gone or does not do what it is told: whether its media server went away with it, for people. Undefined when that is there. Never rejects. */
  lostWith(): Promise<string | undefined>;
  /** Releases it; always resolves, within a bounded time. */
  close(): Promise<void>;
}

/** One media server as it stands now. */
export interface MediaServerView {
  readonly name: string;
  /** `silent`: an answer is long overdue; `down`: it is not connected. New calls go to one that is up. */
  readonly state: "up" | "silent" | "down";
  /** It takes no new calls, by order; those on it go on. */
  readonly draining: boolean;
  /** Our sessions there, up or being made. */
  readonly sessions: number;
  /** How many of ours may be there at once, beside other people's. */
  readonly maxSessions: number;
  /** New ones a second, at most. */
  readonly sessionsPerSecond: number;
  /** Share of its CPU that is idle (0..1), as it told last. */
  readonly idleCpu?: number;
}

/** The media servers, as the call engine needs them. */
export interface Media {
  /** Whether one of them takes new calls. */
  readonly ready: boolean;
  readonly servers: readonly MediaServerView[];
  /**
   * A fresh endpoint, on that server if one is named, or a retryable Fault `media-unavailable`.
   * @param tapped with a tap, which is a session more. Where that cannot be had the endpoint comes without one.
   */
  open(mediaServer?: string, tapped?: boolean): Promise<Endpoint>;
  /** Whether an endpoint of a dead process is still up (it may be saying goodbye). */
  alive(mediaServer: string, endpointId: string): Promise<boolean>;
  /** Whether somebody there only waits after a conversation, or for one whose other side is gone: nothing is played and nothing will be. */
  waits(mediaServer: string, endpointId: string): Promise<boolean>;
  /** Whether something was played there, to its end or not, before what plays now. False when it is gone, true when it cannot be told. */
  hasPlayed(mediaServer: string, endpointId: string): Promise<boolean>;
  /** Channels this node made in an earlier life that are still up. */
  orphans(): Promise<readonly { readonly mediaServer: string; readonly endpointId: string }[]>;
  /** Ends a channel at once. */
  kill(mediaServer: string, endpointId: string): Promise<void>;
}
