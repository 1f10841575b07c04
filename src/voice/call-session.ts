import type { LegIds, Mark } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import { dueAgain } from "../attempt/treatment.ts";
import type { Log } from "../kernel/log.ts";
import type { Agents } from "./agent-call-session.ts";
import type { AnsweredEnding } from "./amd/answered.ts";
import { hearEarlyMedia } from "./amd/early-session.ts";
import type { Call, CallParts } from "./call.ts";
import { converse } from "./conversation-session.ts";
import { Departure } from "./departure-session.ts";
import { mayFailOver, ringLeftMs } from "./fail-over.ts";
import { type Ring, type Ringing, ring } from "./invite-session.ts";
import { LiveAnswerWatch } from "./live-answer.ts";
import type { Dialog, Endpoint, ScriptEnd } from "./ports.ts";
import { describeCancellation, describeFailure, resultOf } from "./sip-status.ts";
import { Trace, traceSignalling } from "./trace-session.ts";
import { type PeerIds, peerDetail, transferOver } from "./transfer-session.ts";
import { refusedBy, showable, type Trunk } from "./trunk.ts";

/** Says which attempt an INVITE belongs to, in the carrier's traces as in ours. */
export const attemptHeader = "X-Carillon-Attempt";

/**
 * One call from its second question to the gate until nothing of it is left: the attempt is ended in the log, the leg and
 * its endpoint are released or given back. Never rejects.
 */
export class CallSession {
  readonly #parts: CallParts;
  readonly #call: Call;
  readonly #log: Log;
  readonly #trace: Trace;
  /** Resolves with the result when nothing of it is left; undefined when the attempt stays as it was reserved. */
  readonly done: Promise<Result | undefined>;
  #result: Result | undefined;
  #ringing: Ringing | undefined;
  #dialog: Dialog | undefined;
  #withdrawn = false;
  /** Ends listening to early media. */
  #deafen: (() => void) | undefined;
  /** When the ring time, shared by all tries, is over (epoch ms). */
  #ringsUntil = 0;
  /** What the last INVITE was called on the wire is written. */
  #noted: Promise<void> = Promise.resolve();
  /** The number that is shown. */
  #callerId = "";
  readonly #departure: Departure;
  /** What becomes of whoever answers, when it is placed for agents. */
  readonly #live: LiveAnswerWatch | undefined;

  constructor(parts: CallParts, call: Call) {
    this.#parts = parts;
    this.#call = call;
    this.#log = parts.log.child({ attempt: call.order.attemptId, campaign: call.order.campaignId });
    this.#trace = new Trace(parts.clock);
    this.#departure = new Departure(parts, call, this.#trace, this.#log);
    this.#live = call.agentCall && new LiveAnswerWatch(call.agentCall);
    this.done = this.#run();
  }

  get attemptId(): string {
    return this.#call.order.attemptId;
  }

  /** Whose session it has now. */
  get mediaServer(): string {
    return this.#endpoint.mediaServer;
  }

