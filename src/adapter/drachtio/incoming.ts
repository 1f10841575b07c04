import { describeSdp, ladderText } from "../../attempt/ladder.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Accepted, IncomingCall, SipSource } from "../../voice/inbound-ports.ts";
import type { DrachtioDialog } from "./dialog.ts";
import { requestNote, type Tell, watchDialog } from "./ladder.ts";
import { tagOf } from "./outside.ts";
import type { SipDialog, SipIncoming, SipResponder, Srf } from "./srf.ts";

const sdpType = "application/sdp";
/** What may come within a call (RFC 3261 §20.5). */
const allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE";
/** The ACK that brings an answer comes at once; without it drachtio-server ends the call by itself after 64 × T1 (RFC 3261 §13.3.1.4). */
const ackWithinMs = 35_000;

/** What a call from outside needs of the signalling it came by. */
export interface IncomingParts {
  readonly srf: Srf;
  readonly clock: Clock;
  readonly log: Log;
  readonly via: string;
  readonly own: (dialog: SipDialog) => DrachtioDialog;
  /** Is given the dialog of a call that was being answered when the connection broke. */
  readonly strand: (dialogId: string) => void;
  readonly over: (call: DrachtioIncoming) => void;
}

/** One INVITE that drachtio-server has passed to us. It is pending until it is answered, refused, canceled or lost. */
export class DrachtioIncoming implements IncomingCall {
  readonly callId: string;
  readonly dialogId: string;
  readonly transactionId: string;
  readonly via: string;
  readonly source: SipSource;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  readonly assertedIdentity?: string;
  readonly privacy?: string;
  readonly offer: string | undefined;
  readonly gone: Promise<"canceled" | "lost">;
  readonly #parts: IncomingParts;
  readonly #request: SipIncoming;
  readonly #response: SipResponder;
  readonly #gone = Promise.withResolvers<"canceled" | "lost">();
  #tell: Tell | undefined;
  #over = false;
  /** Ends the wait for the answer to our 200. */
  #giveUp: (() => void) | undefined;

  constructor(parts: IncomingParts, request: SipIncoming, response: SipResponder) {
    this.#parts = parts;
    this.#request = request;
    this.#response = response;
    this.gone = this.#gone.promise;
    this.via = parts.via;
    this.callId = request.get("Call-ID") ?? "";
    this.from = request.get("From") ?? "";
    this.to = request.get("To") ?? "";
    this.requestUri = request.uri;
    this.transactionId = request.stackTxnId;
    this.dialogId = `${this.callId};from-tag=${tagOf(this.from) ?? ""}`;
    this.source = { address: request.source_address ?? "", port: Number(request.source_port ?? 0), transport: request.protocol ?? "udp" };
    this.offer = request.body ? request.body : undefined;
    const [identity, privacy] = [request.get("P-Asserted-Identity"), request.get("Privacy")];
    if (identity !== undefined) this.assertedIdentity = identity;
    if (privacy !== undefined) this.privacy = privacy;
    request.on("cancel", (cancel) => {
      this.#note({ sent: false, method: "CANCEL", cseq: ladderText(cancel.get("CSeq") ?? "") });
      this.#end("canceled");
    });
  }

  watch(tell: Tell): void {
    this.#tell = tell;
    const { address, port, transport } = this.source;
    tell({ ...requestNote(this.#request, false), from: ladderText(`${address}:${port}/${transport}`) });
  }

  ring(): void {
    if (this.#over) return;
    this.#send(180, "Ringing");
  }

  refuse(status: number, phrase?: string, headers?: Readonly<Record<string, string>>): void {
    if (this.#over) return;
    this.#finish();
    this.#send(status, phrase, headers);
  }

  answer(sdp: string, reoffer: (offer: string) => Promise<string>): Promise<Accepted | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    const { srf, log } = this.#parts;
    return new Promise((resolve) => {
      this.#giveUp = () => resolve(undefined);
      const answered = (dialog: SipDialog) => {
        // Before anything else: its BYE may come with the next turn.
        const owned = this.#parts.own(dialog);
        if (this.#tell) watchDialog(dialog, this.#tell);
        owned.answerOffers(reoffer);
        if (this.#over) {
          owned.end();
          return resolve(undefined);
        }
        this.#finish();
        const described = describeSdp(sdp);
        this.#note({ sent: true, status: 200, phrase: "OK", ...this.#cseq(), ...(described !== undefined && { sdp: described }) });
        resolve({ dialog: owned, sdp: this.offer === undefined ? this.#acknowledged(dialog, owned) : Promise.resolve(this.offer) });
      };
      try {
        const headers = { Allow: allow, "Content-Type": sdpType };
        srf.createUAS(this.#request, this.#response, { localSdp: sdp, headers }, (error, dialog) => {
          if (dialog) return answered(dialog);
          log.info({ callId: this.callId, reason: String(error) }, "a call was over before it could be answered");
          this.#end("canceled");
        });
      } catch (error) {
        // drachtio-srf asserts on a socket that is gone.
        log.warn({ err: error, callId: this.callId }, "a call could not be answered");
        this.#end("lost");
      }
    });
  }

  /** The connection to drachtio-server broke. */
  lose(): void {
    if (this.#over) return;
    if (this.#giveUp) this.#parts.strand(this.dialogId);
    this.#end("lost");
  }

  #acknowledged(dialog: SipDialog, owned: DrachtioDialog): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(ackWithinMs, () => resolve(undefined));
      const done = (sdp: string | undefined) => {
        timer.cancel();
        resolve(sdp);
      };
      dialog.once("ack", (ack: SipIncoming) => done(ack.body || undefined));
      owned.ended.then(() => done(undefined));
    });
  }

  #end(how: "canceled" | "lost"): void {
    if (this.#over) return;
    this.#finish();
    this.#gone.resolve(how);
    this.#giveUp?.();
  }

  #finish(): void {
    this.#over = true;
    this.#parts.over(this);
  }

  #send(status: number, phrase?: string, headers: Readonly<Record<string, string>> = {}): void {
    try {
      this.#response.send(status, phrase, { headers });
      this.#note({ sent: true, status, phrase: phrase ?? "", ...this.#cseq(), ...(status > 180 && { headers }) });
    } catch (error) {
      this.#parts.log.warn({ err: error, callId: this.callId, status }, "a response could not be sent");
    }
  }

  #note(note: Parameters<Tell>[0]): void {
    this.#tell?.(note);
  }

  #cseq(): { cseq?: string } {
    const cseq = this.#request.get("CSeq");
    return cseq === undefined ? {} : { cseq: ladderText(cseq) };
  }
}

/** Why an INVITE is refused before anybody looks at it; undefined when it is well-formed. Without a Contact or a From tag there would be no dialog to end. */
export function malformed(request: SipIncoming): { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined {
  const required = request.get("Require");
  // RFC 3261 §8.2.2.3: we support no extension that a request could require.
  if (required !== undefined) return { status: 420, headers: { Unsupported: required } };
  const type = request.get("Content-Type");
  if (request.body && type !== undefined && !/^\s*application\/sdp\s*(;|$)/i.test(type)) return { status: 415, headers: { Accept: sdpType } };
  if (!request.get("Call-ID") || tagOf(request.get("From")) === undefined || !request.get("To")) return { status: 400 };
  return /^("[^"]*"\s*|[^<,"]*)<sips?:[^>\s]+>|^sips?:\S+/i.test((request.get("Contact") ?? "").trim()) ? undefined : { status: 400 };
}
