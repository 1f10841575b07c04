import { againDespite } from "../kernel/again.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Present } from "./desk-engine.ts";
import type { CallbackView, DeskStore } from "./ports.ts";
import type { Judgement } from "./preview.ts";
import type { NotCalled, PreviewCard, PreviewOrder } from "./preview-ports.ts";
import { type PreviewParts, type PreviewSeat, PreviewSession, refusal } from "./preview-session.ts";
import type { Desk } from "./state.ts";

export interface PreviewEngineParts extends PreviewParts {
  readonly store: Pick<DeskStore, "seen">;
  /** Campaigns in which agents look at people before they are called, as far as they run. */
  readonly previewed: () => readonly { readonly id: string }[];
  /** How often it is seen who is gone, and who is to be given somebody. Default 1 s. */
  readonly lookMs?: number;
}

/** A person whom an agent wants to call. */
export interface ManualWish {
  readonly contactId: string;
  readonly campaignId: string;
  /** Typed (E.164), where the campaign allows it. */
  readonly number?: string;
}

/** Who is not back at this node by then has gone to another one, or is gone. */
const awayMs = 12_000;

/** Whom the agents of this node call by themselves: people they look at before, people they choose, and people who asked for it. */
export class PreviewEngine {
  readonly #parts: PreviewEngineParts;
  readonly #open = new Map<string, PreviewSession>();
  /** Agents for whom somebody is being looked for. */
  readonly #asking = new Set<string>();
  /** Since when the program of an agent with somebody before them is not connected to this node (epoch ms). */
  readonly #away = new Map<string, number>();
  /** What has to come to its end before this has. */
  readonly #work = new Set<Promise<void>>();
  readonly #stop: () => Promise<void>;
  readonly #unhear: () => void;
  #closed = false;