  get #endpoint(): Endpoint {
    return this.#departure.endpoint;
  }

  /** Takes the call back if it has not been answered yet. */
  withdraw(): void {
    this.#withdrawn = true;
    this.#ringing?.withdraw();
  }

  async #run(): Promise<Result | undefined> {
    try {
      await this.#place();
    } catch (error) {
      this.#log.error({ err: error }, "call failed");
      // Whoever has answered is not left with nobody there.
      void this.#dialog?.end();
      await this.#endpoint.close();
      // Where not even the second question could be asked nothing has left: the contact goes back to those waiting.
      if (this.#departure.begun) await this.#finish("carrier-fault", "internal fault").catch(() => {});
    } finally {
      this.#call.settled();
    }
    return this.#result;
  }

  async #place(): Promise<void> {
    const { order, tries, ringTimeoutMs } = this.#call;
    const { pool, clock } = this.#parts;
    const callerId = await this.#parts.callerIds.choose(order.callerId, order.address, (number) => tries.some((trunk) => showable(trunk, number)));
    // Left as it was reserved: the contact goes back to those waiting.
    if (this.#withdrawn || callerId === undefined) return pool.recycle(this.#endpoint, false);
    this.#callerId = callerId;
    const suits = (trunk: Trunk) => refusedBy(trunk, order.address, callerId) === undefined;
    const refused = refusedBy(tries.trunk, order.address, callerId);
    if (refused && !tries.next(suits)) {
      pool.recycle(this.#endpoint, false);
      return this.#finish("canceled", refused);
    }
    this.#trace.media("endpoint", `${this.#endpoint.id} on ${this.mediaServer}`);
    let failed: string | undefined;
    for (let count = 1; ; count++) {
      const rung = await this.#try(failed);
      if (!rung) return pool.recycle(this.#endpoint, false);
      if (rung.answered) this.#dialog = rung.dialog;
      this.#learn(rung);
      if (rung.answered) return this.#answered(rung.dialog, rung.sdp);
      failed = describeFailure(rung.failure);
      const goesOn =
        count < tries.maxTries && mayFailOver(rung.failure, rung) && ringLeftMs(clock.now(), this.#ringsUntil, ringTimeoutMs) !== undefined;
      const from = tries.trunk.name;
      if (goesOn && this.#parts.signalling.ready && !this.#withdrawn && tries.next(suits)) {
        this.#log.info({ from, to: tries.trunk.name, failed }, "trying another trunk");
        continue;
      }
      await this.#finish(resultOf(rung.failure, rung), describeCancellation(rung.canceled) ?? failed, rung.failure);
      if (rung.failure.endpointSpent) await this.#endpoint.close();
      else pool.recycle(this.#endpoint, rung.earlyMedia);
      return;
    }
  }

  /** What the far side said is said of the number it was shown, too. */
  #learn(rung: Ring): void {
    const { order, tries } = this.#call;
    tries.count(rung);
    if (rung.answered) this.#parts.callerIds.ended(order.callerId, this.#callerId, 200);
    else if (!rung.failure.madeUp && !rung.failure.lost) {
      const { status, reasonSip } = rung.failure;
      this.#parts.callerIds.ended(order.callerId, this.#callerId, reasonSip === 608 ? reasonSip : status);
    }
  }

  /**
   * One INVITE over the present trunk, reserved in the log before it leaves.
   * @param failed what ended the one before it
   * @returns undefined when it may not leave any more: the attempt is ended, or left as it was
   */
  async #try(failed: string | undefined): Promise<Ring | undefined> {
    const { order, tries, ringTimeoutMs, settled } = this.#call;
    const { signalling, clock } = this.#parts;
    await this.#noted;
    const { trunk } = tries;
    const callerHeaders = await this.#parts.callerHeaders.of(trunk, order.address, this.#callerId);
    const departed = await this.#departure.comes(failed !== undefined, () => this.#withdrawn);
    if (departed === "refused") return undefined;
    if ("canceled" in departed) {
      await this.#finish("canceled", departed.canceled, undefined, undefined, departed.dueAt);
      return undefined;
    }
    const { leg } = departed;
    if (failed === undefined) this.#ringsUntil = clock.now() + ringTimeoutMs;
    const timeoutMs = ringLeftMs(clock.now(), this.#ringsUntil, ringTimeoutMs) ?? ringTimeoutMs;
    const headers = { ...callerHeaders, [attemptHeader]: order.attemptId };
    const invite = { leg, trunk, to: order.address, callerId: this.#callerId, ringTimeoutMs: timeoutMs, headers };
    this.#hearEarlyMedia();
    this.#ringing = ring(traceSignalling(signalling, this.#trace, `trunk ${trunk.name}`), clock, invite, this.#endpoint, {
      sent: ({ transactionId }) => {
        this.#noted = this.#mark(
          "sent",
          { transactionId },
          { trunk: trunk.name, callerId: this.#callerId, ...(failed !== undefined && { after: failed }) },
        );
      },
      ringing: (earlyMedia) => {
        settled();
        this.#mark(earlyMedia ? "early-media" : "ringing");
      },
    });
    const rung = await this.#ringing.end;
    this.#deafen?.();
    return rung;
  }

  /** What nobody will answer, whatever the signalling says, costs no answered call. The first tone may come before the response that tells of it. */
  #hearEarlyMedia(): void {
    const { tap } = this.#endpoint;
    if (!this.#call.detection || !tap?.live) return;
    this.#deafen = hearEarlyMedia(tap, (heard) => {
      this.#log.info({ heard }, "taken back for what is heard before the answer");
      this.#trace.media("verdict", `${heard}, before the answer`);
      this.#ringing?.withdraw(heard === "sit" ? "sit" : "busy-tone");
    });
  }

  async #answered(dialog: Dialog, sdp: string): Promise<void> {
    const endpoint = this.#endpoint;
    this.#call.settled();
    this.#call.answered?.();
    dialog.ended.then(({ by }) => this.#trace.hangUp(by));
    const { clock } = this.#parts;
    const { order, script, detection } = this.#call;
    const conversation = converse({
      attemptId: order.attemptId,
      script,
      detection,
      endpoint,
      dialog,
      connect: () => endpoint.attach(sdp),
      transfer: this.#transfer(),
      ...(this.#live && { agentCall: this.#live.agentCall }),
      agents: this.#agents(),
      trace: this.#trace,
      clock,
      log: this.#log,
    });
    this.#mark("answered", { dialogId: dialog.id });
    // Now that it may last: should this process die, it is known how it began.
    this.#writeLadder();
    const { result, reason, told, final, machine } = await conversation;
    // The BYE has left when `end` returns; a far side that does not answer it must not hold the line and the result.
    dialog.end().then(() => this.#writeLadder());
    await endpoint.close();
    await this.#finish(result, reason, undefined, told, final && "never", machine);
  }

  #agents(): Agents | undefined {
    const { line } = this.#parts;
    const { campaignId, contactId, address } = this.#call.order;
    const asking = { campaignId, contactId, address, callerId: this.#callerId, direction: "outbound" as const };
    return line && { line, asking, note: (detail) => this.#mark("transfer", undefined, detail) };
  }

  #transfer() {
    const { order, tries } = this.#call;
    const note = (state: string, ids: PeerIds) => this.#mark("transfer", undefined, peerDetail(state, ids));
    return transferOver({
      ...this.#parts,
      signalling: (trunk) => traceSignalling(this.#parts.signalling, this.#trace, `transfer over ${trunk.name}`, true),
      callerId: this.#callerId,
      headers: { [attemptHeader]: `${order.attemptId};transfer` },
      callerHeaders: (trunk, to) => this.#parts.callerHeaders.of(trunk, to, this.#callerId),
      open: (suits) => tries.beside(suits),
      legOver: (trunk, dialogId) => this.#parts.secondLegs.begin({ dialogId, trunk, kind: "transfer", attemptId: order.attemptId }),
      note,
      mediaEvent: (event, text) => this.#trace.media(event, text),
    });
  }

  #mark(kind: Mark["kind"], legIds?: LegIds, detail?: Mark["detail"]): Promise<void> {
    const { attempts, clock } = this.#parts;
    const mark: Mark = { at: clock.now(), kind, ...(legIds && { legIds }), ...(detail && { detail }) };
    return attempts.mark(this.#call.order.attemptId, mark).catch((error) => this.#log.error({ err: error, kind }, "event not recorded"));
  }

  /** Nobody waits for it: what is not written is missed by nobody but the reader of ladders. */
  #writeLadder(): void {
    const { attempts, clock } = this.#parts;
    const ladder = this.#trace.take();
    if (!ladder) return;
    attempts
      .mark(this.#call.order.attemptId, { at: clock.now(), kind: "ladder", ladder })
      .catch((error) => this.#log.warn({ err: error }, "ladder not recorded"));
  }

  async #finish(
    found: Result,
    reason: string,
    failure?: { status: number; q850?: number },
    script?: Pick<ScriptEnd, "outcome" | "answers">,
    dueAt?: number | "never",
    machine?: AnsweredEnding["machine"],
  ): Promise<void> {
    const { attempts, clock } = this.#parts;
    // Who called by themselves knows best, once anything has left.
    const result = (this.#departure.begun && this.#call.agentCall?.judged?.()) || found;
    this.#result = result;
    // Just before the ending, so that both share a statement.
    this.#writeLadder();
    const { attemptId, treatments } = this.#call.order;
    const at = clock.now();
    const againAt = dueAt ?? dueAgain(treatments, result, at);
    await attempts.finish(attemptId, {
      at,
      result,
      reason,
      ...this.#live?.counted(machine),
      ...(typeof againAt === "number" && { againAt }),
      ...(failure && { sipStatus: failure.status }),
      ...(failure?.q850 !== undefined && { q850: failure.q850 }),
      ...(script && { outcome: script.outcome, answers: script.answers }),
    });
  }
}
