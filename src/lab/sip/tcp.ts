import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls";
import type { TlsIdentity } from "./certificate.ts";
import { TcpFramer } from "./tcp-framer.ts";

/** What a TLS port shows, and what it wants to see. */
export interface TlsOptions {
  readonly identity: TlsIdentity;
  /**
   * PEM of the certificates that others' must be signed by, those of clients too (RFC 3261 §26.3.1: mutual authentication). Left out: everybody's is
   * taken, as drachtio-server does unless it is told otherwise.
   */
  readonly trust?: string;
}

export interface TcpEvents {
  /** One whole message. */
  message(bytes: Buffer, host: string, port: number): void;
  /** A connection could not be made, or broke with something unsent. */
  refused(host: string, port: number): void;
}

/**
 * One TCP or TLS port: takes connections and opens them, one for each far end. What is sent there goes over the one it has; the far end's own requests
 * come over one that it opens, as nobody says `alias` in its Via (RFC 5923 §8).
 */
export class TcpPort {
  private readonly host: string;
  private readonly events: TcpEvents;
  private readonly connections = new Map<string, Socket>();
  private readonly tls: TlsOptions | undefined;
  private server: Server | undefined;

  constructor(host: string, events: TcpEvents, tls?: TlsOptions) {
    this.host = host;
    this.events = events;
    this.tls = tls;
  }

  get port(): number {
    const address = this.server?.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  /** Open connections, for leak checks. */
  get size(): number {
    return this.connections.size;
  }

  /** Listens on the port (0: any). Rejects with the system's error when it is taken. */
  open(port: number): Promise<void> {
    const taken = (socket: Socket) => this.adopt(socket, socket.remoteAddress ?? "", socket.remotePort ?? 0);
    const server = this.tls === undefined ? createServer(taken) : createTlsServer(serverSide(this.tls), taken);
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, this.host, () => {
        server.removeListener("error", reject);
        server.on("error", () => {});
        resolve();
      });
    });
  }

  private adopt(socket: Socket, host: string, port: number): void {
    const key = `${host}:${port}`;
    const framer = new TcpFramer();
    const waiting: Buffer[] = [];
    // One message a turn: what a message sets off, such as the handlers of a dialog that its ACK confirms, must be in place
    // before the next one is looked at. Datagrams come one a turn by themselves.
    const deliver = () => {
      const bytes = waiting.shift();
      if (bytes !== undefined) this.events.message(bytes, host, port);
      if (waiting.length > 0) setImmediate(deliver);
    };
    this.connections.set(key, socket);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      const { messages, broken } = framer.push(chunk);
      const idle = waiting.length === 0;
      waiting.push(...messages);
      if (idle) deliver();
      if (broken) socket.destroy();
    });
    socket.on("error", () => this.events.refused(host, port));
    socket.on("close", () => {
      if (this.connections.get(key) === socket) this.connections.delete(key);
    });
  }

  /** Sends over the connection to that far end, opening one when there is none. */
  send(bytes: Buffer, host: string, port: number): void {
    let socket = this.connections.get(`${host}:${port}`);
    if (socket === undefined || socket.destroyed || socket.writableEnded) {
      socket = this.tls === undefined ? connect({ host, port }) : tlsConnect({ host, port, ...clientSide(this.tls) });
      this.adopt(socket, host, port);
    }
    socket.write(bytes);
  }

  async close(): Promise<void> {
    for (const socket of this.connections.values()) socket.destroy();
    this.connections.clear();
    const server = this.server;
    this.server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function serverSide({ identity, trust }: TlsOptions) {
  return { ...identity, ...(trust !== undefined && { ca: trust, requestCert: true, rejectUnauthorized: true }) };
}

function clientSide({ identity, trust }: TlsOptions) {
  return { ...identity, rejectUnauthorized: trust !== undefined, ...(trust !== undefined && { ca: trust }) };
}
