import type { Random } from "../../kernel/random.ts";
import { eventPayloadBytes, isKey, KeyDetector, keyPackets } from "../media/dtmf.ts";
import { type Law, lawOf, silenceByteOf } from "../media/g711.ts";
import { RtpSocket } from "../media/rtp-socket.ts";
import { type AudioSdp, type Direction, parseSdp } from "../media/sdp.ts";
import { frameSamples } from "../media/ticker.ts";
import { FrameQueue } from "./frame-queue.ts";
import { MediaFilters, mix } from "./media-filter.ts";
import type { Variables } from "./variables.ts";

/** Somebody listening in on one or both directions of a leg. */
export interface Tap {
  /** What the far end says, when wanted. */
  readonly heard: FrameQueue | undefined;
  /** What the far end is made to hear, when wanted. */
  readonly said: FrameQueue | undefined;
  /** Of who listens in from outside: what they say into what the far end says (`read`), and into what it is made to hear (`write`). They do not hear that. */
  readonly whisper?: { readonly read?: FrameQueue; readonly write?: FrameQueue };
}

const silentFrames: Record<Law, Uint8Array> = {
  PCMU: new Uint8Array(frameSamples).fill(silenceByteOf("PCMU")),
  PCMA: new Uint8Array(frameSamples).fill(silenceByteOf("PCMA")),
};

/** FreeSWITCH's payload type for telephone-event when it makes the offer. */
export const ownEventPayloadType = 101;

/** The RTP end of a channel. One packet leaves per 20 ms frame, whatever the sound comes from. */
export class ChannelMedia {
  readonly rtp: RtpSocket;
  law: Law = "PCMU";
  eventPayloadType: number | undefined = ownEventPayloadType;
  /** Seen from the far end, as its last SDP says. */
  remoteDirection: Direction = "sendrecv";
  remote: AudioSdp | undefined;
  onKey: (key: string, duration: number) => void = () => {};
  /** The leg that what comes in is passed on to, while bridged. */
  relay: ChannelMedia | undefined;
  /** CF_PASS_RFC2833: while bridged, its keys are not read but passed on with the sound. */
  passesKeys = false;
  /** While bridged: something else is being executed within the bridge, and reads what comes in. */
  busy: () => boolean = () => false;
  /** Something is being played to the far end, so what comes from the bridge is dropped. */
  playing = false;
  /** What changes the sound of this leg: uuid_displace, uuid_audio. */
  readonly filters = new MediaFilters();
  /** Key packets received. */
  keyPacketsIn = 0;
  readonly #taps = new Set<Tap>();
  readonly #forwarded = new FrameQueue();
  readonly #keys = new KeyDetector((press) => this.onKey(press.key, press.duration));
  readonly #outgoingKeys: Uint8Array[][] = [];
  #keyTimestamp: number | undefined;
  /** The press that is being passed on: its RTP timestamp where it came from, and as it leaves here. */
  #passed: { readonly from: number; readonly timestamp: number } | undefined;
  #pausedFrames = 1;
  #sentThisFrame = false;
  /** For the shared ticker: the stream's time goes on whether or not something is sent. */
  onFrame: () => void = () => {};

  constructor(host: string, random: Random) {
    this.rtp = new RtpSocket({ host, random });
    this.rtp.onPacket = (type, _sequence, timestamp, _marker, payload) => this.#receive(type, timestamp, payload);
  }

  get sends(): boolean {
    return this.remoteDirection === "sendrecv" || this.remoteDirection === "recvonly";
  }

  get taps(): number {
    return this.#taps.size;
  }

  /**
   * Takes the far end's SDP, offer or answer.
   * @returns false when there is no audio in it that the lab speaks
   */
  accept(sdp: string): boolean {
    const remote = parseSdp(sdp);
    const chosen = remote?.laws[0];
    if (!remote || !chosen || remote.secure) return false;
    this.remote = remote;
    this.law = chosen.law;
    this.eventPayloadType = remote.eventPayloadType;
    this.remoteDirection = remote.direction;
    // An endpoint made without an offer is told its own address (the app echoes our SDP); what it would send itself is spared.
    const itself = remote.port === this.rtp.port && remote.host === this.localHost;
    this.rtp.remote = itself ? undefined : { host: remote.host, port: remote.port };
    return true;
  }

  localHost = "127.0.0.1";

  /** One turn of the ticker. */
  frame(): void {
    this.rtp.advance();
    this.#sentThisFrame = false;
    this.onFrame();
    if (!this.#sentThisFrame) {
      this.#sendKey();
      this.#pausedFrames++;
    }
  }

