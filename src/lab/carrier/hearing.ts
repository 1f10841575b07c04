import { KeyDetector } from "../media/dtmf.ts";
import { type Law, lawOf, linearTable, silenceByteOf } from "../media/g711.ts";
import { frameMs } from "../media/ticker.ts";
import { VoiceEar } from "../media/voice.ts";

/** Mean magnitude of a frame that counts as sound; about -48 dBm0, above any idle-channel noise. */
const soundFloor = 60;
/** A gap in the stream is filled with silence up to this, so that what follows keeps its place. */
const longestGapSamples = 8000;
/** Silences from this length on are written down one by one. */
const longSilenceMs = 1000;
const mostSilences = 1000;

/** A stretch without sound in a call that was up. */
export interface Silence {
  readonly fromMs: number;
  readonly untilMs: number;
}

const magnitudes: Record<Law, Uint16Array> = {
  PCMU: Uint16Array.from(linearTable("PCMU"), Math.abs),
  PCMA: Uint16Array.from(linearTable("PCMA"), Math.abs),
};

/** Whether there is something to hear in these bytes. */
export function hasSound(law: Law, payload: Uint8Array): boolean {
  const table = magnitudes[law];
  let sum = 0;
  for (let at = 0; at < payload.length; at++) sum += table[payload[at] ?? 0] ?? 0;
  return sum > soundFloor * payload.length;
}

/** What came in at one RTP port, and what left it, told from the packets alone. Times are the carrier's clock, milliseconds since the epoch. */
export class Hearing {
  readonly #keep: boolean;
  packets = 0;
  /** Packets missing in the sequence, counted when a later one comes. */
  lost = 0;
  firstPacketAtMs: number | undefined;
  firstSoundAtMs: number | undefined;
  lastSoundAtMs: number | undefined;
  /** When this end itself was last heard before that first sound came, or at all when none has come. */
  saidUntilMs: number | undefined;
  soundMs = 0;
  /** Longest stretch without sound between the answer and the end. */
  longestSilenceMs = 0;
  /** Those of a second and longer, in their order. */
  readonly silences: Silence[] = [];
  /** Who was heard when. */
  readonly voices = new VoiceEar();
  /** Packets with sound one after the other, the present one included. */
  soundRun = 0;
  law: Law | undefined;
  digitsHeard = "";
  digitsSent = "";
  #answeredAtMs: number | undefined;
  #endedAtMs: number | undefined;
  #closed = false;
  #audio = new Uint8Array(0);
  #length = 0;
  #lastSequence: number | undefined;
  #nextTimestamp: number | undefined;
  readonly #inKeys = new KeyDetector((press) => {
    this.digitsHeard += press.key;
  });
  readonly #outKeys = new KeyDetector((press) => {
    this.digitsSent += press.key;
  });

  constructor(keepAudio: boolean) {
    this.#keep = keepAudio;
  }

  /** The bytes heard so far, lost packets filled with silence; empty when audio is not kept. */
  get audio(): Uint8Array {
    return this.#audio.subarray(0, this.#length);
  }

  dropAudio(): void {
    this.#audio = new Uint8Array(0);
    this.#length = 0;
  }

  answered(atMs: number): void {
    this.#answeredAtMs ??= atMs;
  }

  /** The call ended. Packets that were on their way still count as heard, until the port closes. */
  ended(atMs: number): void {
    if (this.#endedAtMs !== undefined) return;
    this.#silenceUntil(atMs);
    this.#endedAtMs = atMs;
  }

  /** Nothing more will come: the account is final. */
  close(): void {
    this.#closed = true;
    // What grew by doubling is cut to its length: books outlive calls.
    this.#audio = this.#audio.slice(0, this.#length);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Longest silence of a call that may still be up. */
  silenceMs(nowMs: number): number {
    if (this.#answeredAtMs === undefined || this.#endedAtMs !== undefined) return this.longestSilenceMs;
    return Math.max(this.longestSilenceMs, nowMs - Math.max(this.#answeredAtMs, this.lastSoundAtMs ?? 0));
  }

  came(atMs: number, payloadType: number, sequence: number, timestamp: number, payload: Uint8Array, eventPayloadType: number | undefined): void {
    this.packets++;
    this.firstPacketAtMs ??= atMs;
    if (this.#lastSequence !== undefined) {
      const ahead = (sequence - this.#lastSequence) & 0xffff;
      if (ahead > 1 && ahead < 1000) this.lost += ahead - 1;
    }
    this.#lastSequence = sequence;
    if (payloadType === eventPayloadType) {
      this.#inKeys.push(timestamp, payload);
      return;
    }
    const law = lawOf(payloadType);
    if (!law) return;
    this.#inKeys.quiet(timestamp);
    this.law = law;
    if (this.#keep && !this.#closed) this.#store(law, timestamp, payload);
    if (!hasSound(law, payload)) {
      this.soundRun = 0;
      this.voices.quiet();
      return;
    }
    this.voices.push(atMs, law, payload);
    this.soundRun++;
    this.soundMs += frameMs;
    this.firstSoundAtMs ??= atMs;
    this.#silenceUntil(atMs);
    this.lastSoundAtMs = atMs;
  }

  left(atMs: number, payloadType: number, timestamp: number, payload: Uint8Array, eventPayloadType: number | undefined): void {
    if (payloadType === eventPayloadType) this.#outKeys.push(timestamp, payload);
    const law = lawOf(payloadType);
    if (law && this.firstSoundAtMs === undefined && hasSound(law, payload)) this.saidUntilMs = atMs;
  }

  #silenceUntil(atMs: number): void {
    if (this.#answeredAtMs === undefined || this.#endedAtMs !== undefined) return;
    const sinceMs = Math.max(this.#answeredAtMs, this.lastSoundAtMs ?? 0);
    this.longestSilenceMs = Math.max(this.longestSilenceMs, atMs - sinceMs);
    if (atMs - sinceMs >= longSilenceMs && this.silences.length < mostSilences) this.silences.push({ fromMs: sinceMs, untilMs: atMs });
  }

  #store(law: Law, timestamp: number, payload: Uint8Array): void {
    const gap = this.#nextTimestamp === undefined ? 0 : (timestamp - this.#nextTimestamp) | 0;
    const fill = gap > 0 && gap <= longestGapSamples ? gap : 0;
    const needed = this.#length + fill + payload.length;
    if (needed > this.#audio.length) {
      const grown = new Uint8Array(Math.max(16_384, needed, this.#audio.length * 2));
      grown.set(this.audio);
      this.#audio = grown;
    }
    if (fill > 0) this.#audio.fill(silenceByteOf(law), this.#length, this.#length + fill);
    this.#audio.set(payload, this.#length + fill);
    this.#length = needed;
    this.#nextTimestamp = (timestamp + payload.length) >>> 0;
  }
}
