import type { Clock } from "../../kernel/clock.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import type { Law } from "../media/g711.ts";
import { RtpSocket } from "../media/rtp-socket.ts";
import { RtpStream } from "../media/rtp-stream.ts";
import { answerDirection, buildSdp, type Direction, parseSdp } from "../media/sdp.ts";
import type { Ticker } from "../media/ticker.ts";
import type { Hearing } from "./hearing.ts";

export interface MediaEndOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  readonly ticker: Ticker;
  readonly hearing: Hearing;
  /** Sends no packets while silent. */
  readonly quiet: boolean;
}

const laws: readonly Law[] = ["PCMU", "PCMA"];
/** Ours, when the far side leaves the offer to us. */
const eventPayloadType = 101;

/** One telephone's RTP: the port, what it says and what it hears. */
export class MediaEnd {
  readonly stream: RtpStream;
  readonly hearing: Hearing;
  readonly #socket: RtpSocket;
  readonly #options: MediaEndOptions;
  readonly #sessionId: number;
  #version = 0;
  #started = false;
  /** Called with every packet of sound; `run` is how many came without a pause. */
  onSound: ((run: number) => void) | undefined;

  constructor(options: MediaEndOptions) {
    this.#options = options;
    this.hearing = options.hearing;
    this.#sessionId = intBetween(options.random, 1, 0x7fffffff);
    // Strict, or what a stranger goes on sending to a port that was his before would count as heard.
    this.#socket = new RtpSocket({ host: options.host, random: options.random, strict: true });
    this.stream = new RtpStream({ socket: this.#socket, ticker: options.ticker, law: "PCMU", quiet: options.quiet });
    this.#socket.onSent = (payloadType, _sequence, timestamp, _marker, payload) =>
      this.hearing.left(options.clock.now(), payloadType, timestamp, payload, this.stream.eventPayloadType);
    this.#socket.onPacket = (payloadType, sequence, timestamp, _marker, payload) => {
      this.hearing.came(options.clock.now(), payloadType, sequence, timestamp, payload, this.stream.eventPayloadType);
      if (this.hearing.soundRun > 0) this.onSound?.(this.hearing.soundRun);
    };
  }

  /** @throws Fault `rtp-no-port` */
  open(): Promise<void> {
    return this.#socket.open();
  }

  /** The SDP that answers an offer, or undefined when there is nothing in it that a telephone could do. */
  answer(offer: string): string | undefined {
    const audio = parseSdp(offer);
    const [chosen] = audio?.laws ?? [];
    if (!audio || !chosen || audio.secure) return undefined;
    this.#connect(audio.host, audio.port, chosen.law, audio.eventPayloadType, audio.direction);
    return this.#describe([chosen.law], audio.eventPayloadType, answerDirection(audio.direction));
  }

  /** An offer of ours; `accept` takes the answer. */
  offer(): string {
    return this.#describe(laws, eventPayloadType, "sendrecv");
  }

  accept(answer: string): void {
    const audio = parseSdp(answer);
    const [chosen] = audio?.laws ?? [];
    if (audio && chosen) this.#connect(audio.host, audio.port, chosen.law, audio.eventPayloadType, audio.direction);
  }

  /** Says nothing more, and still hears what is on its way. */
  mute(): void {
    this.stream.stop();
    this.onSound = undefined;
  }

  async close(): Promise<void> {
    this.mute();
    await this.#socket.close();
    this.hearing.close();
  }

  #connect(host: string, port: number, law: Law, events: number | undefined, direction: Direction): void {
    // 0.0.0.0 is the old way to say hold (RFC 2543 §B.5).
    this.#socket.remote = port === 0 || host === "0.0.0.0" ? undefined : { host, port };
    this.stream.law = law;
    this.stream.payloadType = law === "PCMU" ? 0 : 8;
    this.stream.eventPayloadType = events;
    this.stream.sending = direction === "sendrecv" || direction === "recvonly";
    if (!this.#started) this.stream.start();
    this.#started = true;
  }

  #describe(chosen: readonly Law[], events: number | undefined, direction: Direction): string {
    this.#version++;
    return buildSdp({
      host: this.#options.host,
      port: this.#socket.port,
      laws: chosen,
      eventPayloadType: events,
      direction,
      sessionId: this.#sessionId,
      version: this.#version,
    });
  }
}
