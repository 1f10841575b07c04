import { calleeDialog } from "../sip/dialog-state.ts";
import type { Headers } from "../sip/headers.ts";
import { responseTo, type SipRequest, writeMessage } from "../sip/message.ts";
import { cseqOf } from "../sip/parse.ts";
import type { ServerTransaction } from "../sip/server-transaction.ts";
import { SuccessRepeater } from "../sip/success-repeater.ts";
import type { Peer } from "../sip/transport.ts";
import { tagOf } from "../sip/uri.ts";
import type { AppConnection } from "./app-connection.ts";
import { type AppMessage, contentTypeOf, inServerOrder, passedOn } from "./app-message.ts";
import { type DrachtioDialog, dialogIdOf } from "./drachtio-dialog.ts";
import type { Routes } from "./routes.ts";
import type { ServerCore } from "./server-core.ts";

/** A request from the network that an app must answer. */
interface Pending {
  readonly transaction: ServerTransaction;
  readonly app: AppConnection;
  /** The dialog it came in; undefined outside dialogs. */
  readonly dialog: DrachtioDialog | undefined;
}

const gone = "Call/Transaction Does Not Exist";

/** Requests from the network, and what apps answer to them. */
export class NetworkRequests {
  private readonly core: ServerCore;
  private readonly routes: Routes;
  private readonly pending = new Map<string, Pending>();

  constructor(core: ServerCore, routes: Routes) {
    this.core = core;
    this.routes = routes;
  }

  get size(): number {
    return this.pending.size;
  }

  /** A new request other than ACK and CANCEL. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    const localTag = tagOf(request.headers.get("to"));
    if (request.method === "INVITE") transaction.respond(responseTo(request, 100));
    if (localTag === undefined && request.method !== "BYE") this.receiveOutside(transaction);
    else {
      const remoteTag = tagOf(request.headers.get("from")) ?? "";
      const dialog = this.core.dialogs.find(request.headers.get("call-id") ?? "", localTag ?? "", remoteTag);
      if (dialog === undefined) transaction.reply(481, { reason: gone });
      else this.receiveInside(transaction, dialog);
    }
  }

  private receiveOutside(transaction: ServerTransaction): void {
    const { request, peer } = transaction;
    const app = this.routes.pick(request.method);
    if (app === undefined) {
      transaction.reply(503);
      return;
    }
    const transactionId = this.keep(transaction, app, undefined);
    const text = this.core.receivedText(request);
    const meta = this.core.networkMeta(Buffer.byteLength(text), peer.transport, peer.host, peer.port);
    app.tell(`${meta}|${transactionId}||${this.core.stack.host}|${this.core.stack.port}`, text);
    transaction.onCancel = (cancel) => this.cancelled(transaction, transactionId, app, cancel);
  }

  private keep(transaction: ServerTransaction, app: AppConnection, dialog: DrachtioDialog | undefined): string {
    const transactionId = this.core.newId();
    this.pending.set(transactionId, { transaction, app, dialog });
    // An app that never answers does not hold the transaction for ever; an INVITE may ring.
    if (transaction.request.method !== "INVITE") {
      const { clock, timers } = this.core.stack;
      const timer = clock.after(timers.giveUpMs, () => {
        if (this.pending.delete(transactionId)) transaction.terminate();
      });
      transaction.onTerminated = () => timer.cancel();
    }
    return transactionId;
  }

  /** The caller gave up: the stack has answered the CANCEL, the server answers the INVITE, the app is told (transcript 04i). */
  private cancelled(transaction: ServerTransaction, transactionId: string, app: AppConnection, cancel: SipRequest): void {
    if (!this.pending.delete(transactionId)) return;
    transaction.reply(487);
    const { request, peer } = transaction;
    const dialogId = dialogIdOf(request.headers.get("call-id") ?? "", tagOf(request.headers.get("from")) ?? "");
    const text = this.core.receivedText(cancel);
    app.tell(`${this.core.networkMeta(Buffer.byteLength(text), peer.transport, peer.host, peer.port)}|${transactionId}|${dialogId}`, text);
  }

  private receiveInside(transaction: ServerTransaction, dialog: DrachtioDialog): void {
    const { request, peer } = transaction;
    const cseq = cseqOf(request)?.number ?? 0;
    if (dialog.state.remoteCseq !== undefined && cseq < dialog.state.remoteCseq) {
      transaction.reply(500);
      return;
    }
    dialog.state.remoteCseq = cseq;
    if (request.method === "BYE") this.core.dialogs.remove(dialog);
    if (!dialog.owner.isOpen) {
      // Its app died: no other app is asked (transcript 08c).
      transaction.reply(481, { reason: gone });
      return;
    }
    // A re-INVITE's Contact does not become the target of our requests, against RFC 3261 §12.2.2: the server keeps the first one (transcript 04f).
    const transactionId = this.keep(transaction, dialog.owner, dialog);
    const text = this.core.receivedText(request);
    dialog.owner.tell(`${this.core.networkMeta(Buffer.byteLength(text), peer.transport, peer.host, peer.port)}|${transactionId}|${dialog.id}`, text);
    transaction.onCancel = (cancel) => this.cancelled(transaction, transactionId, dialog.owner, cancel);
  }

