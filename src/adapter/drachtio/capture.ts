import { createSocket, type RemoteInfo } from "node:dgram";
import { Fault } from "../../kernel/fault.ts";

/** A SIP message that drachtio-server received or sent, as its copy tells it. */
export interface Captured {
  readonly text: string;
  /** Where it came from. */
  readonly from: { readonly host: string; readonly port: number; readonly transport: "udp" | "tcp" };
}

/** Where the copies are taken; `port` 0 takes any free one. */
export interface CaptureAddress {
  readonly host: string;
  readonly port: number;
}

export interface Capture {
  readonly port: number;
  close(): Promise<void>;
}

/* Chunk types of HEP v3 (HEP3 Network Protocol Specification, revision 36, "Chunk types"), all of vendor 0. */
const protocolChunk = 2;
const sourceIpv4Chunk = 3;
const sourceIpv6Chunk = 5;
const sourcePortChunk = 7;
const payloadChunk = 15;

const headBytes = 6;
const tcpProtocol = 6;
/** A burst of calls must not overrun the socket: a copy that is lost is a person who may be left in silence. */
const receiveBufferBytes = 1 << 20;

/**
 * Reads one HEP v3 packet, the copy of one SIP message.
 * @returns undefined for anything else
 */
export function readCapture(packet: Buffer): Captured | undefined {
  if (packet.length < headBytes || packet.toString("latin1", 0, 4) !== "HEP3") return undefined;
  const end = Math.min(packet.length, packet.readUInt16BE(4));
  let text: string | undefined;
  let host = "";
  let port = 0;
  let transport: "udp" | "tcp" = "udp";
  for (let at = headBytes; at + headBytes <= end; ) {
    const [vendor, type, length] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 2), packet.readUInt16BE(at + 4)];
    if (length < headBytes || at + length > end) return undefined;
    const value = packet.subarray(at + headBytes, at + length);
    if (vendor === 0) {
      if (type === protocolChunk && value.length === 1) transport = value[0] === tcpProtocol ? "tcp" : "udp";
      else if (type === sourceIpv4Chunk && value.length === 4) host = value.join(".");
      else if (type === sourceIpv6Chunk && value.length === 16) host = `[${value.toString("hex").replace(/(....)(?=.)/g, "$1:")}]`;
      else if (type === sourcePortChunk && value.length === 2) port = value.readUInt16BE();
      else if (type === payloadChunk) text = value.toString();
    }
    at += length;
  }
  return text === undefined || host === "" ? undefined : { text, from: { host, port, transport } };
}

/**
 * Takes the copies that drachtio-server sends of its SIP (`<capture-server>` in its configuration).
 * @throws Fault `port-unavailable`
 */
export function openCapture(address: CaptureAddress, take: (captured: Captured) => void): Promise<Capture> {
  const socket = createSocket({ type: address.host.includes(":") ? "udp6" : "udp4", recvBufferSize: receiveBufferBytes });
  socket.on("message", (packet: Buffer, _from: RemoteInfo) => {
    const captured = readCapture(packet);
    if (captured) take(captured);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const advice = "Choose another drachtio.capturePort, and the same one in drachtio.conf.xml, or another drachtio.captureAddress.";
      reject(
        new Fault("port-unavailable", `Cannot take copies of SIP at ${address.host}:${address.port} (${error.code}). ${advice}`, { cause: error }),
      );
    });
    socket.bind(address.port, address.host, () => {
      socket.removeAllListeners("error");
      // An ICMP complaint about a packet we never sent must not end the process.
      socket.on("error", () => {});
      resolve({ port: socket.address().port, close: () => new Promise((closed) => socket.close(() => closed())) });
    });
  });
}