  constructor(parts: PreviewEngineParts) {
    this.#parts = parts;
    const { clock, lookMs = 1000, log, desks } = parts;
    this.#unhear = desks.onChange((present) => this.#changed(present));
    this.#stop = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ error: String(error) }, "it cannot be seen which agents look at somebody; trying on"),
    );
  }

  /** Whom the agent has before them. */
  cardOf(agentId: string): PreviewCard | undefined {
    return this.#open.get(agentId)?.card;
  }

  /**
   * The next person, for an agent who is ready.
   * @param campaignId of this campaign; left out: of any that their groups work for
   * @throws Fault `agent-state`, `campaign-unknown`, `nobody-due`
   */
  async next(agentId: string, session: string, campaignId?: string): Promise<PreviewCard> {
    return await this.#alone(agentId, async () => {
      if (this.#parts.desks.deskOf(agentId)?.state !== "ready") throw new Fault("agent-state", "Say first that you are ready.");
      const ids = this.#parts.previewed().flatMap(({ id }) => (campaignId === undefined || id === campaignId ? [id] : []));
      if (ids.length === 0 && campaignId !== undefined)
        throw new Fault("campaign-unknown", `Campaign ${campaignId} does not run, or people are not looked at there before they are called.`);
      const given = await this.#give(agentId, session, ids);
      if (!given) throw new Fault("nobody-due", "Nobody is to be called now.");
      return given.card;
    });
  }

  /** Calls a person of the agent's campaigns. @throws Fault `campaign-unknown`, `number-not-allowed`, `call-refused`, `agent-state` */
  async manual(agentId: string, session: string, { campaignId, contactId, number }: ManualWish): Promise<PreviewCard> {
    const { orders } = this.#parts;
    return await this.#alone(agentId, async () => {
      const seat = await this.#seat(agentId, session, campaignId, "manual");
      if (number !== undefined && !seat.rules.typedNumbers)
        throw new Fault("number-not-allowed", "In this campaign people are called at the numbers of their list alone.");
      return await this.#call(seat, await orders.one(campaignId, { contactId, ...(number !== undefined && { number }) }));
    });
  }

  /** Calls somebody back; the agent has the callback. @throws Fault `callback-state`, `campaign-unknown`, `call-refused`, `agent-state` */
  async callBack(agentId: string, session: string, { id: callbackId, campaignId, contactId, state, takenBy }: CallbackView): Promise<PreviewCard> {
    return await this.#alone(agentId, async () => {
      if (state !== "taken" || takenBy !== agentId) throw new Fault("callback-state", "You do not have this callback; take it first.");
      const seat = await this.#seat(agentId, session, campaignId, "callback");
      return await this.#call({ ...seat, callbackId }, await this.#parts.orders.one(campaignId, { contactId, promised: true }));
    });
  }

  /** The agent wants the person called whom they look at. @throws Fault `agent-state`, `call-refused` */
  async dial(agentId: string): Promise<void> {
    await this.#of(agentId).obey({ kind: "dial" });
  }

  /** @throws Fault `agent-state`, `skip-reason-unknown` */
  async skip(agentId: string, code: string): Promise<void> {
    await this.#of(agentId).obey({ kind: "skip", code });
  }

  /** What the agent says the call is: that is its result, and the call is over. @throws Fault `agent-state` */
  judge(agentId: string, judgement: Judgement): void {
    this.#of(agentId).judge(judgement);
  }

  /** Takes back what rings, or ends the conversation. @returns whether there was anything */
  hangUp(agentId: string): boolean {
    return this.#open.get(agentId)?.hangUp() ?? false;
  }

  /** A campaign is otherwise now: people of one that does not run are not before agents any more. */
  campaignMoved(campaignId: string, runs: boolean): void {
    if (runs) return;
    for (const session of this.#open.values())
      if (session.order.campaignId === campaignId && session.card.kind === "preview") session.withdraw({ kind: "withdraw", why: "campaign" });
  }

  /** One look: who is gone has nobody before them, and who is ready gets somebody where people are given out. */
  async look(): Promise<void> {
    const { store, desks, clock } = this.#parts;
    const open = [...this.#open.values()];
    const seen = new Map((open.length > 0 ? await store.seen(open.map(({ agentId }) => agentId)) : []).map(({ agentId, desk }) => [agentId, desk]));
    const here = new Set(desks.present.map(({ agentId }) => agentId));
    for (const session of open) {
      const { agentId, order } = session;
      // Over since it was asked about.
      if (this.#open.get(agentId) !== session) continue;
      const since = here.has(agentId) ? undefined : (this.#away.get(agentId) ?? clock.now());
      if (since === undefined) this.#away.delete(agentId);
      else this.#away.set(agentId, since);
      if (seen.get(agentId)?.hold?.attemptId !== order.attemptId || (since !== undefined && clock.now() - since >= awayMs)) session.leave();
    }
    for (const { agentId, desk } of desks.present) if (desk.state === "ready") await this.#push(agentId);
  }

  /** Takes back whom nobody has called, and ends what rings. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unhear();
    await this.#stop();
    for (const session of this.#open.values()) {
      session.withdraw({ kind: "withdraw", why: "server" });
      if (session.card.phase === "dialling") session.hangUp();
    }
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #changed({ agentId, desk, here }: Present): void {
    if (!here) return;
    const session = this.#open.get(agentId);
    if (session && hasLeft(session, desk)) session.leave();
    else if (desk.state === "talking") session?.talking();
    else if (desk.state === "ready") {
      const giving = this.#push(agentId)
        .catch((error: unknown) =>
          this.#parts.log.warn({ agent: agentId, error: String(error) }, "nobody could be put before an agent; trying again"),
        )
        .finally(() => this.#work.delete(giving));
      this.#work.add(giving);
    }
  }

  async #push(agentId: string): Promise<void> {
    const { previewed, campaignDesks, orders } = this.#parts;
    if (this.#closed || this.#open.has(agentId) || this.#asking.has(agentId)) return;
    const ids: string[] = [];
    for (const { id } of previewed()) if (orders.due(id) && (await campaignDesks.rules(id)).preview === "push") ids.push(id);
    if (ids.length === 0) return;
    try {
      await this.#alone(agentId, async () => void (await this.#give(agentId, undefined, ids)));
    } catch (error) {
      // Somebody else has them by now.
      if (toFault(error, "internal").code !== "agent-state") throw error;
    }
  }

  /** Somebody of the first of these campaigns that is the agent's and has one. */
  async #give(agentId: string, session: string | undefined, campaignIds: readonly string[]): Promise<PreviewSession | undefined> {
    const { campaignDesks, orders } = this.#parts;
    for (const campaignId of campaignIds) {
      const groupId = orders.due(campaignId) ? await campaignDesks.groupFor(agentId, campaignId) : undefined;
      const order = groupId === undefined ? undefined : await orders.next(campaignId);
      if (groupId === undefined || !order) continue;
      return await this.#begin({ agentId, session, groupId, kind: "preview", rules: await campaignDesks.rules(campaignId) }, order);
    }
    return undefined;
  }

  async #call(seat: PreviewSeat, order: PreviewOrder | NotCalled): Promise<PreviewCard> {
    if ("refused" in order) throw refusal(order);
    const session = await this.#begin(seat, order);
    await session.dial(false);
    return session.card;
  }

  async #begin(seat: PreviewSeat, order: PreviewOrder): Promise<PreviewSession> {
    const { agentId } = seat;
    const session = await PreviewSession.open(this.#parts, seat, order, () => {
      if (this.#open.get(agentId)?.order === order) this.#open.delete(agentId);
      this.#away.delete(agentId);
    });
    this.#open.set(agentId, session);
    const ending = session.over.finally(() => this.#work.delete(ending));
    this.#work.add(ending);
    const { desks, previewed } = this.#parts;
    const desk = desks.deskOf(agentId);
    // What has happened while it was read who the person is, nobody has told the session of.
    if (this.#closed) session.withdraw({ kind: "withdraw", why: "server" });
    else if (desk && hasLeft(session, desk)) session.leave();
    else if (seat.kind === "preview" && !previewed().some(({ id }) => id === order.campaignId))
      session.withdraw({ kind: "withdraw", why: "campaign" });
    return session;
  }

  async #seat(agentId: string, session: string, campaignId: string, kind: PreviewSeat["kind"]): Promise<PreviewSeat> {
    const { campaignDesks } = this.#parts;
    const groupId = await campaignDesks.groupFor(agentId, campaignId);
    if (groupId === undefined) throw new Fault("campaign-unknown", `There is no campaign ${campaignId} for which a group of yours works.`);
    return { agentId, session, groupId, kind, rules: await campaignDesks.rules(campaignId) };
  }

  #of(agentId: string): PreviewSession {
    const session = this.#open.get(agentId);
    if (!session) throw new Fault("agent-state", "Nobody is before you.");
    return session;
  }

  /** One thing at a time for each agent. @throws Fault `agent-state` */
  async #alone<T>(agentId: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Fault("agent-state", "The server stops.");
    if (this.#open.has(agentId)) throw new Fault("agent-state", "You have somebody before you: dial or skip first.");
    if (this.#asking.has(agentId)) throw new Fault("agent-state", "Somebody is being looked for already.");
    this.#asking.add(agentId);
    const over = Promise.withResolvers<void>();
    this.#work.add(over.promise);
    try {
      return await work();
    } finally {
      this.#asking.delete(agentId);
      this.#work.delete(over.promise);
      over.resolve();
    }
  }
}

/** The agent is held for somebody else by now, or wants to go and has not called yet. */
function hasLeft({ card, order }: PreviewSession, desk: Desk): boolean {
  return desk.hold?.attemptId !== order.attemptId || (desk.next?.state === "logged-out" && card.phase === "shown");
}
