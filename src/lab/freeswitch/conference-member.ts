import { decode, encode } from "../media/g711.ts";
import type { Channel } from "./channel.ts";
import type { Header } from "./event.ts";
import { FrameQueue } from "./frame-queue.ts";

/** Mean magnitude over which somebody talks (energy-level of the default profile), and how it is told from a click (conference_loop.c). */
const energyLevel = 100;
const surelyOver = 400;
const framesToTalk = 5;
const framesToStop = 40;

/** Somebody in a conference: one channel, as the mixer sees it. */
export class ConferenceMember {
  readonly id: number;
  readonly channel: Channel;
  readonly flags: ReadonlySet<string>;
  readonly joinedAtMs: number;
  speaks: boolean;
  hears: boolean;
  talking = false;
  lastTalkingAtMs: number | undefined;
  /** False when it has been sent out, or the conference is over. */
  staying = true;
  readonly #tap = { heard: new FrameQueue(), said: undefined };
  readonly #out = new FrameQueue();
  #energy = 0;
  #over = 0;
  #under = 0;

  constructor(id: number, channel: Channel, flags: ReadonlySet<string>) {
    this.id = id;
    this.channel = channel;
    this.flags = flags;
    this.joinedAtMs = channel.core.clock.now();
    this.speaks = !flags.has("mute");
    this.hears = !flags.has("deaf");
    channel.media.tap(this.#tap);
  }

  leave(): void {
    this.channel.media.untap(this.#tap);
  }

  /** What it says now, or nothing: silent, muted or late. @returns also whether it began or ceased talking with this frame */
  listen(): { pcm: Int16Array | undefined; change: "start-talking" | "stop-talking" | undefined } {
    const frame = this.#tap.heard.next();
    if (!this.speaks) return { pcm: undefined, change: undefined };
    const pcm = frame && decode(this.channel.media.law, frame);
    this.#energy = pcm ? Math.round(pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length) : 0;
    return { pcm, change: this.#changed() };
  }

  /** Takes a frame of the others, for its next turn. */
  give(pcm: Int16Array): void {
    const { law } = this.channel.media;
    this.#out.push(law, encode(law, pcm));
  }

  /** Sends the next frame to the far end. */
  turn(): void {
    const frame = this.hears ? this.#out.shift() : undefined;
    if (frame) this.channel.media.send(frame);
    else this.channel.media.sendSilence();
  }

  setSpeaks(speaks: boolean): void {
    this.speaks = speaks;
    if (!speaks) this.talking = false;
    this.#over = 0;
    this.#under = 0;
    this.#energy = 0;
  }

  /** conference_member_add_event_data, without what is the conference's and the channel's. */
  headers(): Header[] {
    const values: [string, boolean | string | number][] = [
      ["Video", false],
      ["Hear", this.hears],
      ["See", !this.flags.has("vmute")],
      ["Speak", this.speaks],
      ["Talking", this.talking],
      ["Mute-Detect", false],
      ["Hold", false],
      ["Member-ID", this.id],
      ["Member-Type", this.flags.has("moderator") ? "moderator" : "member"],
      ["Member-Ghost", false],
      ["Energy-Level", energyLevel],
      ["Current-Energy", this.#energy],
    ];
    return values.map(([name, value]) => [name, String(value)]);
  }

  /** A loud frame, or several that are not quiet, begin a talk; as many as 0.8 s of quiet ones end it. */
  #changed(): "start-talking" | "stop-talking" | undefined {
    if (this.#energy > energyLevel) {
      this.#under = Math.max(0, this.#under - 1);
      this.#over++;
      this.lastTalkingAtMs = this.channel.core.clock.now();
      if (this.talking || (this.#energy - energyLevel < surelyOver && this.#over < framesToTalk)) return undefined;
      this.talking = true;
    } else {
      this.#over = Math.max(0, this.#over - 1);
      if (!this.talking || ++this.#under < framesToStop) return undefined;
      this.talking = false;
    }
    this.#over = 0;
    this.#under = 0;
    return this.talking ? "start-talking" : "stop-talking";
  }
}
