import type { Random } from "../../kernel/random.ts";
import { voiceNamed } from "../media/voice.ts";
import type { SipDialog } from "../sip/dialog.ts";
import type { SipAgent } from "../sip/user-agent.ts";
import { Line } from "./line.ts";
import { MediaEnd } from "./media-end.ts";
import { perform } from "./perform.ts";
import { type Acts, longestCallMs } from "./persona.ts";
import type { Stage } from "./stage.ts";

/** A call that somebody at the carrier places. */
export interface Placed {
  /** User part of the number called. */
  readonly to: string;
  /** User part of the caller's number. */
  readonly from: string;
  /** Where the number is: `host:port` or `host:port;transport=tcp`. */
  readonly at: string;
  /** Once it is answered. */
  readonly acts: Acts;
  /** The caller gives up when nobody has answered for so long. Default a minute. */
  readonly patienceMs?: number;
  /** On the INVITE. */
  readonly headers?: Readonly<Record<string, string>>;
}

const usualPatienceMs = 60_000;
/** For packets that the BYE overtook. */
const inFlightMs = 100;

/** Somebody who calls: the other way round than `CalledParty`. */
export class CallingParty {
  readonly callId: string;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #placed: Placed;
  readonly #media: MediaEnd;
  readonly #line: Line;
  readonly #after: Line;
  readonly #call: ReturnType<SipAgent["invite"]>;

  private constructor(stage: Stage, random: Random, agent: SipAgent, placed: Placed, media: MediaEnd, hear: (callId: string) => void) {
    this.#stage = stage;
    this.#random = random;
    this.#placed = placed;
    this.#media = media;
    this.#line = new Line(stage.clock);
    this.#after = new Line(stage.clock);
    const { to, from, at, headers } = placed;
    // Its books begin with the INVITE.
    this.#call = agent.invite({
      uri: `sip:${to}@${at}`,
      to: `<sip:${to}@${at.replace(/;.*$/, "")}>`,
      from: `<sip:${from}@${stage.host}>`,
      sdp: media.offer(),
      ...(headers && { headers }),
    });
    this.callId = this.#call.callId;
    hear(this.callId);
  }

  /** Places the call; resolves when the INVITE has left. */
  static async call(stage: Stage, random: Random, agent: SipAgent, placed: Placed): Promise<CallingParty> {
    const { clock, host, ticker, quiet, books } = stage;
    const hearing = books.newHearing();
    const media = new MediaEnd({ clock, random: stage.random, host, ticker, hearing, quiet });
    await media.open();
    return new CallingParty(stage, random, agent, placed, media, (callId) => books.addHearing(callId, hearing));
  }

  /** Resolves when the call is over and its port is closed. */
  async run(): Promise<void> {
    const { clock } = this.#stage;
    const tired = clock.after(this.#placed.patienceMs ?? usualPatienceMs, () => this.#call.cancel());
    try {
      const end = await this.#call.final;
      tired.cancel();
      if (end.ok && !this.#after.isOver) await this.#talk(end.dialog, end.response.body);
      else if (end.ok) await end.dialog.bye();
    } finally {
      tired.cancel();
      this.#line.end();
      this.#media.mute();
      await this.#after.wait(inFlightMs);
      await this.#media.close();
    }
  }

  /** Gives up what rings, and hangs up. */
  giveUp(): void {
    this.#call.cancel();
  }

  /** The carrier closes: whatever this party waits for is over. */
  stop(): void {
    this.#line.end();
    this.#after.end();
  }

  async #talk(dialog: SipDialog, answer: string): Promise<void> {
    const media = this.#media;
    media.accept(answer);
    dialog.onReinvite = (offer) => (offer === undefined ? media.offer() : (media.answer(offer) ?? { status: 488 }));
    void dialog.ended.then(() => this.#line.end());
    const tired = this.#stage.clock.after(longestCallMs, () => {
      void dialog.bye();
      this.#line.end();
    });
    const voice = voiceNamed("person", this.#placed.from);
    await perform({ stage: this.#stage, random: this.#random, line: this.#line, media, dialog, voice }, this.#placed.acts);
    tired.cancel();
  }
}
