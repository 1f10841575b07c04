import { randomBytes } from "node:crypto";
import { type Clock, pause } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Invitation, InviteEnd, InviteRequest, InviteWatcher, LegName, Signalling } from "../../voice/ports.ts";
import type { DrachtioConnection } from "./connection.ts";
import { DrachtioDialog } from "./dialog.ts";
import { crossedCancel, failureOf, lostEnd } from "./failure.ts";
import type { RequestOptions, SipDialog, SipRequest } from "./srf.ts";

/** How often a conversation that was taken over is asked after. */
const adoptedCheckMs = 1000;

/** `Signalling` over drachtio-srf. */
export class DrachtioSignalling implements Signalling {
  readonly #connection: DrachtioConnection;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #dialogs = new Set<DrachtioDialog>();
  readonly #pending = new Set<(end: InviteEnd) => void>();

  constructor(connection: DrachtioConnection, clock: Clock, log: Log) {
    this.#connection = connection;
    this.#clock = clock;
    this.#log = log;
    connection.onLost = () => this.#lose();
  }

  get ready(): boolean {
    return this.#connection.ready;
  }

  /** Legs and INVITEs not yet over, for the leak check. */
  get open(): number {
    return this.#dialogs.size + this.#pending.size;
  }

  nameLeg(): LegName {
    // Who knew both could end the call from anywhere: 96 and 72 random bits (RFC 3261 §19.3 wants at least 32 for a tag).
    const callId = randomBytes(12).toString("hex");
    const fromTag = randomBytes(9).toString("hex");
    return { callId, fromTag, dialogId: dialogIdFor(callId, fromTag) };
  }

  invite(request: InviteRequest, watcher: InviteWatcher): Invitation {
    const sent = Promise.withResolvers<Awaited<Invitation["sent"]>>();
    const end = Promise.withResolvers<InviteEnd>();
    let sentRequest: SipRequest | undefined;
    let cancelWanted = false;
    let over = false;
    const finish = (result: InviteEnd) => {
      over = true;
      this.#pending.delete(finish);
      sent.resolve(undefined);
      end.resolve(result);
    };
    this.#pending.add(finish);
    const cancel = () => {
      cancelWanted = true;
      if (over || !sentRequest) return;
      sentRequest.cancel({ headers: { Reason: 'SIP;cause=487;text="ring time-out"' } }, () => {});
    };
    const answered = (dialog: SipDialog) => {
      const owned = this.#own(dialog);
      if (over || cancelWanted) {
        // The answer crossed our CANCEL, or is a further branch of a fork: acknowledged by the library, ended here.
        this.#log.info(
          { callId: dialog.sip.callId },
          over ? "ending another answer of a forked call" : "ending a call answered while it was being canceled",
        );
        owned.end().then(() => finish(crossedCancel));
        return;
      }
      finish({ answered: true, dialog: owned, sdp: dialog.remote.sdp });
    };
    try {
      this.#connection.srf.createUAC(
        request.uri,
        {
          localSdp: request.sdp,
          headers: { ...request.headers, ...namesOf(request), Expires: String(request.expiresS), "Content-Type": "application/sdp" },
          ...(request.auth && { auth: { ...request.auth } }),
        },
        {
          cbRequest(error, inviteSent) {
            if (error || !inviteSent) return;
            sentRequest = inviteSent;
            sent.resolve({
              transactionId: inviteSent.stackTxnId,
              callId: inviteSent.get("Call-ID") ?? "",
              dialogId: dialogIdOf(inviteSent),
            });
            if (cancelWanted) cancel();
          },
          cbProvisional(response) {
            if (!over) watcher.provisional(response.status, response.body || undefined);
          },
        },
        (error, dialog) => {
          if (dialog) answered(dialog);
          else if (!over) finish({ answered: false, failure: failureOf(error) });
        },
      );
    } catch (error) {
      // drachtio-srf asserts on a socket while it is reconnecting.
      this.#log.warn({ err: error }, "INVITE not sent");
      finish(lostEnd);
    }
    return { sent: sent.promise, end: end.promise, cancel };
  }

  endDialog(dialogId: string): Promise<"ended" | "gone"> {
    return this.#reap({ method: "BYE", uri: "sip:placeholder", stackDialogId: dialogId, headers: {} });
  }

  /**
   * drachtio-server answers a BYE in a dead process's dialog with 481 by itself and forgets the dialog without a word, so
   * the dialog is asked after, again and again, with an OPTIONS inside it (RFC 3261 §11).
   */
  async adopt(dialogId: string): Promise<void> {
    const options = { method: "OPTIONS", uri: "sip:placeholder", stackDialogId: dialogId, headers: {} } as const;
    while (this.ready && (await this.#ask(options)) === "known") await pause(this.#clock, adoptedCheckMs);
  }

  cancelTransaction(transactionId: string): Promise<"ended" | "gone"> {
    return this.#reap({ method: "CANCEL", uri: "sip:placeholder", stackTxnId: transactionId, headers: {} });
  }

  /** Sends a request on a leg that another process made. drachtio-server does not tie legs to connections. */
  async #reap(options: RequestOptions): Promise<"ended" | "gone"> {
    return (await this.#ask(options)) === "unknown" ? "gone" : "ended";
  }

  /** Whether drachtio-server knows the leg a request is for, and, where it has an answer, the far side too. */
  #ask(options: RequestOptions): Promise<"known" | "unknown"> {
    return new Promise((resolve) => {
      try {
        this.#connection.srf.request(options, (error, request) => {
          if (error || !request) return resolve("unknown");
          // The 200 to a CANCEL is not passed up by drachtio-server.
          if (options.method === "CANCEL") return resolve("known");
          request.on("response", ({ status }) => resolve(status === 481 || status === 408 ? "unknown" : "known"));
        });
      } catch {
        resolve("unknown");
      }
    });
  }

  #own(dialog: SipDialog): DrachtioDialog {
    const owned = new DrachtioDialog(dialog, this.#clock);
    this.#dialogs.add(owned);
    owned.ended.then(() => this.#dialogs.delete(owned));
    return owned;
  }

  #lose(): void {
    for (const dialog of [...this.#dialogs]) dialog.lose();
    for (const finish of [...this.#pending]) finish(lostEnd);
  }
}

/** drachtio's dialog id is made of what the INVITE already carries, so it is known before anybody answers. */
function dialogIdOf(invite: SipRequest): string {
  return dialogIdFor(invite.get("Call-ID") ?? "", invite.getParsedHeader("From").params?.["tag"] ?? "");
}

function dialogIdFor(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}

/** Spelled as drachtio-srf spells them itself when it repeats an INVITE with credentials: else they would stand there twice. */
function namesOf({ from, leg }: InviteRequest): Record<string, string> {
  return leg ? { From: `<${from}>;tag=${leg.fromTag}`, "call-id": leg.callId } : { From: `<${from}>` };
}
