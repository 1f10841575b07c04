import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Listeners } from "../kernel/listeners.ts";
import { type Codec, offeredAfter, offeredTo } from "./codec.ts";
import type { PhoneNotes } from "./phone-notes-session.ts";
import type { PhoneLeg } from "./phone-ports.ts";
import type { Dialog, DialogEnd, Endpoint } from "./ports.ts";

/**
 * `hung-up`: the agent did, or whoever is between; `vanished`: it is gone without a word; `unheard`: its media session is gone, and the telephone is still there; `lost`: a signalling server of
 * ours is gone; `closed`: we hung up.
 */
export type LineEnd = "hung-up" | "vanished" | "unheard" | "lost" | "closed";

export interface OpenLineParts {
  readonly endpoint: Endpoint;
  readonly dialog: Dialog;
  readonly notes: PhoneNotes;
  /** The SDP that was offered last. */
  readonly offered: string;
  readonly codecs: readonly Codec[] | undefined;
}

/** A process that hangs without dying says goodbye to the telephone after so long. */
const guardMs = 60_000;
/** Well before that the guard is put off. What FreeSWITCH sets itself when a conversation ends goes with it. */
export const defaultRenewMs = 20_000;
/** Questions in a row that a telephone may leave unanswered: one may be lost with a network that comes back. */
const mostUnanswered = 2;

/** A telephone that has been picked up. */
export class OpenLine {
  readonly endpoint: Endpoint;
  readonly dialog: Dialog;
  readonly codecs: readonly Codec[] | undefined;
  /** Resolves when it is over; nothing is left of it soon after, but for the call itself of one that is kept and `unheard`. */
  readonly ended: Promise<LineEnd>;
  readonly #notes: PhoneNotes;
  readonly #hungUp: Listeners<DialogEnd>;
  readonly #done: Promise<void>;
  #stale = Promise.withResolvers<"stale">();
  readonly #vanished = Promise.withResolvers<"vanished">();
  #unanswered = 0;
  #lasting = false;
  #closing = false;
  #taken = false;
  #over = false;
  /** The call goes on with another media session. */
  #moved = false;
  #keeping: (() => Promise<void>) | undefined;
  #offered: string;

  constructor({ endpoint, dialog, notes, offered, codecs }: OpenLineParts) {
    this.endpoint = endpoint;
    this.dialog = dialog;
    this.#offered = offered;
    this.codecs = codecs;
    this.#notes = notes;
    // Of a line that has moved the media server's answer has another origin than what was said before.
    dialog.answerOffers(async (offer) => {
      this.#offered = offeredAfter(this.#offered, await endpoint.attach(offeredTo(codecs, offer)));
      return this.#offered;
    });
    this.#hungUp = new Listeners(dialog.ended);
    this.ended = Promise.race([
      dialog.ended.then(({ by }): LineEnd => (by === "them" ? "hung-up" : by === "us" || this.#closing ? "closed" : "lost")),
      endpoint.gone.then((): LineEnd => (this.#closing ? "closed" : "unheard")),
      this.#vanished.promise,
    ]);
    this.#done = this.ended.then(async (how) => {
      this.#over = true;
      const kept = this.#moved || (how === "unheard" && this.#lasting);
      await Promise.all([this.#keeping?.(), endpoint.close(), ...(kept ? [] : [this.#hangUp()])]);
    });
  }

  /** The SDP that was said last. */
  get offered(): string {
    return this.#offered;
  }

  /** Whether somebody could be connected to it now. */
  get free(): boolean {
    return !this.#taken && !this.#over;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Resolves when it is free, and its media session is not to be used any more: its server is to be empty soon. */
  get stale(): Promise<"stale"> {
    return this.#stale.promise;
  }

  /**
   * Keeps it between conversations: what is heard is silence, and a guard is renewed for as long as this process is well. In conversations too it is asked
   * whether it is still there: nobody is to be connected to a telephone without power.
   * @param lasting the call outlives its media session, and is given another
   */
  keep(clock: Clock, renewMs = defaultRenewMs, lasting = true): void {
    this.#lasting = lasting;
    void this.#guard();
    this.#keeping = again(clock, renewMs, async () => {
      await Promise.all([this.#guard(), this.#ask()]);
      if (this.free && !this.endpoint.usable) this.#stale.resolve("stale");
      return !this.#over;
    });
  }

  /** Its use for one conversation. @param afterwards when that is over */
  lend(agentId: string, attemptId: string, afterwards: () => Promise<void>): PhoneLeg {
    this.#taken = true;
    void this.#notes.write({ attemptId });
    void this.endpoint.liftGuard().catch(() => undefined);
    const [ended, gone] = [Promise.withResolvers<DialogEnd>(), Promise.withResolvers<void>()];
    const unhear = [this.#hungUp.on(ended.resolve), this.endpoint.onGone(gone.resolve)];
    let released: Promise<void> | undefined;
    const release = () => {
      released ??= afterwards()
        .catch(() => undefined)
        .finally(() => {
          for (const each of unhear) each();
        });
      return released;
    };
    const { id } = this.dialog;
    return { agentId, endpoint: this.endpoint, dialog: { id, ended: ended.promise }, gone: gone.promise, release };
  }

  /** Parts it from whoever was connected, and keeps it for the next. */
  async takeBack(): Promise<void> {
    if (this.#over) return;
    await this.endpoint.unbridge();
    await this.endpoint.stop();
    this.#taken = false;
    void this.#notes.write({});
    await this.#guard();
  }

  /** Nobody is connected to it while its sound is moved elsewhere. */
  withhold(): void {
    this.#taken = true;
  }

  /** That cannot be done just now: it stays, and is looked at again. */
  restore(): void {
    this.#taken = false;
    this.#stale = Promise.withResolvers();
  }

  /** The call goes on elsewhere: lets its own media session go. */
  async leave(): Promise<void> {
    this.#moved = true;
    await this.endpoint.close();
  }

  /** Hangs up. Never rejects; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([this.#hangUp(), this.endpoint.close()]);
    await this.#done;
  }

  async #hangUp(): Promise<void> {
    await this.dialog.end();
    await this.#notes.forget();
  }

  async #ask(): Promise<void> {
    this.#unanswered = (await this.dialog.isThere()) ? 0 : this.#unanswered + 1;
    if (this.#unanswered >= mostUnanswered) this.#vanished.resolve("vanished");
  }

  async #guard(): Promise<void> {
    // While two talk no guard may say goodbye in between.
    if (this.free) await this.endpoint.guard(guardMs).catch(() => undefined);
  }
}
