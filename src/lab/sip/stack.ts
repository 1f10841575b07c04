import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { ClientTransaction, type ClientWatcher } from "./client-transaction.ts";
import { responseTo, type SipMessage, type SipRequest, type SipResponse, writeMessage } from "./message.ts";
import { parseMessage } from "./parse.ts";
import { ServerTransaction } from "./server-transaction.ts";
import type { TlsOptions } from "./tcp.ts";
import { type SipTimers, sipTimers } from "./timers.ts";
import { token } from "./token.ts";
import type { TransactionHost } from "./transaction-host.ts";
import { type Peer, Transport, type TransportName } from "./transport.ts";
import { parseUri, parseVia, type SipUri } from "./uri.ts";

/** One message as it passed the wire; books are written from these. */
export interface WireMessage {
  /** Milliseconds since the epoch, by the agent's clock. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly transport: TransportName;
  /** host:port of the far side. */
  readonly peer: string;
  readonly text: string;
  /** The same, parsed; undefined when it could not be read, or is a retransmission we sent. */
  readonly message: SipMessage | undefined;
}

export interface StackOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The IPv4 address to listen on and to name in Via and Contact. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Default UDP and TCP. */
  readonly transports?: readonly TransportName[];
  /** Wanted for the transport tls. 0: any free port. */
  readonly tls?: TlsOptions & { readonly port: number };
  readonly timers?: { readonly t1Ms?: number; readonly inviteResendMs?: number; readonly giveUpMs?: number };
  /** Adds rport to the Via of every request, also when the far side did not ask (as drachtio-server does). */
  readonly alwaysRport?: boolean;
  readonly onWire?: ((wire: WireMessage) => void) | undefined;
}

/** What the stack's user does with what comes in. */
export interface StackEvents {
  /** A new request other than ACK and CANCEL. `text` is what came, Via already completed. */
  request(transaction: ServerTransaction): void;
  /** An ACK to a 2xx. */
  ack(request: SipRequest, peer: Peer): void;
}

