import type { Ladder, LadderLeg, MediaNote, Rung, SipNote } from "../attempt/ladder.ts";
import type { Caller } from "../ivr/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { InviteRequest, LegName, Signalling } from "./ports.ts";

/** A call that is connected and talked to takes some fifteen; a person who presses keys for an hour must not fill the database. */
const maxFirst = 120;
/** How it ended tells most, so the last ones stay. */
const maxLast = 40;
/** Numbers of a transfer that are rung one after the other. */
const maxLegs = 20;

const hangUps = { us: "by us", them: "by the person called", lost: "by nobody: the connection to drachtio-server broke" } as const;

type Noted = { readonly at: number; readonly leg: number } & ({ readonly sip: SipNote } | { readonly media: MediaNote });

/** Takes down the ladder of one attempt, in memory: it is written with the answer, and with the end. */
export class Trace {
  readonly #clock: Clock;
  #legs: LadderLeg[] = [];
  #noted: Noted[] = [];
  #leftOut = 0;
  #begun = 0;
  /** The leg of the person called. */
  #main = 1;
  #startedAt: number | undefined;
  #hungUp = false;

  /** @param startedAt of what goes on already (epoch ms): whatever is noted is kept. Left out, nothing is before something has left */
  constructor(clock: Clock, startedAt?: number) {
    this.#clock = clock;
    this.#startedAt = startedAt;
  }

  /** A leg begins. @param peer it is not the person's own. @returns its number */
  begin(leg: Omit<LadderLeg, "leg">, peer = false): number {
    this.#begun += 1;
    if (!peer) this.#main = this.#begun;
    if (this.#begun <= maxLegs) this.#legs.push({ leg: this.#begun, ...leg });
    return this.#begun;
  }

  sip(leg: number, sip: SipNote): void {
    this.#startedAt ??= this.#clock.now();
    this.#note({ at: this.#clock.now(), leg, sip });
  }

  media(event: MediaNote["event"], text?: string): void {
    this.#note({ at: this.#clock.now(), leg: this.#main, media: { event, ...(text !== undefined && { text }) } });
  }

  /** Who hung up on the person's own leg; the first one stands. */
  hangUp(by: "us" | "them" | "lost"): void {
    if (!this.#hungUp) this.media("hang-up", hangUps[by]);
    this.#hungUp = true;
  }

  /** What has come since the last time; undefined when nothing has, or nothing has left yet. */
  take(): Ladder | undefined {
    const startedAt = this.#startedAt;
    if (startedAt === undefined || this.#noted.length === 0) return undefined;
    const rungs = this.#noted.map(({ at, ...rest }): Rung => ({ ms: Math.round(at - startedAt), ...rest }));
    const ladder = { startedAt, legs: this.#legs, rungs, leftOut: this.#leftOut };
    this.#legs = [];
    this.#noted = [];
    this.#leftOut = 0;
    return ladder;
  }

  #note(noted: Noted): void {
    if (this.#noted.length >= maxFirst + maxLast) {
      this.#noted.splice(maxFirst, 1);
      this.#leftOut += 1;
    }
    this.#noted.push(noted);
  }
}

/** The same signalling; what is invited over it becomes a leg of the trace. */
export function traceSignalling(signalling: Signalling, trace: Trace, name: string, peer = false): Signalling {
  return watchSignalling(signalling, ({ leg, from, uri }) => {
    const number = trace.begin({ name, callId: leg.callId, from, to: uri }, peer);
    return (note) => trace.sip(number, note);
  });
}

/** The same signalling. @param watch asked at every INVITE who is to be told of its messages */
export function watchSignalling(
  signalling: Signalling,
  watch: (request: InviteRequest & { readonly leg: LegName }) => (note: SipNote) => void,
): Signalling {
  return {
    get ready() {
      return signalling.ready;
    },
    nameLeg: (via) => signalling.nameLeg(via),
    invite(request, watcher) {
      const named = { ...request, leg: request.leg ?? signalling.nameLeg() };
      return signalling.invite(named, { ...watcher, message: watch(named) });
    },
    endDialog: (dialogId, message) => signalling.endDialog(dialogId, message),
    adopt: (dialogId, unwanted) => signalling.adopt(dialogId, unwanted),
    cancelTransaction: (transactionId, message) => signalling.cancelTransaction(transactionId, message),
  };
}

/** The same caller; what is said and keyed in is noted, secret keys by their number only. */
export function traceCaller(caller: Caller, trace: Trace): Caller {
  let spoken = false;
  const speak = () => {
    if (!spoken) trace.media("prompt", "the first prompt begins");
    spoken = true;
  };
  return {
    play(prompts) {
      speak();
      return caller.play(prompts);
    },
    async collect(request) {
      if (request.prompts.length > 0) speak();
      const collected = await caller.collect(request);
      if (collected.end === "digits" || collected.end === "timeout") {
        const { end, digits } = collected;
        const keys = request.secret ? `${digits.length} keys, secret` : digits;
        trace.media("keys", end === "digits" ? keys : `none in time${digits === "" ? "" : `, after ${keys}`}`);
      }
      return collected;
    },
    async record(request) {
      speak();
      const end = await caller.record(request);
      trace.media("recording", end.end === "recorded" ? `${end.durationMs} ms` : end.end);
      return end;
    },
    hold(prompts) {
      speak();
      return caller.hold(prompts);
    },
    async transfer(request) {
      trace.media("transfer", `to ${request.to.length === 1 ? "one number" : `${request.to.length} numbers in turn`}`);
      const end = await caller.transfer(request);
      trace.media("transfer-ended", end);
      return end;
    },
    async queue(request) {
      trace.media("queue", request.group === "campaign" ? "any group of the campaign" : `group ${request.group}`);
      const end = await caller.queue(request);
      trace.media("queue-ended", end);
      return end;
    },
    listen(keys, pressed) {
      caller.listen(keys, (key) => {
        trace.media("keys", `${key}, which works everywhere`);
        pressed(key);
      });
    },
    hangUp() {
      trace.hangUp("us");
      return caller.hangUp();
    },
  };
}
