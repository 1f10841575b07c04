import type { MessageChannel } from "../attempt/message-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { type CallbackStanding, type MayCall, standing, whyNotSchedule, whyNotTake } from "./callback.ts";
import { answererOf, type Disposition, defaultDispositions, type Said, treatmentOf, understand } from "./disposition.ts";
import { AgentMessages, type AgentMessagesParts } from "./message-engine.ts";
import type { AgentContacts, AgentDirectory, CallbackFilter, CallbackStore, CallbackView, KnownContact, Page, PastEntry, Unseen } from "./ports.ts";

export interface AgentWorkParts extends AgentMessagesParts {
  readonly contacts: AgentContacts;
  readonly callbacks: CallbackStore;
  readonly agents: Pick<AgentDirectory, "dispositions">;
  /** The gate's word on each of these people, at a time (epoch ms). */
  readonly mayCall: (callbacks: readonly CallbackView[], at: number) => Promise<readonly MayCall[]>;
}

/** A callback and how it stands. */
export interface StandingCallback extends CallbackView {
  readonly standing: CallbackStanding;
}

/** Of whom the gate said nothing, nobody is called. */
const unasked: MayCall = { may: false, rule: "unknown" };
const everythingSeen: Unseen = { fields: [], numbers: false, mailboxes: false };
/** Callbacks that an agent sees at once. */
const mostShown = 200;

export interface CallbackWish {
  readonly campaignId: string;
  readonly contactId: string;
  readonly dueAt: number;
  /** For this agent alone, until `fallbackAt`. */
  readonly personal: boolean;
  readonly fallbackAt?: number;
  readonly note?: string;
}

/** What a disposition is about: a call of the agent's own, a callback that the agent has, or a person of the campaigns of their groups. */
export type About = { readonly attemptId: string } | { readonly callbackId: string } | { readonly contactId: string; readonly campaignId: string };

/** Of whom something is said, and what about. */
interface Whom {
  readonly contactId: string;
  readonly campaignId: string;
  readonly attemptId?: string;
  readonly callbackId?: string;
  /** Of a written conversation. */
  readonly channel?: MessageChannel;
}

const stranger = "They are on no list, so nothing could hold for them: they opt out by writing STOP, or an administrator suppresses the number.";

/** What agents do with people, besides talking: each only with those on the lists of their groups' campaigns. */
export class AgentWork {
  readonly #parts: AgentWorkParts;

  readonly messages: AgentMessages;

  constructor(parts: AgentWorkParts) {
    this.#parts = parts;
    this.messages = new AgentMessages(parts);
  }

  async search(agentId: string, text: string, unseen: Unseen = everythingSeen): Promise<readonly KnownContact[]> {
    return await this.#parts.contacts.search(agentId, text.trim(), 20, unseen);
  }