  /** The ACK of a 2xx an app sent. It has no protocol token, and the INVITE's transaction id when that INVITE made the dialog. */
  acknowledged(request: SipRequest, peer: Peer): void {
    const localTag = tagOf(request.headers.get("to")) ?? "";
    const dialog = this.core.dialogs.find(request.headers.get("call-id") ?? "", localTag, tagOf(request.headers.get("from")) ?? "");
    if (dialog?.repeater === undefined) return;
    dialog.repeater.stop();
    dialog.repeater = undefined;
    const initial = cseqOf(request)?.number === dialog.state.remoteCseq && dialog.ackedOnce === false;
    dialog.ackedOnce = true;
    const text = this.core.receivedText(request);
    const transactionId = initial ? dialog.inviteTransactionId : this.core.newId();
    dialog.owner.tell(`${this.core.networkMeta(Buffer.byteLength(text), "", peer.host, peer.port)}|${transactionId}|${dialog.id}`, text);
  }

  /** A response an app sends to a request from the network. */
  respond(app: AppConnection, id: string, transactionId: string, message: AppMessage): void {
    const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/.exec(message.startLine);
    const pending = this.pending.get(transactionId);
    if (match === null || pending === undefined || !pending.transaction.isOpen) {
      app.reply(id, "NOK", "Response not sent due to unknown transaction");
      return;
    }
    const { transaction, dialog } = pending;
    const { request, peer } = transaction;
    const status = Number(match[1]);
    const base = responseTo(request, status, { reason: match[2] ?? "", toTag: transaction.localTag });
    for (const [name, value] of passedOn(message)) base.headers.append(name, value);
    const isInvite = request.method === "INVITE";
    if (isInvite && status >= 200 && status < 300 && !base.headers.has("contact")) base.headers.append("Contact", this.core.contact(peer.transport));
    const contentType = message.body === "" ? undefined : contentTypeOf(message);
    if (contentType !== undefined) base.headers.append("Content-Type", contentType);
    const response = { ...base, headers: inServerOrder(base.headers), body: message.body };
    const text = transaction.respond(response) ?? writeMessage(response);
    if (status >= 200) this.pending.delete(transactionId);
    const dialogId = isInvite ? dialogIdOf(request.headers.get("call-id") ?? "", this.callerTag(request, dialog)) : "";
    const protocol = isInvite ? peer.transport : "";
    const meta = `application|${Buffer.byteLength(text)}|${protocol}|${peer.host}|${peer.port}|${this.core.now()}`;
    app.reply(id, "OK", `${meta}|${transactionId}|${dialogId}||Msg sent:|\r\n${text}`);
    if (isInvite && status >= 200 && status < 300)
      this.answered(app, transaction, transactionId, dialog, response.headers, () => void transaction.respond(response));
  }

  private callerTag(request: SipRequest, dialog: DrachtioDialog | undefined): string {
    return dialog === undefined ? (tagOf(request.headers.get("from")) ?? "") : dialog.id.slice(dialog.id.lastIndexOf("=") + 1);
  }

  private answered(
    app: AppConnection,
    transaction: ServerTransaction,
    transactionId: string,
    known: DrachtioDialog | undefined,
    headers: Headers,
    repeat: () => void,
  ): void {
    const dialog = known ?? this.newDialog(app, transaction, transactionId, headers);
    const { clock, timers } = this.core.stack;
    dialog.repeater = new SuccessRepeater(clock, timers, repeat, () => {
      dialog.repeater = undefined;
      this.core.terminate(dialog, 'SIP ;cause=200 ;text="ACK timeout"');
    });
  }

  private newDialog(app: AppConnection, transaction: ServerTransaction, transactionId: string, headers: Headers): DrachtioDialog {
    const state = calleeDialog(transaction.request, transaction.localTag);
    const dialog: DrachtioDialog = {
      id: dialogIdOf(state.callId, state.remoteTag),
      state,
      owner: app,
      contact: headers.get("contact") ?? this.core.contact(transaction.peer.transport),
      inviteTransactionId: transactionId,
      ackCseq: undefined,
      lastAck: undefined,
      ackedOnce: false,
      byeAfterAck: false,
      repeater: undefined,
    };
    this.core.dialogs.add(dialog);
    return dialog;
  }
}
