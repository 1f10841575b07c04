import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Dialog, DialogEnd } from "../../voice/ports.ts";
import { readReason } from "./failure.ts";
import { answerTo, holdOf, takenUp } from "./hold.ts";
import { answerIn } from "./outside.ts";
import type { SipDialog, SipIncoming, SipMessage, SipResponder } from "./srf.ts";
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
  readonly #log: Log;
  /** Says what the far side's media are connected to. */
  #answer: ((offer: string) => Promise<string>) | undefined;
  /** Whether it has asked for our offer within the call. */
  #asked = false;
  readonly #end = Promise.withResolvers<DialogEnd>();
  #ending: Promise<void> | undefined;
  #lost = false;

  /** @param strand is given the dialog when it is to be ended and cannot be, because its connection is gone */
  constructor(dialog: SipDialog, clock: Clock, log: Log, strand: (stray: Stray) => void) {
    this.#strand = strand;
    this.#log = log;
    this.id = dialog.id;
    this.callId = dialog.sip.callId;
    this.ended = this.#end.promise;
    this.#dialog = dialog;
    this.#clock = clock;
    dialog.once("destroy", (bye?: SipMessage) => {
      const { q850 } = readReason(bye?.get("Reason"));
      this.#end.resolve({ by: "them", ...(q850 !== undefined && { q850 }) });
    });
    // RFC 3261 §14 and RFC 3311: the library alone would say what was said before, and nobody would be told where the far side is now.
    const renew = (request: SipIncoming, response: SipResponder) => void this.#told(this.#renew(request, response));
    for (const event of ["modify", "update"]) dialog.on(event, renew);
    dialog.on("ack", ({ body }: SipIncoming) => void this.#told(this.#acknowledged(body)));
  }

  answerOffers(answer: (offer: string) => Promise<string>): void {
    this.#answer = answer;
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

  /** Answers other media. */
  async #renew(request: SipIncoming, response: SipResponder): Promise<void> {
    const { local } = this.#dialog;
    try {
      if (request.body) local.sdp = await this.#moved(request.body);
    } catch (error) {
      response.send(488);
      throw error;
    }
    // Without an offer it asks for ours, and answers that with its ACK.
    const asks = request.method === "INVITE" && !request.body;
    if (asks) [this.#asked, local.sdp] = [true, takenUp(local.sdp)];
    const headers = { Contact: local.contact };
    if (request.body || asks) response.send(200, undefined, { body: local.sdp, headers: { ...headers, "Content-Type": "application/sdp" } });
    else response.send(200, undefined, { headers });
  }

  async #acknowledged(answer: string | undefined): Promise<void> {
    // That of a request before may come now.
    if (!answer || !this.#asked) return;
    this.#asked = false;
    await this.#moved(answer);
  }

  /** Never rejects. */
  #told(renewing: Promise<void>): Promise<void> {
    return renewing.catch((error: unknown) => this.#log.warn({ err: error, callId: this.callId }, "media that moved could not be followed"));
  }

  /** @returns what it is answered with */
  async #moved(offer: string): Promise<string> {
    const { local } = this.#dialog;
    const hold = holdOf(offer);
    if (hold === "nowhere" || !this.#answer) return answerTo(hold, local.sdp);
    return answerTo(hold, await this.#answer(takenUp(offer)));
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
