import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

/** What a UDP port tells its owner. */
export interface UdpEvents {
  datagram(bytes: Buffer, host: string, port: number): void;
  /** ICMP said that nobody listens there. */
  refused(host: string, port: number): void;
}

interface Line {
  readonly socket: Socket;
  connected: boolean;
  readonly waiting: Buffer[];
}

/** Past this many far ends the line used longest ago is closed; what its peer sends then arrives on the main socket again. */
const maxLines = 256;

/**
 * One UDP port that learns of ICMP "port unreachable". An unconnected socket never hears of it, so each far end that is sent a request gets a socket of
 * its own, bound to the same port (SO_REUSEADDR) and connected; whatever arrives on any of them is treated alike.
 */
export class UdpPort {
  private readonly host: string;
  private readonly events: UdpEvents;
  private readonly lines = new Map<string, Line>();
  private main: Socket | undefined;
  private boundPort = 0;

  constructor(host: string, events: UdpEvents) {
    this.host = host;
    this.events = events;
  }

  get port(): number {
    return this.boundPort;
  }

  /** Binds the port (0: any). Rejects with the system's error when it is taken. */
  async open(port: number): Promise<void> {
    // First without SO_REUSEADDR, or an ephemeral port could be one that another agent of this machine holds.
    const probe = createSocket({ type: "udp4" });
    await bound(probe, port, this.host);
    const chosen = probe.address().port;
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    const socket = this.newSocket();
    await bound(socket, chosen, this.host);
    this.main = socket;
    this.boundPort = chosen;
  }

  private newSocket(): Socket {
    const socket = createSocket({ type: "udp4", reuseAddr: true, recvBufferSize: 1 << 20 });
    socket.on("message", (bytes: Buffer, from: RemoteInfo) => this.events.datagram(bytes, from.address, from.port));
    return socket;
  }

  /** Sends from the port, without interest in ICMP. Errors of the send itself are lost, as datagrams may be. */
  send(bytes: Buffer, host: string, port: number): void {
    this.main?.send(bytes, port, host, () => {});
  }

  /** Sends from the port; `refused` will say when nobody listens there. */
  sendTracked(bytes: Buffer, host: string, port: number): void {
    const key = `${host}:${port}`;
    const line = this.lines.get(key);
    if (line === undefined) this.openLine(key, host, port, bytes);
    else if (line.connected) line.socket.send(bytes, this.sent(host, port));
    else line.waiting.push(bytes);
  }

  private sent(host: string, port: number): (error: Error | null) => void {
    return (error) => {
      if (error !== null) this.events.refused(host, port);
    };
  }

  private openLine(key: string, host: string, port: number, first: Buffer): void {
    if (this.lines.size >= maxLines) this.closeOldest();
    const socket = this.newSocket();
    const line: Line = { socket, connected: false, waiting: [first] };
    this.lines.set(key, line);
    socket.on("error", () => this.events.refused(host, port));
    socket.bind({ port: this.boundPort, address: this.host }, () => {
      if (this.main === undefined) return;
      socket.connect(port, host, () => {
        line.connected = true;
        for (const bytes of line.waiting.splice(0)) socket.send(bytes, this.sent(host, port));
      });
    });
  }

  private closeOldest(): void {
    for (const [key, line] of this.lines) {
      if (!line.connected) continue;
      this.lines.delete(key);
      line.socket.close();
      return;
    }
  }

  async close(): Promise<void> {
    const sockets = [...this.lines.values()].map((line) => line.socket);
    if (this.main !== undefined) sockets.push(this.main);
    this.lines.clear();
    this.main = undefined;
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }
}

function bound(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port, address: host }, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {});
      resolve();
    });
  });
}
