import { TcpPort, type TlsOptions } from "./tcp.ts";
import { UdpPort } from "./udp.ts";

export type TransportName = "udp" | "tcp" | "tls";

/** A far end: where a message came from or goes to. */
export interface Peer {
  readonly transport: TransportName;
  readonly host: string;
  readonly port: number;
}

export interface TransportEvents {
  /** The bytes of one message, or of one datagram. */
  bytes(bytes: Buffer, peer: Peer): void;
  /** Nobody listens there (ICMP port unreachable, TCP refused or reset). */
  unreachable(peer: Peer): void;
}

/** UDP and TCP on the same port number of one address, and TLS on another. */
export class Transport {
  private readonly host: string;
  private readonly udp: UdpPort | undefined;
  private readonly tcp: TcpPort | undefined;
  private readonly tls: TcpPort | undefined;

  /** @param tls what TLS shows; without it there is none */
  constructor(host: string, names: readonly TransportName[], events: TransportEvents, tls?: TlsOptions) {
    this.host = host;
    if (names.includes("udp")) {
      this.udp = new UdpPort(host, {
        datagram: (bytes, from, port) => events.bytes(bytes, { transport: "udp", host: from, port }),
        refused: (to, port) => events.unreachable({ transport: "udp", host: to, port }),
      });
    }
    if (names.includes("tcp")) {
      this.tcp = new TcpPort(host, {
        message: (bytes, from, port) => events.bytes(bytes, { transport: "tcp", host: from, port }),
        refused: (to, port) => events.unreachable({ transport: "tcp", host: to, port }),
      });
    }
    if (names.includes("tls") && tls !== undefined) {
      const tlsEvents = {
        message: (bytes: Buffer, from: string, port: number) => events.bytes(bytes, { transport: "tls", host: from, port }),
        refused: (to: string, port: number) => events.unreachable({ transport: "tls", host: to, port }),
      };
      this.tls = new TcpPort(host, tlsEvents, tls);
    }
  }

  /** Of UDP and TCP, or of TLS. */
  port(name: TransportName): number {
    return (name === "tls" ? this.tls?.port : (this.tcp?.port ?? this.udp?.port)) ?? 0;
  }

  get connections(): number {
    return (this.tcp?.size ?? 0) + (this.tls?.size ?? 0);
  }

  /** Rejects with the system's error (EADDRINUSE) when a port is taken. With port 0, tries until one is free on both UDP and TCP. */
  async open(port: number, tlsPort: number): Promise<void> {
    await this.openBoth(port);
    try {
      await this.tls?.open(tlsPort);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async openBoth(port: number): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      await this.tcp?.open(port);
      try {
        await this.udp?.open(this.tcp === undefined ? port : this.tcp.port);
        return;
      } catch (error) {
        await this.tcp?.close();
        if (port !== 0 || tries === 20) throw error;
      }
    }
  }

  /** Whether this side can speak that transport. */
  speaks(name: TransportName): boolean {
    return { udp: this.udp, tcp: this.tcp, tls: this.tls }[name] !== undefined;
  }

  /** `tracked`: whether `unreachable` should be told (for requests). */
  send(text: string, peer: Peer, tracked: boolean): void {
    const bytes = Buffer.from(text);
    const host = peer.host === "localhost" ? this.host : peer.host;
    if (peer.transport === "tls") this.tls?.send(bytes, host, peer.port);
    else if (peer.transport === "tcp") this.tcp?.send(bytes, host, peer.port);
    else if (tracked) this.udp?.sendTracked(bytes, host, peer.port);
    else this.udp?.send(bytes, host, peer.port);
  }

  async close(): Promise<void> {
    await Promise.all([this.udp?.close(), this.tcp?.close(), this.tls?.close()]);
  }
}