/** Transport and transactions of RFC 3261 (§17, §18); knows nothing of dialogs. */
export class SipStack implements TransactionHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  readonly timers: SipTimers;
  private readonly transport: Transport;
  private readonly wantedPort: number;
  private readonly wantedTlsPort: number;
  private readonly events: StackEvents;
  private readonly clients = new Map<string, ClientTransaction>();
  private readonly servers = new Map<string, ServerTransaction>();
  private readonly alwaysRport: boolean;
  private readonly onWire: ((wire: WireMessage) => void) | undefined;

  constructor(options: StackOptions, events: StackEvents) {
    this.clock = options.clock;
    this.random = options.random;
    this.host = options.host;
    this.wantedPort = options.port;
    this.wantedTlsPort = options.tls?.port ?? 0;
    this.timers = sipTimers(options.timers?.t1Ms, options.timers?.inviteResendMs, options.timers?.giveUpMs);
    this.events = events;
    this.alwaysRport = options.alwaysRport ?? false;
    this.onWire = options.onWire;
    const wire = { bytes: (bytes: Buffer, peer: Peer) => this.receive(bytes, peer), unreachable: (peer: Peer) => this.unreachable(peer) };
    this.transport = new Transport(options.host, options.transports ?? ["udp", "tcp"], wire, options.tls);
  }

  /** Of UDP and TCP. */
  get port(): number {
    return this.transport.port("udp");
  }

  portOf(transport: TransportName): number {
    return this.transport.port(transport);
  }

  /** Transactions and connections that are still open. */
  get counts(): { readonly clients: number; readonly servers: number; readonly connections: number } {
    return { clients: this.clients.size, servers: this.servers.size, connections: this.transport.connections };
  }

  /** Rejects with the system's error (EADDRINUSE) when the port is taken. */
  listen(): Promise<void> {
    return this.transport.open(this.wantedPort, this.wantedTlsPort);
  }

  async close(): Promise<void> {
    for (const client of [...this.clients.values()]) client.terminate();
    for (const server of [...this.servers.values()]) server.terminate();
    await this.transport.close();
  }

  newBranch(): string {
    return `z9hG4bK${token(this.random, 13)}`;
  }

  /** The Via value of a request that leaves from here. */
  viaFor(transport: TransportName, branch: string): string {
    return `SIP/2.0/${transport.toUpperCase()} ${this.host}:${this.portOf(transport)};rport;branch=${branch}`;
  }

  /** Whether a request to that URI can leave by the transport it names (RFC 3261 §19.1.1: sips is TLS whatever is said). */
  speaks(uri: string): boolean {
    const parsed = parseUri(uri);
    return parsed === undefined || this.transport.speaks(transportOf(parsed));
  }

  /** Where a request to that URI goes (no DNS: IPv4 literals and localhost); undefined when that cannot be told. */
  peerFor(uri: string): Peer | undefined {
    const parsed = parseUri(uri);
    if (parsed === undefined) return undefined;
    const host = parsed.host.toLowerCase() === "localhost" ? this.host : parsed.host;
    if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.split(".").some((part) => Number(part) > 255)) return undefined;
    const transport = transportOf(parsed);
    return this.transport.speaks(transport) ? { transport, host, port: parsed.port ?? (transport === "tls" ? 5061 : 5060) } : undefined;
  }

  /** Sends a request (its first Via must carry `branch`) and follows its transaction. */
  send(request: SipRequest, peer: Peer, branch: string, watcher: ClientWatcher): ClientTransaction {
    const transaction = new ClientTransaction(this, request, peer, branch, watcher);
    this.clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  sendCancel(request: SipRequest, peer: Peer, branch: string): void {
    this.send(request, peer, branch, { response() {}, failed() {} });
  }

  forget(transaction: { readonly key: string }): void {
    if (this.clients.get(transaction.key) === transaction) this.clients.delete(transaction.key);
    else if (this.servers.get(transaction.key) === transaction) this.servers.delete(transaction.key);
  }

  transmit(text: string, peer: Peer, tracked: boolean, message?: SipMessage): void {
    this.onWire?.({ at: this.clock.now(), direction: "out", transport: peer.transport, peer: `${peer.host}:${peer.port}`, text, message });
    this.transport.send(text, peer, tracked);
  }

  private unreachable(peer: Peer): void {
    for (const client of [...this.clients.values()]) {
      const same = client.peer.transport === peer.transport && client.peer.port === peer.port && client.peer.host === peer.host;
      if (same) client.fail("unreachable");
    }
  }

  private receive(bytes: Buffer, peer: Peer): void {
    // Keep-alives of RFC 5626 and stray line ends.
    if (bytes.length <= 4 && bytes.toString("latin1").trim() === "") return;
    const parsed = parseMessage(bytes);
    const message = parsed.ok ? parsed.message : undefined;
    if (this.onWire !== undefined) {
      const text = message?.raw ?? bytes.toString("utf8");
      this.onWire({ at: this.clock.now(), direction: "in", transport: peer.transport, peer: `${peer.host}:${peer.port}`, text, message });
    }
    if (!parsed.ok) {
      if (parsed.answer !== undefined) this.refuse(parsed.answer.request, parsed.answer.status, peer, parsed.why);
    } else if (parsed.message.kind === "response") this.receiveResponse(parsed.message, peer);
    else this.receiveRequest(parsed.message, peer);
  }

  private refuse(request: SipRequest, status: number, peer: Peer, why: string): void {
    completeVia(request, peer, this.alwaysRport);
    const response = responseTo(request, status, { toTag: token(this.random, 10), headers: { Warning: `399 carillon "${why}"` } });
    this.transmit(writeMessage(response), responsePeer(request, peer), false, response);
  }

  private receiveResponse(response: SipResponse, peer: Peer): void {
    const via = parseVia(response.headers.list("via")[0] ?? "");
    const method = (response.headers.get("cseq") ?? "").split(/\s+/)[1] ?? "";
    this.clients.get(`${via?.params.get("branch") ?? ""}|${method}`)?.receive(response, peer);
  }

  private receiveRequest(request: SipRequest, from: Peer): void {
    completeVia(request, from, this.alwaysRport);
    const peer = responsePeer(request, from);
    const key = serverKey(request);
    if (request.method === "ACK") {
      const invite = this.servers.get(`${key}|INVITE`);
      invite?.acknowledge();
      // A 2xx's ACK has a branch of its own; SIPp and others reuse the INVITE's.
      if (invite === undefined || invite.wasAccepted) this.events.ack(request, from);
      return;
    }
    const known = this.servers.get(`${key}|${request.method}`);
    if (known !== undefined) {
      known.repeat();
      return;
    }
    const transaction = new ServerTransaction(this, request, peer, `${key}|${request.method}`, token(this.random, 12));
    this.servers.set(transaction.key, transaction);
    if (request.method === "CANCEL") this.receiveCancel(transaction, key);
    else this.events.request(transaction);
  }

  private receiveCancel(cancel: ServerTransaction, key: string): void {
    const invite = this.servers.get(`${key}|INVITE`);
    if (invite === undefined) {
      cancel.reply(481);
      return;
    }
    cancel.reply(200, { toTag: invite.localTag });
    // After a final response a CANCEL has no effect (RFC 3261 §9.2).
    if (invite.isOpen) invite.onCancel?.(cancel.request, writeMessage(cancel.request));
  }
}

