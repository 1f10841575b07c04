import type { PhoneNumber } from "../kernel/phone.ts";
import { calledNumber, callerNumber, type Refused, refusals, trunkOf } from "./inbound.ts";
import type { InboundEnd, InboundParts } from "./inbound-call.ts";
import type { InboundSignalling, IncomingCall } from "./inbound-ports.ts";
import { InboundSession } from "./inbound-session.ts";
import { awaitLine } from "./line-wait-engine.ts";
import type { TrunkUse } from "./trunk-engine.ts";

export interface InboundEngineParts extends InboundParts {
  readonly inbound: InboundSignalling;
  /** IP addresses that a host name of a trunk stands for now. */
  readonly addressesOf: (host: string) => readonly string[];
  /** Calls that ring here at once, at most. */
  readonly maxSetups: number;
}

/** How many calls from outside had an end, by the campaign they were for (empty: none) and result. */
export type InboundCount = { readonly campaign: string; readonly result: string; readonly calls: number };

/** Takes the calls from outside that come by trunks which may bring them, and counts them and those it refuses. */
export class InboundEngine {
  readonly #parts: InboundEngineParts;
  readonly #sessions = new Set<Promise<unknown>>();
  readonly #refused = new Map<Refused, number>();
  readonly #ended = new Map<string, InboundCount>();
  #setups = 0;
  #closed = false;

  constructor(parts: InboundEngineParts) {
    this.#parts = parts;
  }

  /** Calls ringing or talking. */
  get lines(): number {
    return this.#sessions.size;
  }

  /** Calls that were not taken, by reason. */
  get refused(): ReadonlyMap<Refused, number> {
    return this.#refused;
  }

  get ended(): readonly InboundCount[] {
    return [...this.#ended.values()];
  }

  start(): void {
    this.#parts.inbound.takeCalls((call, draining) => this.#receive(call, draining));
  }

  /** Takes no more calls. Resolves when the last one is over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.inbound.leaveCalls();
    while (this.#sessions.size > 0) await Promise.all(this.#sessions);
  }

  #receive(call: IncomingCall, draining: boolean): void {
    const taken = this.#place(call, draining);
    if (typeof taken === "string") this.#refuse(call, taken);
  }

  #refuse(call: IncomingCall, taken: Refused): void {
    this.#count(taken);
    const { status, phrase, retryAfterS } = refusals[taken];
    call.refuse(status, phrase, retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) });
    const told = { reason: taken, source: call.source.address, callId: call.callId };
    // Scanners come by the thousand.
    if (taken === "unknown-source") this.#parts.log.debug(told, "a call from outside was refused");
    else this.#parts.log.info(told, "a call from outside was refused");
  }

  /** @returns why it is not taken */
  #place(call: IncomingCall, draining: boolean): Refused | undefined {
    const { trunks, media, signalling, addressesOf, maxSetups } = this.#parts;
    const known = trunks.all.map(({ trunk }) => trunk);
    const trunk = trunkOf(known, call, addressesOf);
    const use = trunks.all.find((each) => each.trunk === trunk);
    if (!trunk || !use) return "unknown-source";
    if (trunk.inbound !== true) return "not-inbound";
    const called = calledNumber(trunk, call);
    if (called === undefined) return "unknown-number";
    if (this.#closed) return "closing";
    if (draining) return "draining";
    if (!media.ready || !signalling.ready) return "no-media";
    if (this.#setups >= maxSetups) return "overload";
    this.#setups += 1;
    const over = this.#take(call, use, called).finally(() => this.#sessions.delete(over));
    this.#sessions.add(over);
    return undefined;
  }

  /** Lives until nothing of the call is left. Never rejects. */
  async #take(call: IncomingCall, use: TrunkUse, called: PhoneNumber): Promise<void> {
    const { trunk } = use;
    let settled = false;
    const settle = () => {
      if (!settled) this.#setups -= 1;
      settled = true;
    };
    const giveBack = await awaitLine([use], () => use.takeLine());
    if (!giveBack) {
      settle();
      this.#refuse(call, "busy");
      return;
    }
    const session = new InboundSession(this.#parts, { call, trunk, called, caller: callerNumber(trunk, call), settled: settle });
    const end = await session.done;
    giveBack();
    this.#learn(end);
  }

  #learn(end: InboundEnd): void {
    if ("refused" in end) {
      this.#count(end.refused);
      return;
    }
    const { result, campaign = "" } = end;
    const key = `${result} ${campaign}`;
    this.#ended.set(key, { campaign, result, calls: (this.#ended.get(key)?.calls ?? 0) + 1 });
  }

  #count(refused: Refused): void {
    this.#refused.set(refused, (this.#refused.get(refused) ?? 0) + 1);
  }
}