  /** @throws Fault `contact-unknown` */
  async contact(agentId: string, contactId: string): Promise<KnownContact & { readonly history: readonly PastEntry[] }> {
    const known = await this.#known(agentId, contactId);
    return { ...known, history: await this.#parts.contacts.history(contactId, 50) };
  }

  /** One of the campaigns of the agent's groups. @throws Fault `callback-unknown` */
  async callback(agentId: string, callbackId: string): Promise<CallbackView> {
    return await this.#visible(agentId, callbackId);
  }

  /** Anybody's. @throws Fault `callback-unknown` */
  async anyCallback(callbackId: string): Promise<StandingCallback> {
    const found = await this.#parts.callbacks.callback(callbackId);
    if (!found) throw new Fault("callback-unknown", `There is no callback ${callbackId}.`);
    return await this.#standing(found);
  }

  /** What the agent has, or may take now or later: those due soonest. */
  async callbacks(agentId: string): Promise<readonly StandingCallback[]> {
    return await this.#standings(await this.#parts.callbacks.callbacksFor(agentId, mostShown));
  }

  async standings(filter: CallbackFilter, page: Page): Promise<readonly StandingCallback[]> {
    return await this.#standings(await this.#parts.callbacks.callbacks(filter, page));
  }

  /** @throws Fault `callback-unknown`, `callback-state` with the reason */
  async take(agentId: string, callbackId: string): Promise<StandingCallback> {
    const { callbacks, clock } = this.#parts;
    const found = await this.#visible(agentId, callbackId);
    const [may = unasked] = await this.#parts.mayCall([found], clock.now());
    const taken = await callbacks.change(callbackId, (callback, at) => {
      // Who has opted out since the gate was asked is not called.
      const why = whyNotTake(callback, agentId, callback.suppressed ? { may: false, rule: "suppressed" } : may, at);
      if (why !== undefined) throw new Fault("callback-state", why);
      return { state: "taken", takenBy: agentId };
    });
    return await this.#standing(taken);
  }

  /** The agent does not do it after all. @throws Fault `callback-unknown`, `callback-state` */
  async putBack(agentId: string, callbackId: string): Promise<void> {
    await this.#parts.callbacks.change(callbackId, ({ state, takenBy }) => {
      if (state !== "taken" || takenBy !== agentId) throw new Fault("callback-state", "You do not have this callback.");
      return { state: "waiting" };
    });
  }

  /** An administrator takes it out. @throws Fault `callback-unknown`, `callback-state` */
  async cancel(callbackId: string): Promise<StandingCallback> {
    const canceled = await this.#parts.callbacks.change(callbackId, ({ state }) => {
      if (state === "done") throw new Fault("callback-state", "It is done already.");
      return { state: "canceled" };
    });
    return await this.#standing(canceled);
  }

  /** @throws Fault `contact-unknown`, `campaign-unknown`, `callback-invalid` with the reason */
  async schedule(agent: { readonly id: string; readonly name: string }, wish: CallbackWish): Promise<StandingCallback> {
    await this.#inCampaign(agent.id, wish.contactId, wish.campaignId);
    return await this.scheduleFor({ ...wish, ...(wish.personal && { agentId: agent.id }) }, agent.name);
  }

  /** The same by an administrator, for any agent or none. @throws Fault `contact-unknown`, `callback-invalid` */
  async scheduleFor(wish: Omit<CallbackWish, "personal"> & { readonly agentId?: string }, source: string): Promise<StandingCallback> {
    const { callbacks, clock } = this.#parts;
    const { campaignId, contactId, dueAt, agentId, fallbackAt, note } = wish;
    const why = whyNotSchedule({ dueAt, personal: agentId !== undefined, ...(fallbackAt !== undefined && { fallbackAt }) }, clock.now());
    if (why !== undefined) throw new Fault("callback-invalid", why);
    const optional = {
      ...(agentId !== undefined && { agentId }),
      ...(fallbackAt !== undefined && { fallbackAt }),
      ...(note !== undefined && { note }),
    };
    return await this.#standing(await callbacks.schedule({ campaignId, contactId, dueAt, ...optional, source }));
  }

  /** What the agent may say of a person of that campaign. */
  async dispositions(campaignId: string): Promise<readonly Disposition[]> {
    return await this.#parts.agents.dispositions(campaignId);
  }

  /**
   * What the agent says about a conversation. One that the person ended with "no more calls", or that reached somebody else, is taken at its word
   * before it is written down.
   * @throws Fault `disposition-invalid` with the reason, `attempt-unknown`, `contact-unknown`, `campaign-unknown`, `callback-unknown`, `callback-state`
   */
  async dispose(agentId: string, about: About, said: Said): Promise<Disposition> {
    return await this.judge(agentId, await this.#about(agentId, about), said);
  }

  /**
   * The same of somebody whose conversation the agent has, whatever groups work for the campaign.
   * @param whom undefined: somebody of no list, of whom nothing is written down
   * @throws Fault `disposition-invalid` with the reason
   */
  async judge(agentId: string, whom: Whom | undefined, said: Said): Promise<Disposition> {
    const { contacts, clock, log } = this.#parts;
    const meant = understand(whom ? await this.dispositions(whom.campaignId) : defaultDispositions, said);
    if ("refused" in meant) throw new Fault("disposition-invalid", meant.refused);
    const { code, category } = meant;
    if (!whom) {
      if (category === "do-not-call" || category === "wrong-number") throw new Fault("disposition-invalid", stranger);
      return meant;
    }
    if (category === "do-not-call") await contacts.optOut(agentId, whom.contactId, undefined, `agent: ${code}`, clock.now());
    if (category === "wrong-number") await contacts.optOut(agentId, whom.contactId, whom.campaignId, `wrong number: ${code}`, clock.now());
    const { note, amount, date: day } = said;
    const told = { ...(note !== undefined && { note }), ...(amount !== undefined && { amount }), ...(day !== undefined && { day }) };
    const { retry } = await this.#parts.campaignDesks.rules(whom.campaignId);
    await contacts.say({ ...whom, agentId, code, category, answeredBy: answererOf(meant), ...told }, treatmentOf(category, retry));
    log.info({ agent: agentId, campaign: whom.campaignId, contact: whom.contactId, code }, "an agent disposed of a conversation");
    return meant;
  }

  /** @throws Fault `contact-unknown` */
  async note(agentId: string, contactId: string, text: string): Promise<void> {
    await this.#known(agentId, contactId);
    await this.#parts.contacts.note(contactId, agentId, text);
  }

  /** @throws Fault `contact-unknown`, `campaign-unknown` */
  async optOut(agentId: string, contactId: string, campaignId: string | undefined): Promise<void> {
    if (campaignId === undefined) await this.#known(agentId, contactId);
    else await this.#inCampaign(agentId, contactId, campaignId);
    await this.#parts.contacts.optOut(agentId, contactId, campaignId, "agent: opt-out", this.#parts.clock.now());
    this.#parts.log.info({ agent: agentId, contact: contactId, campaign: campaignId }, "an agent wrote an opt-out");
  }

  async #about(agentId: string, about: About) {
    if ("contactId" in about) {
      await this.#inCampaign(agentId, about.contactId, about.campaignId);
      return about;
    }
    if ("attemptId" in about) {
      const { attemptId } = about;
      const whom = await this.#parts.contacts.spokenTo(agentId, attemptId);
      if (!whom) throw new Fault("attempt-unknown", `You talked to nobody of a list in attempt ${attemptId}.`);
      return { ...whom, attemptId };
    }
    const { id, contactId, campaignId, state, takenBy, attemptId } = await this.#visible(agentId, about.callbackId);
    if (takenBy !== agentId || (state !== "taken" && state !== "done"))
      throw new Fault("callback-state", "You do not have this callback; take it first.");
    return { contactId, campaignId, callbackId: id, ...(attemptId !== undefined && { attemptId }) };
  }

  async #known(agentId: string, contactId: string): Promise<KnownContact> {
    const known = await this.#parts.contacts.contact(agentId, contactId);
    if (!known) throw new Fault("contact-unknown", `There is no contact ${contactId} on the lists of your groups' campaigns.`);
    return known;
  }

  async #inCampaign(agentId: string, contactId: string, campaignId: string): Promise<void> {
    const { campaignIds } = await this.#known(agentId, contactId);
    if (!campaignIds.includes(campaignId))
      throw new Fault(
        "campaign-unknown",
        `Contact ${contactId} is not in campaign ${campaignId} of your groups; it is in ${campaignIds.join(", ")}.`,
      );
  }

  /** A callback of another group is none of the agent's. */
  async #visible(agentId: string, callbackId: string): Promise<CallbackView> {
    const found = await this.#parts.callbacks.callback(callbackId);
    const known = found && (await this.#parts.contacts.contact(agentId, found.contactId));
    if (!found || !known?.campaignIds.includes(found.campaignId)) throw new Fault("callback-unknown", `There is no callback ${callbackId}.`);
    return found;
  }

  async #standing(callback: CallbackView): Promise<StandingCallback> {
    const at = this.#parts.clock.now();
    const [may = unasked] = await this.#parts.mayCall([callback], at);
    return { ...callback, standing: standing(callback, may, at) };
  }

  async #standings(callbacks: readonly CallbackView[]): Promise<readonly StandingCallback[]> {
    const at = this.#parts.clock.now();
    const words = await this.#parts.mayCall(callbacks, at);
    return callbacks.map((callback, index) => ({ ...callback, standing: standing(callback, words[index] ?? unasked, at) }));
  }
}