function transportOf({ scheme, params }: SipUri): TransportName {
  const named = params.get("transport")?.toLowerCase();
  if (scheme === "sips" || named === "tls") return "tls";
  return named === "tcp" ? "tcp" : "udp";
}

/** Adds received and rport to the top Via (RFC 3261 §18.2.1, RFC 3581 §4); `always`: rport also when it was not asked for. */
function completeVia(request: SipRequest, peer: Peer, always: boolean): void {
  const line = request.headers.get("via") ?? "";
  const comma = line.indexOf(",");
  const top = comma === -1 ? line : line.slice(0, comma);
  const via = parseVia(top);
  if (via === undefined) return;
  let text = top;
  if (via.params.get("rport") === "") text = text.replace(/;\s*rport(?=;|\s*$)/i, `;rport=${peer.port}`);
  else if (always && !via.params.has("rport")) text += `;rport=${peer.port}`;
  if (via.host !== peer.host) text += `;received=${peer.host}`;
  if (text !== top) request.headers.setFirst("via", comma === -1 ? text : text + line.slice(comma));
}

/** Where responses go (RFC 3261 §18.2.2, RFC 3581 §4): back along the connection, or to the source with rport, or to the Via's port. */
function responsePeer(request: SipRequest, peer: Peer): Peer {
  if (peer.transport !== "udp") return peer;
  const via = parseVia(request.headers.list("via")[0] ?? "");
  if (via === undefined || via.params.has("rport")) return peer;
  return { transport: "udp", host: peer.host, port: via.port ?? 5060 };
}

/** RFC 3261 §17.2.3; without the magic cookie, the fields RFC 2543 matched by. */
function serverKey(request: SipRequest): string {
  const via = parseVia(request.headers.list("via")[0] ?? "");
  const branch = via?.params.get("branch") ?? "";
  const sentBy = `${via?.host}:${via?.port ?? 5060}`;
  if (branch.toLowerCase().startsWith("z9hg4bk")) return `${branch}|${sentBy}`;
  const cseq = (request.headers.get("cseq") ?? "").split(/\s+/)[0];
  return `${branch}|${sentBy}|${request.uri}|${request.headers.get("call-id")}|${request.headers.get("from")}|${cseq}`;
}
