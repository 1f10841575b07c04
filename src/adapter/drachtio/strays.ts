import { type Clock, pause } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { requestNote, responseNote, type Tell } from "./ladder.ts";
import { type Answer, outside } from "./outside.ts";
import type { RequestOptions, SipRequest, SipResponse, Srf } from "./srf.ts";

/** What is known of a leg at drachtio-server. `unsure`: it could not be asked. `unreachable`: nothing listens at the far side just now. */
export type Known = "known" | "unknown" | "unsure" | "unreachable";

/** A leg that is out of our hands and must not stay up. */
export interface Stray {
  /** While it may still ring. */
  readonly transactionId?: string;
  readonly dialogId: string;
  /** Who answered, or rang and told their tag, as far as it is known: a drachtio-server that was started anew knows nothing of the dialog. */
  readonly answers: readonly Answer[];
}

/** What left, and what came back for it. */
export type Asked = (request: SipRequest, response: SipResponse) => void;

/** A server that is there answers at once; a BYE that nobody answers is not waited for. */
const askDeadlineMs = 5000;
/** A far side that does not answer is told of by a 408 that drachtio-server makes up, after 64 × T1. */
const silenceDeadlineMs = 35_000;
const tryAgainMs = 250;
/** When those are told again who may ring and did not take a BYE. Most that answer 481 are over; who does not know an early dialog of its own may yet pick up. */
const stillRingsMs: readonly number[] = [1000, 2000, 4000];

/**
 * Sends a request on a leg that this connection did not make, and tells what came of it. Never rejects, always settles. Somebody who does not answer an
 * OPTIONS is gone (RFC 3261 §12.2.1.2); whether somebody answers a BYE does not matter.
 * @param unwanted aborted, it is `unsure` at once
 * @param tell told of the request once it has left, and of its answer
 * @param asked told of both once somebody has answered
 */
export function askAfter(srf: Srf, clock: Clock, options: RequestOptions, unwanted?: AbortSignal, tell?: Tell, asked?: Asked): Promise<Known> {
  return new Promise((resolve) => {
    let sent = false;
    const waits = options.method === "OPTIONS";
    const timers = [
      clock.after(askDeadlineMs, () => {
        if (!sent) answer("unsure");
        else if (!waits) answer("known");
      }),
      ...(waits ? [clock.after(silenceDeadlineMs, () => answer("unsure"))] : []),
    ];
    const giveUp = () => answer("unsure");
    const answer = (known: Known) => {
      for (const timer of timers) timer.cancel();
      unwanted?.removeEventListener("abort", giveUp);
      resolve(known);
    };
    unwanted?.addEventListener("abort", giveUp, { once: true });
    try {
      srf.request(options, (error, request) => {
        // drachtio-server's own "no" has a code; a socket that is gone has another.
        if (error || !request) return answer(isRefusal(error) ? "unknown" : "unsure");
        sent = true;
        tell?.(requestNote(request, true));
        // The 200 to a CANCEL is not passed up by drachtio-server.
        if (options.method === "CANCEL") return answer("known");
        request.on("response", (response) => {
          const { status, source_address: from } = response;
          tell?.(responseNote(response));
          asked?.(request, response);
          if (status === 481 || status === 408) answer("unknown");
          // A 503 that nobody sent is drachtio-server's own, for an ICMP message or a TCP connection refused.
          else answer(waits && status === 503 && !from ? "unreachable" : "known");
        });
      });
    } catch {
      answer("unsure");
    }
  });
}

function isRefusal(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === "ENODIALOG" || error?.code === "EDRACHTIO";
}

/**
 * Legs whose connection broke: they are ended as soon as drachtio-server can be reached again. Meanwhile another one says BYE to those who had answered, or
 * rang: in a dialog it is the Call-ID, the tags and a higher CSeq that count, not where a request comes from (RFC 3261 §12.2.1.1, §12.2.2), and our trunks
 * know all our servers. A CANCEL must come from where its INVITE came from (§9.1), and a server that was started anew has forgotten the INVITE; but who rings
 * has told a tag, and the one who calls may end this early dialog with a BYE (§15, §15.1.2). Else somebody would pick up, and nobody would be there.
 */
