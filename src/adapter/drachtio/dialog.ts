import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Dialog, DialogEnd } from "../../voice/ports.ts";
import { readReason } from "./failure.ts";
import { answerIn } from "./outside.ts";
import type { SipDialog, SipMessage } from "./srf.ts";
import type { Stray } from "./strays.ts";

/** How long a BYE may stay unanswered before the leg counts as gone: Timer F, 64 × T1 (RFC 3261 §17.1.2.2). */
const byeTimeoutMs = 32_000;

/** A far side that is there answers a re-INVITE or OPTIONS at once: nobody has to pick up. */
const answerTimeoutMs = 4000;

/** One answered leg. */
export class DrachtioDialog implements Dialog {
  readonly id: string;
  readonly callId: string;
  readonly ended: Promise<DialogEnd>;
  readonly #dialog: SipDialog;
  readonly #clock: Clock;
  readonly #strand: (stray: Stray) => void;
  readonly #end = Promise.withResolvers<DialogEnd>();
  #ending: Promise<void> | undefined;
  #lost = false;

  /** @param strand is given the dialog when it is to be ended and cannot be, because its connection is gone */
  constructor(dialog: SipDialog, clock: Clock, strand: (stray: Stray) => void) {
    this.#strand = strand;
    this.id = dialog.id;
    this.callId = dialog.sip.callId;
    this.ended = this.#end.promise;
    this.#dialog = dialog;
    this.#clock = clock;
    dialog.once("destroy", (bye?: SipMessage) => {
      const { q850 } = readReason(bye?.get("Reason"));
      this.#end.resolve({ by: "them", ...(q850 !== undefined && { q850 }) });
    });
  }

  async offer(sdp: string): Promise<string> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(answerTimeoutMs, () => late.reject(new Error("there was no answer")));
    try {
      if (this.#lost || this.#ending || !this.#dialog.connected) throw new Error("the call is over");
      return await Promise.race([this.#dialog.modify(sdp), late.promise]);
    } catch (error) {
      throw new Fault("media-refused", "The far side of a call did not take other media.", { cause: error });
    } finally {
      timer.cancel();
    }
  }

  /** Asks with OPTIONS within the dialog (RFC 3261 §11); whatever comes back from the far side but 481 and 408 is a yes. */
  isThere(): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#lost || this.#ending || !this.#dialog.connected) return resolve(false);
      const answer = (there: boolean) => {
        timer.cancel();
        resolve(there);
      };
      const timer = this.#clock.after(answerTimeoutMs, () => answer(false));
      try {
        this.#dialog.request({ method: "OPTIONS" }, (error, response) => {
          // What nobody sent is drachtio-server's own.
          const [status, from] = [response?.status, response?.source_address];
          answer(!error && status !== 481 && status !== 408 && Boolean(from));
        });
      } catch {
        // drachtio-srf asserts on a socket that is gone; losing it ends the dialog.
        answer(false);
      }
    });
  }

  end(): Promise<void> {
    this.#ending ??= this.#sendBye();
    return this.#ending;
  }

  /** The connection to drachtio-server broke: its dialogs are out of our reach and no BYE will be reported. */
  lose(): void {
    this.#lost = true;
    // A BYE that has not been answered may never have left.
    if (this.#ending) this.#strand(this.#stray);
    this.#end.resolve({ by: "lost" });
  }

  get #stray(): Stray {
    const { res, type } = this.#dialog;
    // The answer to a call from outside is our own.
    const answer = type === "uas" ? undefined : answerIn(res);
    return { dialogId: this.id, answers: answer ? [answer] : [] };
  }

  #sendBye(): Promise<void> {
    if (this.#lost) {
      this.#strand(this.#stray);
      return Promise.resolve();
    }
    if (!this.#dialog.connected) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        this.#end.resolve({ by: "us" });
        resolve();
      };
      const timer = this.#clock.after(byeTimeoutMs, done);
      this.ended.then(done);
      this.#dialog.destroy({}, done);
    });
  }
}
