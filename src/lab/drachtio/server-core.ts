import type { Log } from "../../kernel/log.ts";
import { dialogRequest, nextHop } from "../sip/dialog-state.ts";
import { type SipRequest, type SipResponse, writeMessage } from "../sip/message.ts";
import type { SipStack } from "../sip/stack.ts";
import { uuid } from "../sip/token.ts";
import type { Peer, TransportName } from "../sip/transport.ts";
import { timeToken } from "./admin-frame.ts";
import { inServerOrder } from "./app-message.ts";
import type { DialogTable, DrachtioDialog } from "./drachtio-dialog.ts";

/** By which transport a request leaves, and its transaction. */
export interface Way {
  readonly transport: TransportName;
  readonly branch: string;
}

/** What the halves of the server share: the SIP stack, the dialogs, and how messages are written to apps. */
export class ServerCore {
  readonly stack: SipStack;
  readonly dialogs: DialogTable;
  readonly log: Log;

  constructor(stack: SipStack, dialogs: DialogTable, log: Log) {
    this.stack = stack;
    this.dialogs = dialogs;
    this.log = log;
  }

  newId(): string {
    return uuid(this.stack.random);
  }

  /** host:port of the SIP side. */
  hostport(transport: TransportName = "udp"): string {
    return `${this.stack.host}:${this.stack.portOf(transport)}`;
  }

  /** The server's own Contact: of TLS it is a sips one (measured on v1.0.0, as all of TLS), and every transport but UDP is named. */
  contact(transport: TransportName = "udp"): string {
    const parameter = transport === "udp" ? "" : `;transport=${transport}`;
    return `<${transport === "tls" ? "sips" : "sip"}:${this.hostport(transport)}${parameter}>`;
  }

  /** The Via value of a request; the server leaves out the transport's own port, and rport on TCP and TLS (transcript 04j). */
  viaFor(transport: TransportName, branch: string): string {
    const number = this.stack.portOf(transport);
    const port = number === (transport === "tls" ? 5061 : 5060) ? "" : `:${number}`;
    return `SIP/2.0/${transport.toUpperCase()} ${this.stack.host}${port};${transport === "udp" ? "rport;" : ""}branch=${branch}`;
  }

  now(): string {
    return timeToken(this.stack.clock.now());
  }

  /** Meta tokens of a message from the network, up to the transaction id. */
  networkMeta(bytes: number, protocol: string, host: string, port: number): string {
    return `network|${bytes}|${protocol}|${host}|${port}|${this.now()}`;
  }

  /** Meta tokens of a request the app sent: over UDP our own address, over TCP and TLS the far end's (transcript 04j). */
  sentMeta(text: string, peer: Peer | undefined): string {
    if (peer === undefined) return `application|0|unknown||0|${this.now()}`;
    const [host, port] = peer.transport === "udp" ? [this.stack.host, this.stack.port] : [peer.host, peer.port];
    return `application|${Buffer.byteLength(text)}|${peer.transport}|${host}|${port}|${this.now()}`;
  }

  /** The text of a message from the network, its top Via completed. */
  receivedText(message: SipRequest | SipResponse): string {
    const { raw } = message;
    if (raw === undefined) return writeMessage(message);
    if (message.kind === "response") return raw;
    const via = message.headers.get("via") ?? "";
    return raw.replace(/^(via|v)([ \t]*:[ \t]*)[^\r\n]*/im, (_line, name: string, colon: string) => `${name}${colon}${via}`);
  }

  /** Ends a dialog by the server's own decision: BYE to the far side, and its owner is told of it as of an unsolicited BYE. */
  terminate(dialog: DrachtioDialog, reason: string): void {
    const { stack } = this;
    const peer = stack.peerFor(nextHop(dialog.state));
    const branch = stack.newBranch();
    const base = dialogRequest(dialog.state, "BYE");
    base.headers.prepend("Via", this.viaFor(peer?.transport ?? "udp", branch)).append("Reason", reason);
    const request: SipRequest = { ...base, headers: inServerOrder(base.headers) };
    this.dialogs.remove(dialog);
    const text = writeMessage(request);
    if (peer !== undefined) stack.send(request, peer, branch, { response() {}, failed() {} });
    dialog.owner.tell(`${this.sentMeta(text, peer)}|unsolicited|${dialog.id}`, text);
  }
}