  /** Sends a frame of sound: 160 bytes of this leg's law, from `start` on. Keys waiting to be sent take its place. */
  send(bytes: Uint8Array, start = 0): void {
    if (this.#sentThisFrame) return;
    this.#sentThisFrame = true;
    if (this.#sendKey()) return;
    const changed = this.filters.filtered("write", this.law, bytes, start);
    this.#leave(changed ?? bytes, changed ? 0 : start);
  }

  #leave(bytes: Uint8Array, start: number): void {
    for (const tap of this.#taps) tap.said?.push(this.law, bytes, start);
    const whispered = this.#whispered("write", this.law, bytes, start);
    if (!this.sends) return;
    const type = this.law === "PCMU" ? 0 : 8;
    if (whispered) this.rtp.send(type, this.#pausedFrames > 0, whispered, 0, frameSamples);
    else this.rtp.send(type, this.#pausedFrames > 0, bytes, start, Math.min(bytes.length, start + frameSamples));
    this.#pausedFrames = 0;
  }

  sendSilence(): void {
    this.send(silentFrames[this.law]);
  }

  /** Silence, when the channel's send_silence_when_idle asks for it. */
  sendIdle(setting: string | undefined): void {
    if (setting !== undefined && setting !== "" && setting !== "0") this.sendSilence();
  }

  /** Queues key presses. @param durationMs of each */
  press(keys: string, durationMs: number): void {
    for (const key of keys) if (isKey(key)) this.#outgoingKeys.push(keyPackets(key, durationMs));
  }

  tap(tap: Tap): void {
    this.#taps.add(tap);
  }

  untap(tap: Tap): void {
    this.#taps.delete(tap);
  }

  #sendKey(): boolean {
    const press = this.#outgoingKeys[0];
    const payload = press?.shift();
    if (!press || !payload || this.eventPayloadType === undefined) return false;
    const first = this.#keyTimestamp === undefined;
    this.#keyTimestamp ??= this.rtp.timestamp;
    this.rtp.send(this.eventPayloadType, first, payload, 0, payload.length, this.#keyTimestamp);
    if (press.length === 0) {
      this.#outgoingKeys.shift();
      this.#keyTimestamp = undefined;
    }
    return true;
  }

  #receive(type: number, timestamp: number, payload: Uint8Array): void {
    if (type === this.eventPayloadType) {
      this.keyPacketsIn++;
      const { relay } = this;
      if (!relay || !this.passesKeys || this.busy()) this.#keys.push(timestamp, payload);
      // Between two laws FreeSWITCH takes the packet of a key for four samples of sound (switch_core_session_write_frame).
      else if (relay.law === this.law && !relay.busy()) relay.passKey(timestamp, payload);
      return;
    }
    const law = lawOf(type);
    if (!law) return;
    this.#keys.quiet(timestamp);
    const sound = this.filters.filtered("read", law, payload) ?? payload;
    for (const tap of this.#taps) if (tap.whisper) tap.heard?.push(law, sound, 0, this.law);
    const mixed = this.#whispered("read", law, sound) ?? sound;
    for (const tap of this.#taps) if (!tap.whisper) tap.heard?.push(law, mixed, 0, this.law);
    this.relay?.forward(law, mixed, this.playing);
  }

  /** The frame with what is whispered into it; undefined when nobody whispers now. */
  #whispered(way: "read" | "write", law: Law, bytes: Uint8Array, start = 0): Uint8Array | undefined {
    let mixed: Uint8Array | undefined;
    for (const { whisper } of this.#taps) {
      const said = whisper?.[way]?.next();
      // Queues hold the law of this leg; for the moment in which that changes a whisper is lost.
      if (said && law === this.law) mixed = mix(law, mixed ?? bytes.subarray(start, start + frameSamples), said);
    }
    return mixed;
  }

  /** Sends a packet of a key that came in at the leg it is bridged with, at once and under its own payload type. @param from RTP timestamp it had there */
  passKey(from: number, payload: Uint8Array): void {
    if (this.eventPayloadType === undefined || !this.sends || payload.length !== eventPayloadBytes) return;
    const first = this.#passed?.from !== from;
    const passed = first ? { from, timestamp: this.rtp.timestamp } : this.#passed;
    this.#passed = passed;
    this.rtp.send(this.eventPayloadType, first, payload, 0, payload.length, passed?.timestamp);
  }

  /** Takes a frame from the leg it is bridged with. @param away that leg is busy hearing something itself, so its own words are lost too */
  forward(law: Law, payload: Uint8Array, away: boolean): void {
    if (!this.playing && !away) this.#forwarded.push(law, payload, 0, this.law);
  }

  /** Whoever is bridged with it next is not preceded by what is left of whoever was before. */
  dropForwarded(): void {
    this.#forwarded.clear();
  }

  /** Sends the next frame of the leg it is bridged with, if one has come: two that came at once leave one after the other. */
  sendForwarded(): void {
    const frame = this.#forwarded.next();
    if (frame) this.send(frame);
  }

  /** The counters as channel variables (switch_core_media.c, set_stats); bytes are those of UDP. */
  describe(variables: Variables): void {
    const { packetsIn, bytesIn, packetsOut, bytesOut } = this.rtp;
    const media = packetsIn - this.keyPacketsIn;
    const counters: [string, number | string][] = [
      ["in_raw_bytes", bytesIn],
      ["in_media_bytes", bytesIn],
      ["in_packet_count", packetsIn],
      ["in_media_packet_count", media],
      ["in_skip_packet_count", 0],
      ["in_jitter_packet_count", 0],
      ["in_dtmf_packet_count", this.keyPacketsIn],
      ["in_cng_packet_count", 0],
      ["in_flush_packet_count", 0],
      ["in_largest_jb_size", 0],
      ["in_jitter_min_variance", "0.00"],
      ["in_jitter_max_variance", "0.00"],
      ["in_jitter_loss_rate", "0.00"],
      ["in_jitter_burst_rate", "0.00"],
      ["in_mean_interval", media > 0 ? "20.00" : "0.00"],
      ["in_flaw_total", 0],
      ["in_quality_percentage", "100.00"],
      ["in_mos", "4.50"],
      ["out_raw_bytes", bytesOut],
      ["out_media_bytes", bytesOut],
      ["out_packet_count", packetsOut],
      ["out_media_packet_count", packetsOut],
      ["out_skip_packet_count", 0],
      ["out_dtmf_packet_count", 0],
      ["out_cng_packet_count", 0],
    ];
    for (const [name, value] of counters) variables.set(`rtp_audio_${name}`, String(value));
    variables.set("rtp_audio_rtcp_packet_count", "0");
    variables.set("rtp_audio_rtcp_octet_count", "0");
  }
}
