import type { VoiceSpan } from "../media/voice.ts";
import { Hearing, type Silence } from "./hearing.ts";

/** One answered telephone of a call: a To tag, as the wire showed it. */
export interface LegRecord {
  readonly toTag: string;
  readonly answeredAtMs: number;
  ackedAtMs?: number;
  byeAtMs?: number;
  byeBy?: "caller" | "carrier" | "called";
  /** Q.850 cause of the BYE's Reason header (RFC 3326). */
  byeCause?: number;
  /** The telephone lost its power: no BYE will ever come from it, and the line is not up on its side. */
  vanishedAtMs?: number;
}

/** What the wire showed of one Call-ID. Times are milliseconds since the epoch by the carrier's clock. */
export interface CallRecord {
  readonly callId: string;
  /** One of the carrier's people called; otherwise one of them was called. */
  readonly placed: boolean;
  /** Value of X-Carillon-Attempt. */
  readonly attempt: string | undefined;
  readonly called: string;
  readonly caller: string;
  readonly transport: string;
  readonly invitedAtMs: number;
  /** Expires of the INVITE, seconds. */
  readonly expiresS: number | undefined;
  /** INVITEs that opened a transaction: more than one only after a challenge. */
  invites: number;
  retransmissions: number;
  reinvites: number;
  /** Status and time of each response to the INVITE, retransmissions left out. */
  readonly responses: { readonly status: number; readonly atMs: number }[];
  cancelledAtMs: number | undefined;
  /** The final response below 200 Ms of which nothing is known yet is undefined. 401 and 407 that were answered do not count. */
  finalStatus: number | undefined;
  readonly legs: LegRecord[];
  /** Which persona took the call; the one thing here that the wire does not show. */
  persona: string | undefined;
  /** One for each RTP port opened for the call. */
  readonly hearings: Hearing[];
}

/** How a call stands, or how it ended. */
export type CallState = "ringing" | "up" | "rejected" | "cancelled" | "ended";

export function stateOf(record: CallRecord): CallState {
  const { finalStatus, legs } = record;
  if (legs.some(isUp)) return "up";
  if (legs.length > 0) return "ended";
  if (finalStatus === undefined) return "ringing";
  return record.cancelledAtMs !== undefined && finalStatus === 487 ? "cancelled" : "rejected";
}

export function isUp(leg: LegRecord): boolean {
  return leg.byeAtMs === undefined && leg.vanishedAtMs === undefined;
}

/** A call as JSON: what another process compares with its own account. */
export interface CallSummary {
  readonly callId: string;
  /** One of the carrier's people called; absent where one of them was called. */
  readonly placed?: true;
  readonly attempt: string | null;
  readonly called: string;
  readonly caller: string;
  readonly persona: string | null;
  readonly transport: string;
  readonly state: CallState;
  readonly finalStatus: number | null;
  readonly invitedAtMs: number;
  readonly expiresS: number | null;
  readonly invites: number;
  readonly retransmissions: number;
  readonly reinvites: number;
  readonly responses: readonly { readonly status: number; readonly atMs: number }[];
  readonly ringingAtMs: number | null;
  readonly answeredAtMs: number | null;
  readonly ackedAtMs: number | null;
  readonly cancelledAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly endedBy: "caller" | "carrier" | "called" | "vanished" | null;
  readonly endCause: number | null;
  readonly legs: readonly Readonly<LegRecord>[];
  readonly digitsSent: string;
  readonly digitsHeard: string;
  readonly audio: AudioSummary;
  /** Registered references that were heard, at least in part. */
  readonly heard: readonly HeardSummary[];
  /** Which telephones' voices were heard, from when to when. */
  readonly voices: readonly VoiceSpan[];
  /** Silences of a second and more while the call was up. */
  readonly silences: readonly Silence[];
}

export interface AudioSummary {
  readonly packets: number;
  readonly lost: number;
  readonly firstPacketAtMs: number | null;
  readonly firstSoundAtMs: number | null;
  readonly lastSoundAtMs: number | null;
  readonly soundMs: number;
  readonly longestSilenceMs: number;
  /** From the 200 to the first packet with sound; what the person waited for the prompt. */
  readonly answerToSoundMs: number | null;
}

export interface HeardSummary {
  readonly name: string;
  readonly complete: boolean;
  readonly fraction: number;
  readonly fromMs: number;
}

/** Sum of a call's media, mostly of its one port. */
export function audioOf(record: CallRecord, nowMs: number): AudioSummary {
  const main =
    record.hearings.reduce<Hearing | undefined>((most, one) => (most && most.packets >= one.packets ? most : one), undefined) ?? new Hearing(false);
  const answeredAtMs = record.legs[0]?.answeredAtMs;
  return {
    packets: main.packets,
    lost: main.lost,
    firstPacketAtMs: main.firstPacketAtMs ?? null,
    firstSoundAtMs: main.firstSoundAtMs ?? null,
    lastSoundAtMs: main.lastSoundAtMs ?? null,
    soundMs: main.soundMs,
    longestSilenceMs: main.silenceMs(nowMs),
    answerToSoundMs: main.firstSoundAtMs === undefined || answeredAtMs === undefined ? null : main.firstSoundAtMs - answeredAtMs,
  };
}

export function summarize(record: CallRecord, nowMs: number, heard: readonly HeardSummary[]): CallSummary {
  const [first] = record.legs;
  const last = record.legs.find((leg) => leg.byeAtMs !== undefined || leg.vanishedAtMs !== undefined);
  const final = record.responses.findLast((response) => response.status >= 300);
  const rejectedAtMs = record.legs.length === 0 && record.finalStatus !== undefined ? final?.atMs : undefined;
  return {
    callId: record.callId,
    ...(record.placed && { placed: true }),
    attempt: record.attempt ?? null,
    called: record.called,
    caller: record.caller,
    persona: record.persona ?? null,
    transport: record.transport,
    state: stateOf(record),
    finalStatus: record.finalStatus ?? null,
    invitedAtMs: record.invitedAtMs,
    expiresS: record.expiresS ?? null,
    invites: record.invites,
    retransmissions: record.retransmissions,
    reinvites: record.reinvites,
    responses: record.responses,
    ringingAtMs: record.responses.find((response) => response.status > 100 && response.status < 200)?.atMs ?? null,
    answeredAtMs: first?.answeredAtMs ?? null,
    ackedAtMs: first?.ackedAtMs ?? null,
    cancelledAtMs: record.cancelledAtMs ?? null,
    endedAtMs: last?.byeAtMs ?? last?.vanishedAtMs ?? rejectedAtMs ?? null,
    endedBy: last?.vanishedAtMs === undefined ? (last?.byeBy ?? null) : "vanished",
    endCause: last?.byeCause ?? null,
    legs: record.legs,
    digitsSent: record.hearings.map((hearing) => hearing.digitsSent).join(""),
    digitsHeard: record.hearings.map((hearing) => hearing.digitsHeard).join(""),
    audio: audioOf(record, nowMs),
    heard,
    voices: record.hearings.flatMap((hearing) => hearing.voices.spans),
    silences: record.hearings.flatMap((hearing) => hearing.silences),
  };
}
