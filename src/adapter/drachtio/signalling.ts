import { randomBytes } from "node:crypto";
import { type Clock, pause, type Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { IncomingCall } from "../../voice/inbound-ports.ts";
import type { Invitation, InviteEnd, InviteRequest, InviteWatcher, LegName, Signalling } from "../../voice/ports.ts";
import type { Captured } from "./capture.ts";
import { type DrachtioConnection, leaveInvites } from "./connection.ts";
import { DrachtioDialog } from "./dialog.ts";
import { crossedCancel, failureOf, lostEnd, notSentEnd } from "./failure.ts";
import { Forks } from "./forks.ts";
import { DrachtioIncoming, malformed } from "./incoming.ts";
import { noteCancel, type Tell, watchDialog, watchInvite } from "./ladder.ts";
import { type Answer, answerIn, byeAfter, tagOf } from "./outside.ts";
import type { RequestOptions, SipDialog, SipIncoming, SipRequest, SipResponder, Srf } from "./srf.ts";
import { askAfter, type Stray, Strays } from "./strays.ts";

/** How often a conversation that was taken over is asked after. */
const adoptedCheckMs = 1000;
/** 64 × T1 (RFC 3261 §17.1.2.2). */
const vanishedMs = 32_000;
/**
 * After a CANCEL the end must come within 64 × T1 (RFC 3261 §9.1 and §17.1.1.2). A server that says nothing by then is
 * not heard any more, and the call must not hold its line for ever.
 */
const cancelDeadlineMs = 35_000;
/** Telephones that one INVITE rings and that are remembered; nobody has more. */
const mostForks = 10;
const cancelReason = 'SIP;cause=487;text="ring time-out"';

/** `Signalling` over drachtio-srf. */
export class DrachtioSignalling implements Signalling {
  readonly #connection: DrachtioConnection;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #strays: Strays;
  readonly #forks: Forks;
  readonly #dialogs = new Set<DrachtioDialog>();
  readonly #pending = new Set<(end: InviteEnd) => void>();
  readonly #incoming = new Set<DrachtioIncoming>();
  /** How to end a conversation that was taken over without drachtio-server's help, by dialog id. */
  readonly #adopted = new Map<string, RequestOptions>();
  /** Aborted when the connection is lost. */
  #losing = new AbortController();
  /** Who is given calls from outside; undefined when nobody asks for them. */
  #onCall: ((call: IncomingCall) => void) | undefined;
  #routed = false;

  /** @param other another server that can be reached, when there are several */
  constructor(connection: DrachtioConnection, clock: Clock, log: Log, other?: () => Srf | undefined) {
    this.#connection = connection;
    this.#clock = clock;
    this.#log = log;
    this.#strays = new Strays(connection.srf, clock, log, () => connection.ready, other);
    this.#forks = new Forks(connection.srf, clock, log);
    connection.onLost = () => this.#lose();
    connection.onBack = () => this.#strays.endAll();
  }

  get ready(): boolean {
    return this.#connection.ready;
  }

  /** Legs and INVITEs not yet over, for the leak check. */
  get open(): number {
    return this.#dialogs.size + this.#pending.size + this.#strays.size + this.#incoming.size;
  }

  /** Calls from outside are given to `onCall` from now on. @param via the name of this server */
  takeCalls(via: string, onCall: (call: IncomingCall) => void): void {
    this.#onCall = onCall;
    const { srf } = this.#connection;
    const receive = (request: SipIncoming, response: SipResponder) => {
      try {
        this.#receive(via, request, response);
      } catch (error) {
        // Anything may come from the network: a header twice, say, where there is one.
        this.#log.warn({ err: error, source: request.source_address }, "a call from outside was refused: it cannot be read");
        response.send(400);
      }
    };
    if (!this.#routed) srf.invite(receive);
    this.#routed = true;
  }

  /** Drachtio-server gives them to others from now on; what still comes is refused. */
  leaveCalls(): void {
    this.#onCall = undefined;
    if (this.#routed) leaveInvites(this.#connection.srf);
    this.#routed = false;
  }

  /** A copy of a message that drachtio-server received or sent. Without these nobody can end a second answer to one INVITE. */
  takeCopy(captured: Captured): void {
    this.#forks.take(captured);
  }

  nameLeg(): LegName {
    // Who knew both could end the call from anywhere: 96 and 72 random bits (RFC 3261 §19.3 wants at least 32 for a tag).
    const callId = randomBytes(12).toString("hex");
    const fromTag = randomBytes(9).toString("hex");
    return { callId, fromTag, dialogId: dialogIdFor(callId, fromTag) };
  }

  invite(request: InviteRequest, watcher: InviteWatcher): Invitation {
    const { callId, fromTag, dialogId } = request.leg ?? this.nameLeg();
    const sent = Promise.withResolvers<Awaited<Invitation["sent"]>>();
    const end = Promise.withResolvers<InviteEnd>();
    let sentRequest: SipRequest | undefined;
    let cancelWanted = false;
    let over = false;
    /** A 2xx has come. The library makes a dialog of it, unless it cannot (no Contact, no To tag). */
    let accepted = false;
    let deadline: Timer | undefined;
    /** Who rang or answered, by To tag: a proxy may have rung several. */
    const answers = new Map<string, Answer>();
    const stray = (): Stray => ({
      ...{ dialogId, answers: [...answers.values()] },
      ...(sentRequest && { transactionId: sentRequest.stackTxnId }),
    });
    const finish = (result: InviteEnd) => {
      if (over) return;
      over = true;
      deadline?.cancel();
      this.#pending.delete(finish);
      this.#forks.finish(callId);
      sent.resolve(undefined);
      end.resolve(result);
      // Whoever may be on the line, or still ringing, is not left there.
      if (!result.answered && result.failure.endpointSpent && result !== crossedCancel) this.#strays.add(stray());
    };
    this.#pending.add(finish);
    this.#forks.watch(callId, fromTag);
    const cancel = () => {
      cancelWanted = true;
      if (over) return;
      deadline ??= this.#clock.after(cancelDeadlineMs, () => finish(lostEnd));
      try {
        if (sentRequest && watcher.message) noteCancel(sentRequest, cancelReason, watcher.message);
        sentRequest?.cancel({ headers: { Reason: cancelReason } }, () => {});
      } catch {
        // The socket is gone this very moment; losing it ends this INVITE.
      }
    };
    const answered = (dialog: SipDialog) => {
      if (watcher.message) watchDialog(dialog, watcher.message);
      const owned = this.#own(dialog);
      this.#forks.keep(callId, dialog.sip.remoteTag);
      if (!over && !cancelWanted) return finish({ answered: true, dialog: owned, sdp: dialog.remote.sdp });
      // The answer crossed our CANCEL: acknowledged by the library, ended here before anybody uses the endpoint again.
      this.#log.info({ callId: dialog.sip.callId }, "ending a call answered while it was being canceled");
      owned.end().then(() => finish(crossedCancel));
    };
    try {
      this.#connection.srf.createUAC(
        request.uri,
        {
          localSdp: request.sdp,
          // Spelled as drachtio-srf spells them itself when it repeats an INVITE with credentials: else they would stand there twice.
          headers: {
            ...request.headers,
            From: `<${request.from}>;tag=${fromTag}`,
            // Without it drachtio-server would make it of the URI, and of the URI's parameters it would make the header's.
            To: `<${request.uri.replace(/;.*$/, "")}>`,
            "call-id": callId,
            // One telephone is enough: two people who pick up would be one too many (RFC 3841 §9.1).
            "Request-Disposition": "no-fork",
            Expires: String(request.expiresS),
            "Content-Type": "application/sdp",
          },
          ...(request.auth && { auth: { ...request.auth } }),
          ...(request.proxy !== undefined && { proxy: request.proxy }),
        },
        {
          cbRequest(error, inviteSent) {
            if (error || !inviteSent) return;
            sentRequest = inviteSent;
            if (watcher.message) watchInvite(inviteSent, watcher.message);
            inviteSent.on("response", (response) => {
              const [answer, tag] = [answerIn(response), tagOf(response.get("to")) ?? ""];
              if (answer && (answers.size < mostForks || answers.has(tag))) answers.set(tag, answer);
              accepted ||= response.status >= 200 && response.status < 300;
              // What it stumbles over it does not tell.
              if (accepted) setImmediate(() => !over && !cancelWanted && finish({ answered: false, failure: failureOf(null, true) }));
            });
            sent.resolve({ transactionId: inviteSent.stackTxnId, callId, dialogId });
            inviteSent.on("authenticate", ({ stackTxnId }) => watcher.resent?.(stackTxnId));
            if (cancelWanted) cancel();
          },
          cbProvisional(response) {
            if (!over) watcher.provisional(response.status, response.body || undefined);
          },
        },
        (error, dialog) => {
          if (dialog) answered(dialog);
          else if (!over) finish(sentRequest ? { answered: false, failure: failureOf(error, accepted) } : notSentEnd(error));
        },
      );
    } catch (error) {
      // drachtio-srf asserts on a socket while it is reconnecting.
      this.#log.warn({ err: error }, "INVITE not sent");
      finish(notSentEnd(null));
    }
    return { sent: sent.promise, end: end.promise, cancel };
  }

  async endDialog(dialogId: string, message?: Tell): Promise<"ended" | "gone"> {
    const ended = await this.#reap({ method: "BYE", uri: "sip:placeholder", stackDialogId: dialogId, headers: {} }, message);
    const adopted = this.#adopted.get(dialogId);
    this.#adopted.delete(dialogId);
    return ended === "gone" && adopted ? this.#reap(adopted, message) : ended;
  }

  /**
   * drachtio-server answers a BYE in a dead process's dialog with 481 by itself and forgets the dialog without a word, so
   * the dialog is asked after, again and again, with an OPTIONS inside it (RFC 3261 §11). So is noticed who vanished without a BYE. What was asked last says
   * how to end the dialog when that server is started anew, and knows nothing of it.
   */
  async adopt(dialogId: string, unwanted?: AbortSignal): Promise<void> {
    const options = { method: "OPTIONS", uri: "sip:placeholder", stackDialogId: dialogId, headers: {} } as const;
    let unreachableSince: number | undefined;
    while (!unwanted?.aborted) {
      const given = unwanted ? AbortSignal.any([unwanted, this.#losing.signal]) : this.#losing.signal;
      const known = await askAfter(this.#connection.srf, this.#clock, options, given, undefined, (request, response) => {
        if (response.status < 300) this.#adopted.set(dialogId, byeAfter(request, response));
      });
      if (known === "unknown") return;
      unreachableSince = known === "unreachable" ? (unreachableSince ?? this.#clock.now()) : undefined;
      // As long as drachtio-server gives somebody who is only silent.
      if (unreachableSince !== undefined && this.#clock.now() - unreachableSince >= vanishedMs) return;
      await pause(this.#clock, adoptedCheckMs);
    }
  }

  cancelTransaction(transactionId: string, message?: Tell): Promise<"ended" | "gone"> {
    return this.#reap({ method: "CANCEL", uri: "sip:placeholder", stackTxnId: transactionId, headers: {} }, message);
  }

  /** Sends a request on a leg that another process made. drachtio-server does not tie legs to connections. */
  async #reap(options: RequestOptions, tell?: Tell): Promise<"ended" | "gone"> {
    for (;;) {
      const known = await askAfter(this.#connection.srf, this.#clock, options, this.#losing.signal, tell);
      if (known !== "unsure") return known === "known" ? "ended" : "gone";
      await pause(this.#clock, adoptedCheckMs);
    }
  }

  #receive(via: string, request: SipIncoming, response: SipResponder): void {
    const wrong = malformed(request);
    if (wrong) {
      this.#log.info({ status: wrong.status, source: request.source_address }, "a call from outside was refused: it is not well-formed");
      response.send(wrong.status, undefined, { headers: wrong.headers ?? {} });
      return;
    }
    const call = new DrachtioIncoming(
      {
        srf: this.#connection.srf,
        clock: this.#clock,
        log: this.#log,
        via,
        own: (dialog) => this.#own(dialog),
        strand: (dialogId) => this.#strays.add({ dialogId, answers: [] }),
        over: (over) => this.#incoming.delete(over),
      },
      request,
      response,
    );
    this.#incoming.add(call);
    if (this.#onCall) this.#onCall(call);
    else call.refuse(503, undefined, { "Retry-After": "5" });
  }

  #own(dialog: SipDialog): DrachtioDialog {
    const owned = new DrachtioDialog(dialog, this.#clock, this.#log, (stray) => this.#strays.add(stray));
    this.#dialogs.add(owned);
    owned.ended.then(() => this.#dialogs.delete(owned));
    return owned;
  }

  #lose(): void {
    // What was asked over it is answered by nobody.
    this.#losing.abort();
    this.#losing = new AbortController();
    for (const dialog of [...this.#dialogs]) dialog.lose();
    for (const finish of [...this.#pending]) finish(lostEnd);
    for (const call of [...this.#incoming]) call.lose();
  }
}

/** drachtio's dialog id is made of what the INVITE carries, so it is known before anybody answers. */
function dialogIdFor(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}
