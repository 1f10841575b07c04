import type { Random } from "../../kernel/random.ts";
import { voiceNamed } from "../media/voice.ts";
import type { SipDialog } from "../sip/dialog.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";
import { Line } from "./line.ts";
import { MediaEnd } from "./media-end.ts";
import { hangUpHeaders, perform } from "./perform.ts";
import { type Acts, longestCallMs, type Persona } from "./persona.ts";
import { drawMs, type Stage } from "./stage.ts";

/** How long a port stays open after the call, for packets that the BYE overtook on the way: they were sent while the call was up. */
const inFlightMs = 100;

/** One called party on one call, from the INVITE to the last packet. */
export class CalledParty {
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #call: IncomingCall;
  readonly #persona: Persona;
  readonly #line: Line;
  readonly #ends: MediaEnd[] = [];
  readonly #lines: Line[];
  #early: string | undefined;
  #stopped = false;

  constructor(stage: Stage, random: Random, call: IncomingCall, persona: Persona) {
    this.#stage = stage;
    this.#random = random;
    this.#call = call;
    this.#persona = persona;
    this.#line = new Line(stage.clock);
    this.#lines = [this.#line];
  }

  /** Resolves when the call is over and its ports are closed. */
  async run(): Promise<void> {
    try {
      await this.#live();
    } finally {
      for (const line of this.#lines) line.end();
      for (const end of this.#ends) end.mute();
      if (this.#ends.length > 0) await this.#newLine().wait(inFlightMs);
      await Promise.all(this.#ends.map((end) => end.close()));
    }
  }

  #newLine(): Line {
    const line = new Line(this.#stage.clock);
    if (this.#stopped) line.end();
    this.#lines.push(line);
    return line;
  }

  /** The carrier closes: whatever this party waits for is over. */
  stop(): void {
    this.#stopped = true;
    for (const line of this.#lines) line.end();
  }

  async #live(): Promise<void> {
    const { ringing, ending } = this.#persona;
    const crossing = ending.kind === "ring-on" && ending.crossing === true;
    this.#call.onCancel = () => {
      if (!crossing) this.#call.reject(487);
      this.#line.end();
    };
    const expiry = this.#expire();
    const rang = await this.#ring();
    expiry?.cancel();
    if (!rang) {
      // Over while ringing: cancelled, expired or the carrier closes.
      if (crossing && !this.#call.isOver) await this.#answer([{ do: "stay" }], false);
      else await this.#linger(ringing.mediaLingersMs);
    } else if (ending.kind === "answer") await this.#answer(ending.acts, ending.fork ?? false);
    else {
      if (ending.kind === "redirect") this.#call.reject(ending.status, undefined, { Contact: `<${this.#redirection(ending.to)}>` });
      else if (ending.kind === "reject") {
        const cause = ending.q850 === undefined ? undefined : { Reason: `Q.850;cause=${ending.q850}` };
        this.#call.reject(ending.status, ending.reason, cause);
      }
      await this.#linger(ringing.mediaLingersMs);
    }
  }

  /** The caller wants no ringing beyond Expires (RFC 3261 §13.3.1.1). */
  #expire(): { cancel(): void } | undefined {
    const { expiresS } = this.#call;
    if (expiresS === undefined || expiresS > 86_400) return undefined;
    return this.#stage.clock.after(expiresS * 1000, () => {
      this.#call.reject(487);
      this.#line.end();
    });
  }

  /** Rings as the persona does. False when the ringing was ended from outside. */
  async #ring(): Promise<boolean> {
    const { ringing, ending } = this.#persona;
    if (ringing.status === 183) await this.#earlyMedia();
    else if (ringing.status !== undefined) this.#call.provisional(ringing.status);
    if (ending.kind === "ring-on") return this.#line.stay();
    return this.#line.wait(drawMs(this.#stage, this.#random, ringing.forMs, ringing.exact));
  }

  async #earlyMedia(): Promise<void> {
    const { ringing } = this.#persona;
    const media = await this.#open();
    // Without an offer there is nowhere to send early media to.
    this.#early = this.#call.offer === undefined ? undefined : media.answer(this.#call.offer);
    if (this.#line.isOver) return;
    this.#call.provisional(183, undefined, { sdp: this.#early });
    if (ringing.media === undefined || this.#early === undefined) return;
    const bytes = await this.#stage.voices.bytes(this.#stage, this.#random, ringing.media, media.stream.law);
    // Not by the line, whose end would hush it: it may go on after the CANCEL.
    media.stream.play(bytes, () => {}, ringing.mediaLoops ? Number.POSITIVE_INFINITY : 1);
  }

  async #linger(lingerMs: number | undefined): Promise<void> {
    if (lingerMs === undefined || this.#ends.length === 0) return;
    await this.#newLine().wait(lingerMs);
  }

  async #answer(acts: Acts, fork: boolean): Promise<void> {
    const media = this.#ends[0] ?? (await this.#open());
    if (this.#call.isOver) return;
    const parties = [this.#converse(media, acts, this.#early)];
    if (fork) parties.push(this.#converse(await this.#open(), [{ do: "stay" }], undefined));
    await Promise.all(parties);
  }

  /** Answers with this telephone and lives through the conversation. */
  async #converse(media: MediaEnd, acts: Acts, early: string | undefined): Promise<void> {
    const { offer } = this.#call;
    const sdp = early ?? (offer === undefined ? media.offer() : media.answer(offer));
    if (sdp === undefined) {
      this.#call.reject(488);
      return;
    }
    media.stream.hush();
    const dialog = await this.#call.answer(sdp);
    if (!dialog || dialog.isEnded) return;
    if (offer === undefined && dialog.ackSdp !== undefined) media.accept(dialog.ackSdp);
    const line = this.#follow(dialog, media);
    const tired = this.#stage.clock.after(this.#persona.longestCallMs ?? longestCallMs, () => {
      void dialog.bye(hangUpHeaders);
      line.end();
    });
    const voice = this.#persona.voice ?? voiceNamed("person", this.#call.calledUser);
    await perform({ stage: this.#stage, random: this.#random, line, media, dialog, voice }, acts);
    tired.cancel();
  }

  #follow(dialog: SipDialog, media: MediaEnd): Line {
    const line = this.#newLine();
    dialog.onReinvite = (offer) => (offer === undefined ? media.offer() : (media.answer(offer) ?? { status: 488 }));
    dialog.onReinviteAck = (answer) => {
      if (answer !== undefined) media.accept(answer);
    };
    void dialog.ended.then(() => line.end());
    return line;
  }

  async #open(): Promise<MediaEnd> {
    const { clock, random, host, ticker, quiet, books } = this.#stage;
    const hearing = books.openHearing(this.#call.callId);
    const media = new MediaEnd({ clock, random, host, ticker, hearing, quiet });
    this.#ends.push(media);
    await media.open();
    return media;
  }

  /** A number becomes a URI at the host and port that were called. */
  #redirection(to: string): string {
    if (to.startsWith("sip:")) return to;
    const host = /@([^;>]+)/.exec(this.#call.request.uri)?.[1] ?? this.#stage.host;
    return `sip:${to}@${host}`;
  }
}