export class Strays {
  readonly #srf: Srf;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isReady: () => boolean;
  readonly #other: () => Srf | undefined;
  readonly #waiting = new Set<Stray>();
  /** Another server said BYE; their own is told when it is back, so that it forgets the dialog. */
  readonly #endedElsewhere = new WeakSet<Stray>();
  /** Those that did not take a BYE: how often they were told, and when they are told again, epoch ms. */
  readonly #told = new WeakMap<Stray, { readonly times: number; readonly againAtMs: number }>();
  #ending = false;

  /** @param other another server that can be reached, when there are several */
  constructor(srf: Srf, clock: Clock, log: Log, isReady: () => boolean, other: () => Srf | undefined = () => undefined) {
    this.#srf = srf;
    this.#clock = clock;
    this.#log = log;
    this.#isReady = isReady;
    this.#other = other;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(stray: Stray): void {
    this.#waiting.add(stray);
    this.endAll();
  }

  /** Goes through them for as long as there is something to be done; called again when the connection is back. */
  async endAll(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    for (let round = this.#round(); round; round = this.#round()) {
      await round;
      await pause(this.#clock, tryAgainMs);
    }
    this.#ending = false;
  }

  #round(): Promise<unknown> | undefined {
    if (this.#waiting.size === 0) return undefined;
    if (this.#isReady()) return Promise.all([...this.#waiting].map((stray) => this.#end(stray)));
    const other = this.#other();
    const known = [...this.#waiting].filter((stray) => stray.answers.length > 0 && !this.#endedElsewhere.has(stray));
    return other && known.length > 0 ? Promise.all(known.map((stray) => this.#endOver(other, stray))) : undefined;
  }

  async #endOver(other: Srf, stray: Stray): Promise<void> {
    if (this.#mustWait(stray)) return;
    const ended = await this.#hangUp(other, stray);
    if (ended === "unsure" || this.#asksAgain(stray, ended)) return;
    this.#endedElsewhere.add(stray);
    this.#log.warn({ dialogId: stray.dialogId, ended }, "ended a leg of a drachtio-server that is away over another one");
  }

  /** A BYE to everybody who answered, or may. `unknown`: none of them knows the call. */
  async #hangUp(srf: Srf, { answers }: Stray): Promise<Known> {
    const ended = await Promise.all(answers.map((answer) => askAfter(srf, this.#clock, outside("BYE", answer))));
    return (["unsure", "known"] as const).find((known) => ended.includes(known)) ?? "unknown";
  }

  #mustWait(stray: Stray): boolean {
    return (this.#told.get(stray)?.againAtMs ?? 0) > this.#clock.now();
  }

  /** Who took no BYE may still answer, and is told again. */
  #asksAgain(stray: Stray, ended: Known): boolean {
    const times = this.#told.get(stray)?.times ?? 0;
    const afterMs = stillRingsMs[times];
    if (ended !== "unknown" || afterMs === undefined || stray.transactionId === undefined || stray.answers.length === 0) return false;
    this.#told.set(stray, { times: times + 1, againAtMs: this.#clock.now() + afterMs });
    return true;
  }

  async #end(stray: Stray): Promise<void> {
    if (this.#mustWait(stray)) return;
    const { transactionId, dialogId } = stray;
    const uri = "sip:placeholder";
    // It may have been answered meanwhile: then the CANCEL finds nothing, and the BYE does.
    const canceled = transactionId
      ? await askAfter(this.#srf, this.#clock, { method: "CANCEL", uri, stackTxnId: transactionId, headers: {} })
      : "unknown";
    let ended = await askAfter(this.#srf, this.#clock, { method: "BYE", uri, stackDialogId: dialogId, headers: {} });
    // A server that could take the INVITE back looks after who answers it all the same.
    const isForgotten = canceled === "unknown" && ended === "unknown" && !this.#endedElsewhere.has(stray);
    if (isForgotten) ended = await this.#hangUp(this.#srf, stray);
    if (canceled === "unsure" || ended === "unsure") return;
    if (isForgotten && this.#asksAgain(stray, ended)) return;
    this.#waiting.delete(stray);
    this.#log.warn({ dialogId, canceled, ended }, "ended a leg whose connection had been lost");
  }
}
