import { type Clock, pause } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { RequestOptions, Srf } from "./srf.ts";

/** What is known of a leg at drachtio-server. `unsure`: it could not be asked. */
export type Known = "known" | "unknown" | "unsure";

/** A leg that is out of our hands and must not stay up. */
export interface Stray {
  /** While it may still ring. */
  readonly transactionId?: string;
  readonly dialogId: string;
}

/** A server that is there answers at once; a BYE that nobody answers is not waited for. */
const askDeadlineMs = 5000;
const tryAgainMs = 250;

/** Sends a request on a leg that this connection did not make, and tells what came of it. Never rejects, always settles. */
export function askAfter(srf: Srf, clock: Clock, options: RequestOptions): Promise<Known> {
  return new Promise((resolve) => {
    let sent = false;
    const timer = clock.after(askDeadlineMs, () => answer(sent ? "known" : "unsure"));
    const answer = (known: Known) => {
      timer.cancel();
      resolve(known);
    };
    try {
      srf.request(options, (error, request) => {
        // drachtio-server's own "no" has a code; a socket that is gone has another.
        if (error || !request) return answer(isRefusal(error) ? "unknown" : "unsure");
        sent = true;
        // The 200 to a CANCEL is not passed up by drachtio-server.
        if (options.method === "CANCEL") return answer("known");
        request.on("response", ({ status }) => answer(status === 481 || status === 408 ? "unknown" : "known"));
      });
    } catch {
      answer("unsure");
    }
  });
}

function isRefusal(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === "ENODIALOG" || error?.code === "EDRACHTIO";
}

/** Legs whose connection broke: they are ended as soon as drachtio-server can be reached again. */
export class Strays {
  readonly #srf: Srf;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isReady: () => boolean;
  readonly #waiting = new Set<Stray>();
  #ending = false;

  constructor(srf: Srf, clock: Clock, log: Log, isReady: () => boolean) {
    this.#srf = srf;
    this.#clock = clock;
    this.#log = log;
    this.#isReady = isReady;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(stray: Stray): void {
    this.#waiting.add(stray);
    this.endAll();
  }

  /** Goes through them for as long as the connection holds; called again when it is back. */
  async endAll(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    while (this.#waiting.size > 0 && this.#isReady()) {
      await Promise.all([...this.#waiting].map((stray) => this.#end(stray)));
      if (this.#waiting.size > 0) await pause(this.#clock, tryAgainMs);
    }
    this.#ending = false;
  }

  async #end(stray: Stray): Promise<void> {
    const { transactionId, dialogId } = stray;
    const uri = "sip:placeholder";
    // It may have been answered meanwhile: then the CANCEL finds nothing, and the BYE does.
    const canceled = transactionId
      ? await askAfter(this.#srf, this.#clock, { method: "CANCEL", uri, stackTxnId: transactionId, headers: {} })
      : "unknown";
    const ended = await askAfter(this.#srf, this.#clock, { method: "BYE", uri, stackDialogId: dialogId, headers: {} });
    if (canceled === "unsure" || ended === "unsure") return;
    this.#waiting.delete(stray);
    this.#log.warn({ dialogId, canceled, ended }, "ended a leg whose connection had been lost");
  }
}
