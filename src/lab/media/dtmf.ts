/** Keys in the order of their RFC 4733 event codes 0..15 (§3.2 table 3). */
const keys = "0123456789*#ABCD";

/** RTP payload of a telephone-event: event, E bit + volume, duration in samples (RFC 4733 §2.3). */
export const eventPayloadBytes = 4;

/** Whether the text is one key of the keypad. */
export function isKey(text: string): boolean {
  return text.length === 1 && keys.includes(text);
}

/**
 * The packets of one key press, 20 ms apart, all with the RTP timestamp of its start; the first carries the marker and the
 * last is sent three times with the E bit (RFC 4733 §2.5.1.2, §2.5.1.4).
 * @param durationMs 40..8000 (RFC 4733 §2.5.1.1 wants at least 40)
 * @param levelDbm0 0..-63
 */
export function keyPackets(key: string, durationMs = 100, levelDbm0 = -10): Uint8Array[] {
  const event = keys.indexOf(key);
  if (!isKey(key) || event < 0) throw new RangeError(`keyPackets: ${JSON.stringify(key)} is not a key`);
  const count = Math.max(2, Math.round(Math.min(8000, durationMs) / 20));
  return Array.from({ length: count + 2 }, (_, step) => {
    const duration = Math.min(step + 1, count) * 160;
    return Uint8Array.of(event, (step + 1 >= count ? 0x80 : 0) | (-levelDbm0 & 0x3f), duration >> 8, duration & 0xff);
  });
}

export interface KeyPress {
  readonly key: string;
  /** Samples, as the sender counted them. */
  readonly duration: number;
  readonly rtpTimestamp: number;
}

/**
 * Makes one key press of the packets of an event, whatever was lost, repeated or overtaken on the way. A press is reported at its first
 * packet with the E bit; if all of those are lost, when the next event or, by `quiet`, the next speech begins.
 */
export class KeyDetector {
  readonly #onKey: (press: KeyPress) => void;
  #open: { event: number; timestamp: number; duration: number } | undefined;
  #lastDone: number | undefined;

  constructor(onKey: (press: KeyPress) => void) {
    this.#onKey = onKey;
  }

  /** Takes the payload of a telephone-event packet. Anything that is none is ignored. */
  push(rtpTimestamp: number, payload: Uint8Array): void {
    const event = payload[0];
    const flags = payload[1];
    if (payload.length < eventPayloadBytes || event === undefined || flags === undefined || event >= keys.length) return;
    // Timestamps wrap at 2^32: what is not ahead of the last finished press belongs to it or to an older one.
    if (this.#lastDone !== undefined && ((rtpTimestamp - this.#lastDone) | 0) <= 0) return;
    if (this.#open && this.#open.timestamp !== rtpTimestamp) {
      if (((rtpTimestamp - this.#open.timestamp) | 0) < 0) return;
      this.#finish();
    }
    const duration = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
    this.#open ??= { event, timestamp: rtpTimestamp, duration };
    if (this.#open.event !== event) return;
    this.#open.duration = Math.max(this.#open.duration, duration);
    if (flags & 0x80) this.#finish();
  }

  /** An audio packet came: a press that should be long over has lost its end and is reported now. */
  quiet(rtpTimestamp: number): void {
    const open = this.#open;
    // 60 ms past what was announced: the end packets would have come before.
    if (open && ((rtpTimestamp - open.timestamp - open.duration) | 0) > 480) this.#finish();
  }

  #finish(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#lastDone = open.timestamp;
    this.#onKey({ key: keys[open.event] ?? "", duration: open.duration, rtpTimestamp: open.timestamp });
  }
}
