import type { AttemptLog } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { DeskEngine } from "./desk-engine.ts";
import { type DeskRules, paymentLink } from "./desk-rules.ts";
import type { AgentContacts } from "./ports.ts";
import { type Judgement, type PreviewEvent, type PreviewKind, previewMove, resultOf } from "./preview.ts";
import type {
  CampaignDesks,
  NotCalled,
  PreviewCard,
  PreviewOrder,
  PreviewOrders,
  ShownEnd,
  SingleCall,
  SingleCalls,
  SingleEnd,
} from "./preview-ports.ts";

export interface PreviewParts {
  readonly desks: DeskEngine;
  readonly campaignDesks: CampaignDesks;
  readonly orders: PreviewOrders;
  readonly calls: SingleCalls;
  readonly attempts: Pick<AttemptLog, "finish">;
  readonly contacts: Pick<AgentContacts, "person" | "history" | "campaignName">;
  readonly clock: Clock;
  readonly log: Log;
}

/** An agent for whom somebody is to be called. */
export interface PreviewSeat {
  readonly agentId: string;
  /** Only if this is still the agent's program; left out: whoever it is. */
  readonly session: string | undefined;
  readonly groupId: string;
  readonly kind: PreviewKind;
  readonly rules: DeskRules;
  readonly callbackId?: string;
}

/** Agent's telephone and person's may ring for so long, one after the other; then the desk frees itself. */
const longestRingMs = 180_000;
/** So long after the end of a preview the desk frees itself, should this process not have done so. */
const slackMs = 10_000;
const mostHistory = 20;

/** One person before one agent: from the moment they are shown until nothing is on the line any more. */
export class PreviewSession {
  readonly #parts: PreviewParts;
  readonly #seat: PreviewSeat;
  readonly order: PreviewOrder;
  readonly #over = Promise.withResolvers<void>();
  readonly #timer: Timer | undefined;
  readonly #until: number;
  #card: PreviewCard;
  #call: SingleCall | undefined;
  #judged: Result | undefined;
  /** It was hung up before anything could ring. */
  #hungUp = false;
  readonly #leaving: () => void;
  #ended = false;

  /**
   * Holds the agent for the order, and shows the person to them. The order is put back when that cannot be.
   * @param leaving called once, when the person is not before the agent any more, and before the agent is free again
   * @throws Fault `agent-state`, `agent-session`
   */
  static async open(parts: PreviewParts, seat: PreviewSeat, order: PreviewOrder, leaving: () => void): Promise<PreviewSession> {
    const { desks, contacts, log } = parts;
    const { agentId, session, groupId, kind: how, rules } = seat;
    const { attemptId, contactId, campaignId } = order;
    try {
      await desks.hold(agentId, session, how === "preview" ? "reserve" : "place", { attemptId, groupId }, rules.previewS * 1000 + slackMs);
    } catch (error) {
      await putBack(parts, order, 0, "its agent could not be held for it");
      throw error;
    }
    const known = [contacts.person(contactId), contacts.history(contactId, mostHistory), contacts.campaignName(campaignId)] as const;
    const [contact, history, name] = await Promise.all(known).catch((error: unknown) => {
      log.warn({ attempt: attemptId, error: String(error) }, "an agent is shown somebody without what is known of them");
      return [undefined, [], undefined] as const;
    });
    // Not this very attempt.
    const before = history.filter(({ kind, at }) => kind !== "attempt" || at < order.permit.at);
    const person = { contactId, clientId: contact?.clientId, attemptId, fields: order.fields };
    const card: PreviewCard = {
      ...{
        attemptId,
        kind: how,
        phase: "shown",
        campaign: { id: campaignId, name: name ?? campaignId },
        groupId,
        address: order.address,
        history: before,
      },
      ...{ dialsItself: how === "preview" && rules.atTimeOut === "dial", skipReasons: how === "preview" ? rules.skipReasons : [] },
      ...(contact && { contact }),
      ...(seat.callbackId !== undefined && { callbackId: seat.callbackId }),
      ...(rules.paymentUrl !== undefined && { paymentUrl: paymentLink(rules.paymentUrl, person) }),
    };
    return new PreviewSession(parts, seat, order, card, leaving);
  }

  private constructor(parts: PreviewParts, seat: PreviewSeat, order: PreviewOrder, card: PreviewCard, leaving: () => void) {
    this.#leaving = leaving;
    this.#parts = parts;
    this.#seat = seat;
    this.order = order;
    const forMs = seat.rules.previewS * 1000;
    this.#until = parts.clock.now() + forMs;
    this.#card = seat.kind === "preview" ? { ...card, until: this.#until } : card;
    if (seat.kind === "preview") this.#timer = parts.clock.after(forMs, () => this.withdraw({ kind: "time-out" }));
    this.#tell();
    const { agentId, kind } = seat;
    parts.log.info({ agent: agentId, attempt: order.attemptId, campaign: order.campaignId, kind }, "an agent has somebody before them");
  }

  get agentId(): string {
    return this.#seat.agentId;
  }

  get card(): PreviewCard {
    return this.#card;
  }

