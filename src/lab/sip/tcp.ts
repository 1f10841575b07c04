import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { TcpFramer } from "./tcp-framer.ts";

export interface TcpEvents {
  /** One whole message. */
  message(bytes: Buffer, host: string, port: number): void;
  /** A connection could not be made, or broke with something unsent. */
  refused(host: string, port: number): void;
}

/** One TCP port: takes connections and opens them, one for each far end. */
export class TcpPort {
  private readonly host: string;
  private readonly events: TcpEvents;
  private readonly connections = new Map<string, Socket>();
  private server: Server | undefined;

  constructor(host: string, events: TcpEvents) {
    this.host = host;
    this.events = events;
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
    const server = createServer((socket) => this.adopt(socket, socket.remoteAddress ?? "", socket.remotePort ?? 0));
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
      socket = connect({ host, port });
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
