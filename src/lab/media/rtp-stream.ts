import { keyPackets } from "./dtmf.ts";
import { type Law, payloadTypeOf, silenceByteOf } from "./g711.ts";
import type { RtpSocket } from "./rtp-socket.ts";
import { frameSamples, type Ticker } from "./ticker.ts";

/** Sound on its way out: encoded bytes and how far they have been sent. */
export interface Playing {
  readonly bytes: Uint8Array;
  /** Samples sent of the present round. */
  cursor: number;
  /** Rounds still to come, this one included; Infinity for ever. */
  rounds: number;
  /** Called once, after the last frame has left. Not called when it is taken off before. */
  readonly onEnd: () => void;
}

export interface RtpStreamOptions {
  readonly socket: RtpSocket;
  readonly ticker: Ticker;
  readonly law: Law;
  /** Left out: keys cannot be sent. */
  readonly eventPayloadType?: number | undefined;
  /** Sends nothing while there is nothing to say, as telephones with voice activity detection do (RFC 3551 §4.1). Default false. */
  readonly quiet?: boolean;
}

const silenceFrames: Record<Law, Uint8Array> = {
  PCMU: new Uint8Array(frameSamples).fill(silenceByteOf("PCMU")),
  PCMA: new Uint8Array(frameSamples).fill(silenceByteOf("PCMA")),
};

/** Silence between two keys, in frames: 60 ms (ITU-T Q.24 wants 40). */
const keyPauseFrames = 3;

/** The sending side of one RTP stream: a 20 ms frame per beat, of sound, of a key or of silence. */
export class RtpStream {
  readonly #socket: RtpSocket;
  readonly #ticker: Ticker;
  readonly #quiet: boolean;
  readonly #keys: { packets: Uint8Array[]; sent: number; timestamp: number; onSent: () => void }[] = [];
  readonly #tail = new Uint8Array(frameSamples);
  #pauseFrames = 0;
  #talking = false;
  law: Law;
  payloadType: number;
  eventPayloadType: number | undefined;
  /** What is being said. It may be swapped for another at any time, and put back to go on where it was. */
  playing: Playing | undefined;
  /** False: time goes by, nothing is sent (a=inactive, a=recvonly). */
  sending = true;

  constructor(options: RtpStreamOptions) {
    this.#socket = options.socket;
    this.#ticker = options.ticker;
    this.#quiet = options.quiet ?? false;
    this.law = options.law;
    this.payloadType = payloadTypeOf(options.law);
    this.eventPayloadType = options.eventPayloadType;
  }

  start(): void {
    this.#ticker.add(this.#frame);
  }

  /** Takes the stream off the beat. What was playing stays where it is. */
  stop(): void {
    this.#ticker.remove(this.#frame);
  }

  /** Says these bytes from the next frame on, instead of whatever is being said. */
  play(bytes: Uint8Array, onEnd: () => void = () => {}, rounds = 1): Playing {
    const playing: Playing = { bytes, cursor: 0, rounds, onEnd };
    this.playing = playing;
    return playing;
  }

  /** Stops saying it, if it is what is being said. */
  hush(playing = this.playing): void {
    if (this.playing === playing) this.playing = undefined;
  }

  /**
   * Presses a key after those already waiting.
   * @param onSent called when its last packet has left, unless the stream stops before
   * @returns false when the far side takes no telephone-events
   */
  press(key: string, durationMs = 100, onSent: () => void = () => {}): boolean {
    if (this.eventPayloadType === undefined) return false;
    this.#keys.push({ packets: keyPackets(key, durationMs), sent: 0, timestamp: 0, onSent });
    return true;
  }

  /** Keys pressed and not yet sent to their end. */
  get keysWaiting(): number {
    return this.#keys.length;
  }

  readonly #frame = (): void => {
    if (this.sending) this.#send();
    this.#socket.advance();
  };

  #send(): void {
    const playing = this.playing;
    if (this.#pauseFrames === 0 && this.#keys.length > 0) this.#sendKey();
    else if (playing) this.#sendSound(playing);
    else if (this.#quiet) this.#talking = false;
    else this.#speak(silenceFrames[this.law], 0, frameSamples);
    if (this.#pauseFrames > 0) this.#pauseFrames--;
  }

  #sendKey(): void {
    const key = this.#keys[0];
    const packet = key?.packets[key.sent];
    if (!key || !packet || this.eventPayloadType === undefined) {
      this.#keys.shift();
      key?.onSent();
      return;
    }
    if (key.sent === 0) key.timestamp = this.#socket.timestamp;
    this.#socket.send(this.eventPayloadType, key.sent === 0, packet, 0, packet.length, key.timestamp);
    key.sent++;
    if (key.sent === key.packets.length) {
      this.#keys.shift();
      this.#pauseFrames = keyPauseFrames + 1;
      this.#talking = false;
      key.onSent();
    }
  }

  #sendSound(playing: Playing): void {
    const { bytes, cursor } = playing;
    const end = cursor + frameSamples;
    if (end <= bytes.length) this.#speak(bytes, cursor, end);
    else {
      this.#tail.fill(silenceByteOf(this.law));
      this.#tail.set(bytes.subarray(cursor));
      this.#speak(this.#tail, 0, frameSamples);
    }
    playing.cursor = end;
    if (end < bytes.length) return;
    playing.cursor = 0;
    playing.rounds--;
    if (playing.rounds > 0) return;
    this.hush(playing);
    playing.onEnd();
  }

  #speak(bytes: Uint8Array, start: number, end: number): void {
    this.#socket.send(this.payloadType, !this.#talking, bytes, start, end);
    this.#talking = true;
  }
}