  /** Resolves when the agent has nothing to do with the person any more, and all of it is written. Never rejects. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** @throws Fault `agent-state`, `skip-reason-unknown`, `call-refused` */
  async obey(event: PreviewEvent): Promise<void> {
    if (this.#ended) return;
    const { phase } = this.#card;
    const moved = previewMove({ phase, until: this.#until }, event, this.#seat.rules, this.#parts.clock.now());
    if ("refused" in moved) throw new Fault(event.kind === "skip" && phase === "shown" ? "skip-reason-unknown" : "agent-state", moved.refused);
    if (moved.act === "nothing") return;
    if (moved.act === "dial") return await this.dial(this.#seat.kind === "preview");
    const why = event.kind === "skip" ? "skipped" : event.kind === "time-out" ? "timed-out" : "withdrawn";
    await this.#end({ why, reason: moved.reason }, moved.act === "put-back" ? moved.afterMs : undefined);
  }

  /** The same by nobody who waits for it. What is on the line already is left alone. */
  withdraw(event: PreviewEvent): void {
    this.obey(event).catch((error: unknown) => {
      const { code, message } = toFault(error, "internal");
      if (code !== "call-refused" && code !== "agent-state")
        this.#parts.log.error({ attempt: this.order.attemptId, code, message }, "somebody could not be taken from their agent");
    });
  }

  /** The agent is not there for this person any more. */
  leave(): void {
    if (this.#card.phase === "shown") this.withdraw({ kind: "withdraw", why: "agent" });
    else if (this.#card.phase === "dialling") this.hangUp();
  }

  /** @param askAgain the gate was asked a while ago. @throws Fault `call-refused`, `agent-state` when the person is not before the agent any more */
  async dial(askAgain: boolean): Promise<void> {
    const { orders, desks, calls } = this.#parts;
    if (this.#ended) throw new Fault("agent-state", "The person has been taken from you: you are leaving, or the server stops.");
    const { order, agentId } = this;
    this.#timer?.cancel();
    this.#show("dialling");
    try {
      const no = askAgain ? await orders.again(order) : undefined;
      if (no) throw refusal(no);
      if (!this.#hungUp) await desks.progress(agentId, order.attemptId, { ringMs: longestRingMs });
      if (this.#hungUp) throw new Fault("agent-state", "It was hung up before anybody was called.");
    } catch (error) {
      const fault = toFault(error, "internal");
      await this.#end({ why: "not-placed", reason: fault.message }, 0);
      throw fault;
    }
    this.#call = calls.dial(order, agentId, () => this.#judged);
    void this.#call.over.then((end) => this.#called(end));
  }

  /** The two hear each other. */
  talking(): void {
    if (!this.#ended && this.#card.phase === "dialling") this.#show("talking");
  }

  /** What the agent says the call is: that is its result, and the call is over. @throws Fault `agent-state` */
  judge(judgement: Judgement): void {
    if (!this.#call) throw new Fault("agent-state", "Nobody is being called.");
    this.#judged = resultOf(judgement);
    this.#call.hangUp();
  }

  /** Takes back what rings or is about to, or ends the conversation. @returns whether there was anything */
  hangUp(): boolean {
    this.#hungUp ||= this.#card.phase === "dialling";
    this.#call?.hangUp();
    return this.#hungUp || this.#call !== undefined;
  }

  async #called(end: SingleEnd): Promise<void> {
    const { campaignDesks, log } = this.#parts;
    const { callbackId } = this.#seat;
    log.info({ agent: this.agentId, attempt: this.order.attemptId, ...end }, "a call that an agent asked for is over");
    if (end.end === "called") {
      if (callbackId !== undefined && end.result === "human")
        await campaignDesks.callbackDone(callbackId, this.agentId).catch((error: unknown) => this.#troubled(error));
      await this.#end({ why: "called", result: end.result }, "written");
    } else await this.#end({ why: end.end, reason: end.end === "not-placed" ? end.reason : `the telephone of its agent: ${end.end}` }, 0);
  }

  /** @param afterMs when the person waits again; left out: they are done with. `written`: the log knows it already */
  async #end(end: ShownEnd, afterMs: number | "written" | undefined): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    const { desks } = this.#parts;
    const { attemptId } = this.order;
    try {
      if (afterMs !== "written") await putBack(this.#parts, this.order, afterMs, "reason" in end ? (end.reason ?? end.why) : end.why);
      this.#leaving();
      await desks.progress(this.agentId, attemptId, end.why === "missed" ? "miss" : "release");
    } catch (error) {
      this.#leaving();
      // Whoever is not held for it any more, or has talked, is where they belong already.
      if (toFault(error, "internal").code !== "agent-state") this.#troubled(error);
    } finally {
      // Whoever hears it may ask for the next at once.
      desks.tell(this.agentId, (listener) => listener.previewEnded?.(attemptId, end));
      this.#over.resolve();
    }
  }

  #troubled(error: unknown): void {
    this.#parts.log.error(
      { err: error, agent: this.agentId, attempt: this.order.attemptId },
      "what became of a call of an agent could not be written",
    );
  }

  #show(phase: PreviewCard["phase"]): void {
    const { until: _, ...card } = this.#card;
    this.#card = { ...card, phase };
    this.#tell();
  }

  #tell(): void {
    this.#parts.desks.tell(this.agentId, (listener) => listener.preview?.(this.#card));
  }
}

export function refusal({ refused, retryAt }: NotCalled): Fault {
  const until = retryAt === undefined ? "" : ` They may be called from ${new Date(retryAt).toISOString()} on.`;
  return new Fault("call-refused", `This person is not called: ${refused}.${until}`, { detail: { rule: refused } });
}

async function putBack(
  { attempts, clock }: PreviewParts,
  { attemptId, dueAt = 0 }: PreviewOrder,
  afterMs: number | undefined,
  reason: string,
): Promise<void> {
  const at = clock.now();
  await attempts.finish(attemptId, { at, result: "canceled", reason, ...(afterMs !== undefined && { againAt: Math.max(at + afterMs, dueAt) }) });
}
