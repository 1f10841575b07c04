import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Captured } from "./capture.ts";
import { outside, tagOf } from "./outside.ts";
import { readSip, type Srf } from "./srf.ts";

/** How long after the end of an INVITE another answer may come: 64 × T1 (RFC 3261 §13.2.2.4). */
const lateMs = 32_000;

interface Leg {
  readonly fromTag: string;
  /** To tag of the answer that became the call. */
  kept?: string;
  /** The INVITE has ended: whatever answers now is not wanted. */
  over: boolean;
  /** Answers seen before it was known which one is kept, by To tag. */
  readonly answers: Map<string, Captured>;
  /** To tags of the answers that were ended. */
  readonly ended: Set<string>;
}

/**
 * A proxy on the way may ring several telephones with one INVITE, and two people may answer (RFC 3261 §16.7, §13.2.2.4). One becomes the call; every other
 * one is acknowledged and hung up here, or somebody would listen to nothing for half a minute.
 *
 * drachtio-server does not tell its apps of a second answer: it takes it for a repetition of the first, and only repeats the ACK of that one. But it can send
 * a copy of all its SIP, and it sends an ACK and a BYE outside a dialog as they are given to it. So the second answer is found in the copies.
 */
export class Forks {
  readonly #srf: Srf;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #legs = new Map<string, Leg>();
  /** Legs that are over, in the order in which they may be forgotten. */
  readonly #past: { readonly callId: string; readonly untilMs: number }[] = [];

  constructor(srf: Srf, clock: Clock, log: Log) {
    this.#srf = srf;
    this.#clock = clock;
    this.#log = log;
  }

  /** Legs that are looked after, for tests. */
  get size(): number {
    return this.#legs.size;
  }

  /** An INVITE leaves. */
  watch(callId: string, fromTag: string): void {
    this.#forgetOld();
    this.#legs.set(callId, { fromTag, over: false, answers: new Map(), ended: new Set() });
  }

  /** The answer with this To tag is the call. */
  keep(callId: string, toTag: string): void {
    const leg = this.#legs.get(callId);
    if (!leg) return;
    leg.kept ??= toTag;
    this.#endUnwanted(leg);
  }

  /** The INVITE has ended, with or without an answer. */
  finish(callId: string): void {
    const leg = this.#legs.get(callId);
    if (!leg || leg.over) return;
    leg.over = true;
    this.#endUnwanted(leg);
    this.#past.push({ callId, untilMs: this.#clock.now() + lateMs });
  }

  /** A message that drachtio-server received or sent. Most are of no interest, so it is looked at in steps. */
  take(captured: Captured): void {
    const { text } = captured;
    if (!text.startsWith("SIP/2.0 2")) return;
    const callId = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im.exec(text)?.[1];
    const leg = this.#legs.get(callId ?? "");
    const answer = leg && readSip(text);
    if (!leg || !answer || !/^\d+\s+INVITE$/i.test(answer.get("cseq")?.trim() ?? "")) return;
    // Our own answer to a re-INVITE of theirs has the tags the other way round.
    if (tagOf(answer.get("from")) !== leg.fromTag) return;
    const toTag = tagOf(answer.get("to"));
    if (toTag === undefined) return;
    leg.answers.set(toTag, captured);
    this.#endUnwanted(leg);
  }

  #endUnwanted(leg: Leg): void {
    if (leg.kept === undefined && !leg.over) return;
    for (const [toTag, captured] of leg.answers) {
      leg.answers.delete(toTag);
      if (toTag !== leg.kept) this.#end(leg, toTag, captured);
    }
  }

  /** Each repetition of the answer is acknowledged again, as the first ACK may have been lost; the BYE repeats itself. */
  #end(leg: Leg, toTag: string, { text, from }: Captured): void {
    const answer = readSip(text);
    if (!answer) return;
    const callId = answer.get("call-id");
    const send = (method: "ACK" | "BYE", sent: () => void) => {
      try {
        this.#srf.request(outside(method, { message: answer, from }), (error) => {
          if (error) this.#log.warn({ err: error, callId }, `${method} to a second answer not sent`);
          else sent();
        });
      } catch (error) {
        // The socket is gone this very moment. The answer is repeated until it is acknowledged, and so comes here again.
        this.#log.warn({ err: error, callId }, `${method} to a second answer not sent`);
      }
    };
    send("ACK", () => {});
    if (leg.ended.has(toTag)) return;
    send("BYE", () => {
      leg.ended.add(toTag);
      this.#log.info({ callId }, "ended a second answer to one call");
    });
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    while (this.#past[0] && this.#past[0].untilMs <= now) this.#legs.delete(this.#past.shift()?.callId ?? "");
  }
}
