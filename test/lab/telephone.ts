import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Random } from "../../src/kernel/random.ts";
import { Hearing } from "../../src/lab/carrier/hearing.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { RtpSocket } from "../../src/lab/media/rtp-socket.ts";
import { RtpStream } from "../../src/lab/media/rtp-stream.ts";
import { buildSdp, type Direction, parseSdp } from "../../src/lab/media/sdp.ts";
import type { Ticker } from "../../src/lab/media/ticker.ts";

/** The caller's RTP in tests of the carrier: it says what it is told and hears the persona. */
export class Telephone {
  readonly hearing = new Hearing(true);
  readonly stream: RtpStream;
  readonly #socket: RtpSocket;
  #version = 0;
  #watch: (() => void) | undefined;

  constructor(random: Random, ticker: Ticker, clock: Clock = systemClock) {
    this.#socket = new RtpSocket({ host: "127.0.0.1", random });
    this.stream = new RtpStream({ socket: this.#socket, ticker, law: "PCMU", eventPayloadType: 101 });
    this.#socket.onPacket = (payloadType, sequence, timestamp, _marker, payload) => {
      this.hearing.came(clock.now(), payloadType, sequence, timestamp, payload, 101);
      this.#watch?.();
    };
  }

  async open(): Promise<this> {
    await this.#socket.open();
    return this;
  }

  get packetsOut(): number {
    return this.#socket.packetsOut;
  }

  sdp(direction: Direction = "sendrecv"): string {
    this.#version++;
    return buildSdp({
      host: "127.0.0.1",
      port: this.#socket.port,
      laws: ["PCMU"],
      eventPayloadType: 101,
      direction,
      sessionId: 7,
      version: this.#version,
    });
  }

  connect(sdp: string | undefined): void {
    const audio = parseSdp(sdp ?? "");
    if (audio) this.#socket.remote = { host: audio.host, port: audio.port };
    this.stream.start();
  }

  /** Resolves when all of it has been sent. */
  say(pcm: Int16Array): Promise<void> {
    return new Promise((resolve) => {
      this.stream.play(encode("PCMU", pcm), resolve);
    });
  }

  /** Resolves at the first packet for which it holds. */
  until(holds: (hearing: Hearing) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#watch = () => {
        if (!holds(this.hearing)) return;
        this.#watch = undefined;
        resolve();
      };
      this.#watch();
    });
  }

  async close(): Promise<void> {
    this.stream.stop();
    await this.#socket.close();
  }
}
