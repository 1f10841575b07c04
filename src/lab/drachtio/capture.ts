import { createSocket, type Socket } from "node:dgram";
import type { WireMessage } from "../sip/stack.ts";

/** Where copies go, as `<capture-server>` says in drachtio.conf.xml. */
export interface CaptureTarget {
  readonly host: string;
  readonly port: number;
}

const agentId = 1;
const ipv4Family = 2;
const udpProtocol = 17;
/** TLS too: the copy holds what was within it. */
const tcpProtocol = 6;
const sipProtocol = 1;

/**
 * Sends a copy of every SIP message, as drachtio-server does with a capture server: HEP v3 over UDP, the chunks in the order in which the real one
 * writes them (sofia-sip's tport_logging.c, and copies taken from v0.9.10).
 */
export class Capture {
  private readonly target: CaptureTarget;
  private readonly own: () => { readonly host: string; readonly port: number };
  private socket: Socket | undefined;

  /** @param own the address of the SIP port that is copied */
  constructor(target: CaptureTarget, own: () => { readonly host: string; readonly port: number }) {
    this.target = target;
    this.own = own;
  }

  open(): void {
    this.socket = createSocket("udp4");
    // Nobody there: the real one does not mind either.
    this.socket.on("error", () => {});
    this.socket.unref();
  }

  copy(wire: WireMessage): void {
    this.socket?.send(hepPacket(wire, this.own()), this.target.port, this.target.host, () => {});
  }

  close(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    return socket === undefined ? Promise.resolve() : new Promise((resolve) => socket.close(() => resolve()));
  }
}

function hepPacket(wire: WireMessage, own: { readonly host: string; readonly port: number }): Buffer {
  const colon = wire.peer.lastIndexOf(":");
  const peer = { host: wire.peer.slice(0, colon), port: Number(wire.peer.slice(colon + 1)) };
  const [source, target] = wire.direction === "in" ? [peer, own] : [own, peer];
  const chunks = [
    chunk(1, [ipv4Family]),
    chunk(2, [wire.transport === "udp" ? udpProtocol : tcpProtocol]),
    chunk(7, word(source.port, 2)),
    chunk(8, word(target.port, 2)),
    chunk(9, word(Math.floor(wire.at / 1000), 4)),
    chunk(10, word(Math.floor((wire.at % 1000) * 1000), 4)),
    chunk(11, [sipProtocol]),
    chunk(12, word(agentId, 4)),
    chunk(3, source.host.split(".").map(Number)),
    chunk(4, target.host.split(".").map(Number)),
    chunk(15, Buffer.from(wire.text)),
  ];
  const bytes = chunks.reduce((sum, { length }) => sum + length, 6);
  return Buffer.concat([Buffer.from("HEP3"), word(bytes, 2), ...chunks]);
}

/** Vendor 0, type, length with this head, value. */
function chunk(type: number, value: ArrayLike<number>): Buffer {
  return Buffer.concat([word(0, 2), word(type, 2), word(value.length + 6, 2), Buffer.from(value)]);
}

function word(value: number, bytes: 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
