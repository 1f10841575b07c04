import type { Clock } from "../../kernel/clock.ts";
import type { SipMessage, SipRequest } from "../sip/message.ts";
import { cseqOf } from "../sip/parse.ts";
import { tagOf, userOf } from "../sip/uri.ts";
import type { WireMessage } from "../sip/user-agent.ts";
import { type CallRecord, type CallState, type CallSummary, type HeardSummary, isUp, stateOf, summarize } from "./call-record.ts";
import { Hearing } from "./hearing.ts";
import { findSound, type Match } from "./match.ts";

/** Header by which Carillon says which attempt an INVITE belongs to. */
export const attemptHeader = "X-Carillon-Attempt";

/** Audio kept at most, bytes; the calls that ended first lose theirs first. */
const mostAudioBytes = 512 * 1024 * 1024;

export interface BooksOptions {
  readonly clock: Clock;
  /** Whether what was heard is kept, 8 kB a second, so that `heard` can be asked. Default true. */
  readonly keepAudio?: boolean;
}

export interface LegUp {
  readonly callId: string;
  readonly attempt: string | null;
  readonly called: string;
  readonly state: "ringing" | "up";
}

/** What passed the carrier's wire, call by call: SIP messages by `wire`, RTP by the Hearing of each port. Nothing is written from what a persona meant to do. */
export class Books {
  readonly #clock: Clock;
  readonly #keepAudio: boolean;
  readonly #calls = new Map<string, CallRecord>();
  readonly #cseqs = new Map<string, number>();
  readonly #references = new Map<string, Int16Array>();
  readonly #matches = new WeakMap<CallRecord, Map<string, Match>>();
  readonly #ended: { readonly record: CallRecord; readonly bytes: number }[] = [];
  #audioBytes = 0;
  /** Messages that came and could not be read. */
  unreadable = 0;

  constructor(options: BooksOptions) {
    this.#clock = options.clock;
    this.#keepAudio = options.keepAudio ?? true;
  }

  /** Every call, in the order of the INVITEs. */
  get calls(): readonly CallRecord[] {
    return [...this.#calls.values()];
  }

  call(callId: string): CallRecord | undefined {
    return this.#calls.get(callId);
  }

  /** Calls placed for an attempt: one Call-ID is one try to reach somebody. */
  callsOf(attempt: string): readonly CallRecord[] {
    return this.calls.filter((record) => record.attempt === attempt);
  }

  /** Attempts for which more than one call was placed. */
  dialledTwice(): readonly string[] {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const { attempt } of this.#calls.values()) {
      if (attempt === undefined) continue;
      if (seen.has(attempt)) twice.add(attempt);
      seen.add(attempt);
    }
    return [...twice];
  }

  /** Everybody whose telephone rings or who is on the line right now. */
  legsUp(): readonly LegUp[] {
    const up: LegUp[] = [];
    for (const record of this.#calls.values()) {
      const state: CallState = stateOf(record);
      if (state === "ringing" || state === "up") up.push({ callId: record.callId, attempt: record.attempt ?? null, called: record.called, state });
    }
    return up;
  }

  /** A sound that `toJSON` looks for in every call, e.g. a prompt or the goodbye. */
  addReference(name: string, pcm: Int16Array): void {
    this.#references.set(name, pcm);
  }

  /** How much of a sound that call was given to hear. */
  heard(record: CallRecord, reference: Int16Array): Match {
    let best: Match = { complete: false, fraction: 0, fromMs: undefined };
    for (const { law, audio } of record.hearings) {
      const match = law === undefined ? best : findSound(audio, law, reference);
      if (match.fraction > best.fraction) best = match;
    }
    return best;
  }

  toJSON(): { readonly calls: readonly CallSummary[]; readonly unreadable: number } {
    return { calls: this.calls.map((record) => this.summary(record)), unreadable: this.unreadable };
  }

  /** One call a line. */
  toNdjson(): string {
    return this.calls.map((record) => `${JSON.stringify(this.summary(record))}\n`).join("");
  }

