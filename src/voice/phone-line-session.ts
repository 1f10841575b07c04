import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { PhoneNotes } from "./phone-notes-session.ts";
import type { PhoneLeg } from "./phone-ports.ts";
import type { Dialog, Endpoint } from "./ports.ts";

/** `hung-up`: the agent did, or whoever is between; `lost`: a server of ours is gone; `closed`: we hung up. */
export type LineEnd = "hung-up" | "lost" | "closed";

/** A process that hangs without dying says goodbye to the telephone after so long. */
const guardMs = 60_000;
/** Well before that the guard is put off. What FreeSWITCH sets itself when a conversation ends goes with it. */
const renewMs = 20_000;

/** A telephone that has been picked up. */
export class OpenLine {
  readonly endpoint: Endpoint;
  readonly dialog: Dialog;
  /** Resolves when it is over; nothing is left of it soon after. */
  readonly ended: Promise<LineEnd>;
  readonly #notes: PhoneNotes;
  readonly #done: Promise<void>;
  #closing = false;
  #taken = false;
  #over = false;
  #keeping: (() => Promise<void>) | undefined;

  constructor(endpoint: Endpoint, dialog: Dialog, notes: PhoneNotes) {
    this.endpoint = endpoint;
    this.dialog = dialog;
    this.#notes = notes;
    this.ended = Promise.race([
      dialog.ended.then(({ by }): LineEnd => (by === "them" ? "hung-up" : by === "us" || this.#closing ? "closed" : "lost")),
      endpoint.gone.then((): LineEnd => (this.#closing ? "closed" : "lost")),
    ]);
    this.#done = this.ended.then(async () => {
      this.#over = true;
      await Promise.all([this.#keeping?.(), endpoint.close(), dialog.end()]);
      await notes.forget();
    });
  }

  /** Whether somebody could be connected to it now. */
  get free(): boolean {
    return !this.#taken && !this.#over;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Keeps it between conversations: what is heard is silence, and a guard is renewed for as long as this process is well. */
  keep(clock: Clock): void {
    void this.#guard();
    this.#keeping = again(clock, renewMs, async () => {
      await this.#guard();
      return !this.#over;
    });
  }

  /** Its use for one conversation. @param afterwards when that is over */
  lend(agentId: string, attemptId: string, afterwards: () => Promise<void>): PhoneLeg {
    this.#taken = true;
    void this.#notes.write({ attemptId });
    void this.endpoint.liftGuard().catch(() => undefined);
    let released: Promise<void> | undefined;
    const release = () => {
      released ??= afterwards().catch(() => undefined);
      return released;
    };
    return { agentId, endpoint: this.endpoint, dialog: this.dialog, release };
  }

  /** Parts it from whoever was connected, and keeps it for the next. */
  async takeBack(): Promise<void> {
    if (!this.#over) {
      await this.endpoint.unbridge();
      await this.endpoint.stop();
    }
    this.#taken = false;
    void this.#notes.write({});
    await this.#guard();
  }

  /** Hangs up. Never rejects; resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([this.dialog.end(), this.endpoint.close()]);
    await this.#done;
  }

  async #guard(): Promise<void> {
    // While two talk no guard may say goodbye in between.
    if (this.free) await this.endpoint.guard(guardMs).catch(() => undefined);
  }
}
