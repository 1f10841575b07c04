import { randomInt } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { Fault } from "../../kernel/fault.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import { frameSamples } from "./ticker.ts";

const headerBytes = 12;
/** Header and the longest payload that is sent: 60 ms of G.711. */
const longestPacket = headerBytes + 3 * frameSamples;
/** A sent buffer is used again only this many packets later; sending is nearly always done at once, never that late. */
const buffers = 16;
/** FreeSWITCH's range. It lies below Linux's ephemeral ports, so nothing else takes them by chance. */
const lowestPort = 16384;
const highestPort = 32766;
const mostTries = 200;

export interface RtpPeer {
  readonly host: string;
  readonly port: number;
}

/** `payload` is a view of the received packet, valid only during the call. */
export type RtpReceiver = (payloadType: number, sequence: number, timestamp: number, marker: boolean, payload: Uint8Array) => void;

export interface RtpSocketOptions {
  /** An IPv4 address of this machine. */
  readonly host: string;
  readonly random: Random;
  /** Takes packets from `remote` alone. Default false: FreeSWITCH takes what comes, too. */
  readonly strict?: boolean;
}

/**
 * One UDP socket that speaks RTP (RFC 3550 §5.1), on an even port. `timestamp` is moved on by whoever owns the clock of the stream; a packet
 * that is no RTP is counted and dropped.
 */
export class RtpSocket {
  readonly #host: string;
  readonly #strict: boolean;
  readonly #pool: Buffer[] = Array.from({ length: buffers }, () => Buffer.alloc(longestPacket));
  #socket: Socket | undefined;
  #poolAt = 0;
  #sequence: number;
  readonly ssrc: number;
  /** RTP timestamp of the frame to be sent next, in samples. */
  timestamp: number;
  port = 0;
  /** Where packets go; nothing is sent while undefined. */
  remote: RtpPeer | undefined;
  onPacket: RtpReceiver | undefined;
  /** Told of every packet that leaves, as `onPacket` of those that come; for books. */
  onSent: RtpReceiver | undefined;
  packetsIn = 0;
  bytesIn = 0;
  packetsOut = 0;
  bytesOut = 0;
  hostilePackets = 0;
  /** Packets from elsewhere than `remote`, dropped when `strict`. */
  strayPackets = 0;
  /** SSRC and address of the last packet taken. */
  remoteSsrc: number | undefined;
  lastFrom: RtpPeer | undefined;

  constructor(options: RtpSocketOptions) {
    this.#host = options.host;
    this.#strict = options.strict ?? false;
    this.#sequence = intBetween(options.random, 0, 0x7fff);
    this.ssrc = intBetween(options.random, 1, 0xffffffff);
    this.timestamp = intBetween(options.random, 0, 0x7fffffff);
  }

  /**
   * Binds an even port, drawn without the seed: processes of one seed would follow each other onto the same ports and take in what others still
   * send there.
   * @throws Fault `rtp-no-port`, retryable, when none could be had
   */
  async open(): Promise<void> {
    let cause: unknown;
    for (let tried = 0; tried < mostTries; tried++) {
      const port = randomInt(lowestPort / 2, highestPort / 2 + 1) * 2;
      try {
        this.#socket = await bound(port, this.#host);
        this.port = port;
        break;
      } catch (error) {
        cause = error;
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") break;
      }
    }
    const socket = this.#socket;
    if (!socket) throw new Fault("rtp-no-port", `no RTP port could be bound on ${this.#host}`, { retryable: true, cause });
    socket.on("message", (packet, from) => this.#take(packet, from));
    // ICMP errors of a far end that closed first; the stream ends by signalling, not by this.
    socket.on("error", () => {});
  }

  /**
   * Sends payload[start, end) with the current timestamp, or the one given.
   * @returns false when there is nowhere to send to
   */
  send(payloadType: number, marker: boolean, payload: Uint8Array, start = 0, end = payload.length, timestamp = this.timestamp): boolean {
    const socket = this.#socket;
    const remote = this.remote;
    const size = headerBytes + end - start;
    if (!socket || !remote || remote.port === 0 || size > longestPacket) return false;
    const packet = this.#pool[this.#poolAt];
    if (!packet) return false;
    this.#poolAt = (this.#poolAt + 1) % buffers;
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | payloadType;
    const sequence = this.#sequence;
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    for (let from = start, to = headerBytes; from < end; from++, to++) packet[to] = payload[from] ?? 0;
    this.#sequence = (sequence + 1) & 0xffff;
    this.packetsOut++;
    this.bytesOut += size;
    socket.send(packet, 0, size, remote.port, remote.host);
    if (this.onSent) this.onSent(payloadType, sequence, timestamp >>> 0, marker, packet.subarray(headerBytes, size));
    return true;
  }

  /** Moves the stream's time on by one frame, sent or not. */
  advance(samples = frameSamples): void {
    this.timestamp = (this.timestamp + samples) >>> 0;
  }

  /** Resolves when the port is free again. A second call does nothing. */
  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.onPacket = undefined;
    if (!socket) return Promise.resolve();
    return new Promise((resolve) => {
      socket.close(() => resolve());
    });
  }

  #take(packet: Buffer, from: RemoteInfo): void {
    const first = packet[0] ?? 0;
    const second = packet[1] ?? 0;
    let start = headerBytes + (first & 0x0f) * 4;
    let end = packet.length;
    if (packet.length >= start + 4 && first & 0x10) start += 4 + packet.readUInt16BE(start + 2) * 4;
    if (first & 0x20) end -= packet[end - 1] ?? 0;
    // Version 2, a payload, and not RTCP, whose types 72–76 are the RTP types nobody may use (RFC 5761 §4).
    const payloadType = second & 0x7f;
    if (packet.length < headerBytes || first >> 6 !== 2 || start > end || (payloadType >= 72 && payloadType <= 76)) {
      this.hostilePackets++;
      return;
    }
    if (this.#strict && (from.port !== this.remote?.port || from.address !== this.remote.host)) {
      this.strayPackets++;
      return;
    }
    this.packetsIn++;
    this.bytesIn += packet.length;
    this.remoteSsrc = packet.readUInt32BE(8);
    if (this.lastFrom?.port !== from.port || this.lastFrom.host !== from.address) this.lastFrom = { host: from.address, port: from.port };
    this.onPacket?.(payloadType, packet.readUInt16BE(2), packet.readUInt32BE(4), (second & 0x80) !== 0, packet.subarray(start, end));
  }
}

function bound(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The peers are IP addresses: an answer at once spares a DNS turn and an allocation for every packet.
    const socket = createSocket({ type: "udp4", lookup: (name, _options, done) => done(null, name, 4) });
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}