  summary(record: CallRecord): CallSummary {
    return summarize(record, this.#clock.now(), this.#heardReferences(record));
  }

  /** A new port's account; it belongs to the call for good. */
  openHearing(callId: string): Hearing {
    const hearing = this.newHearing();
    this.addHearing(callId, hearing);
    return hearing;
  }

  /** The account of a port that is opened before its call begins. */
  newHearing(): Hearing {
    return new Hearing(this.#keepAudio);
  }

  addHearing(callId: string, hearing: Hearing): void {
    const record = this.#calls.get(callId);
    const [leg] = record?.legs ?? [];
    if (leg) hearing.answered(leg.answeredAtMs);
    record?.hearings.push(hearing);
  }

  setPersona(callId: string, name: string): void {
    const record = this.#calls.get(callId);
    if (record) record.persona = name;
  }

  /** A telephone lost its power: the wire shows nothing of it. */
  setVanished(callId: string): void {
    const record = this.#calls.get(callId);
    if (!record) return;
    for (const leg of record.legs) if (isUp(leg)) leg.vanishedAtMs = this.#clock.now();
    this.#settle(record);
  }

  /** The agent's wire hook. */
  readonly wire = (wire: WireMessage): void => {
    const { message } = wire;
    if (!message) {
      if (wire.direction === "in") this.unreadable++;
      return;
    }
    const callId = message.headers.get("call-id") ?? "";
    if (message.kind === "request" && message.method === "INVITE") this.#invite(callId, message, wire);
    const record = this.#calls.get(callId);
    if (!record) return;
    if (message.kind === "response") {
      if (wire.direction !== (record.placed ? "out" : "in")) this.#response(record, message, wire.at);
    } else if (message.method === "ACK") this.#ack(record, message, wire.at);
    else if (message.method === "CANCEL") record.cancelledAtMs ??= wire.at;
    else if (message.method === "BYE") this.#bye(record, message, wire);
  };

  #invite(callId: string, message: SipRequest, wire: WireMessage): void {
    const { headers } = message;
    const cseq = cseqOf(message)?.number ?? 0;
    const known = this.#calls.get(callId);
    const placed = wire.direction === "out";
    // Of the side that was called: within the call.
    if (known && placed !== known.placed) {
      known.reinvites++;
      return;
    }
    if (!known) {
      const expires = Number.parseInt(headers.get("expires") ?? "", 10);
      this.#cseqs.set(callId, cseq);
      this.#calls.set(callId, {
        callId,
        placed,
        attempt: headers.get(attemptHeader),
        called: userOf(message.uri),
        caller: userOf(headers.get("from") ?? ""),
        transport: wire.transport,
        invitedAtMs: wire.at,
        expiresS: Number.isFinite(expires) ? expires : undefined,
        invites: 1,
        retransmissions: 0,
        reinvites: 0,
        responses: [],
        cancelledAtMs: undefined,
        finalStatus: undefined,
        legs: [],
        persona: undefined,
        hearings: [],
      });
    } else if (cseq <= (this.#cseqs.get(callId) ?? 0)) known.retransmissions++;
    else {
      this.#cseqs.set(callId, cseq);
      if (tagOf(headers.get("to")) !== undefined) known.reinvites++;
      else {
        known.invites++;
        known.finalStatus = undefined;
      }
    }
  }

  #response(record: CallRecord, message: SipMessage & { kind: "response" }, atMs: number): void {
    const { status } = message;
    if (cseqOf(message)?.method !== "INVITE" || record.reinvites > 0) return;
    const toTag = tagOf(message.headers.get("to")) ?? "";
    const repeated = status >= 200 && status < 300 ? record.legs.some((leg) => leg.toTag === toTag) : record.finalStatus !== undefined;
    if (repeated) return;
    record.responses.push({ status, atMs });
    if (status < 200) return;
    record.finalStatus ??= status;
    if (status < 300) {
      record.legs.push({ toTag, answeredAtMs: atMs });
      for (const hearing of record.hearings) hearing.answered(atMs);
    } else this.#settle(record);
  }

  #ack(record: CallRecord, message: SipRequest, atMs: number): void {
    const leg = this.#legOf(record, tagOf(message.headers.get("to")));
    if (leg) leg.ackedAtMs ??= atMs;
  }

  #bye(record: CallRecord, message: SipRequest, wire: WireMessage): void {
    const incoming = wire.direction === "in";
    // Ours is the To tag of a call that came, and the far side's that of one we placed.
    const leg = this.#legOf(record, tagOf(message.headers.get(incoming !== record.placed ? "to" : "from")));
    // Before anybody has answered a BYE takes the call back, as a CANCEL does (RFC 3261 §15.1.2).
    if (record.finalStatus === undefined && incoming !== record.placed) record.cancelledAtMs ??= wire.at;
    if (!leg || leg.byeAtMs !== undefined) return;
    leg.byeAtMs = wire.at;
    leg.byeBy = record.placed ? (incoming ? "called" : "caller") : incoming ? "caller" : "carrier";
    const cause = message.headers.list("reason").find((reason) => /^q\.850/i.test(reason));
    const number = Number.parseInt(/cause\s*=\s*(\d+)/i.exec(cause ?? "")?.[1] ?? "", 10);
    if (Number.isFinite(number)) leg.byeCause = number;
    this.#settle(record);
  }

  #legOf(record: CallRecord, toTag: string | undefined): CallRecord["legs"][number] | undefined {
    return record.legs.find((leg) => leg.toTag === toTag);
  }

  /** The call may be over: its accounts are closed, and its audio counts against what is kept. */
  #settle(record: CallRecord): void {
    const state = stateOf(record);
    if (state === "ringing" || state === "up") return;
    const endedAtMs = this.#clock.now();
    for (const hearing of record.hearings) hearing.ended(endedAtMs);
    const bytes = record.hearings.reduce((sum, hearing) => sum + hearing.audio.length, 0);
    this.#audioBytes += bytes;
    this.#ended.push({ record, bytes });
    while (this.#audioBytes > mostAudioBytes) {
      const oldest = this.#ended.shift();
      if (!oldest) break;
      this.#audioBytes -= oldest.bytes;
      for (const hearing of oldest.record.hearings) hearing.dropAudio();
    }
  }

  #heardReferences(record: CallRecord): HeardSummary[] {
    const over = !["ringing", "up"].includes(stateOf(record)) && record.hearings.every((hearing) => hearing.isClosed);
    const known = this.#matches.get(record) ?? new Map<string, Match>();
    if (over) this.#matches.set(record, known);
    const heard: HeardSummary[] = [];
    for (const [name, pcm] of this.#references) {
      const match = known.get(name) ?? this.heard(record, pcm);
      // What a call heard does not change any more once it is over.
      if (over) known.set(name, match);
      if (match.fromMs !== undefined) heard.push({ name, complete: match.complete, fraction: match.fraction, fromMs: match.fromMs });
    }
    return heard;
  }
}
