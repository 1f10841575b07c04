import type { MessageChannel } from "../attempt/message-ports.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import type { TemplateStore } from "../template/ports.ts";
import type { DeskEngine } from "./desk-engine.ts";
import type { Said } from "./disposition.ts";
import type { AgentContacts } from "./ports.ts";
import type { AgentWork } from "./work-engine.ts";
import type { AnswerSender, WrittenAnswer, WrittenCard, WrittenConversation, WrittenStore } from "./written-ports.ts";

export interface WrittenConversationsParts {
  readonly store: WrittenStore;
  readonly desks: Pick<DeskEngine, "present" | "tell">;
  readonly contacts: Pick<AgentContacts, "person">;
  readonly templates: Pick<TemplateStore, "current">;
  readonly work: Pick<AgentWork, "judge">;
  readonly senders: Readonly<Record<MessageChannel, AnswerSender>>;
  readonly clock: Clock;
  readonly log: Log;
}

type AgentName = { readonly id: string; readonly name: string };

const lookMs = 1000;
/** Whoever has so many is given no more; they may take more. */
const mostOffered = 5;
/** Away for longer while somebody waits for an answer: another agent gets them. */
const awayMs = 180_000;
const replyWithinMs = 60_000;
const mostShown = 200;
const mostLines = 100;

/** What people wrote that no keyword answers: offered to agents, answered by them, and closed with what they say of it. */
export class WrittenConversations {
  readonly #parts: WrittenConversationsParts;
  /** By agent: what they were shown, by conversation. */
  readonly #shown = new Map<string, Map<string, string>>();
  readonly #end: () => Promise<void>;

  constructor(parts: WrittenConversationsParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "written conversations cannot be looked at; trying on"),
    );
  }

  async close(): Promise<void> {
    await this.#end();
  }

  /** One look: what agents left waits again, what waits is offered, and agents of this node see what is new. */
  readonly look = inTurn(() => this.#look());

  async #look(): Promise<void> {
    const { store } = this.#parts;
    await store.giveBack(awayMs);
    while (await store.offer(mostOffered));
    await this.#tellAll();
  }

  /** What the agent has, and what waits for their groups. */
  async list(agentId: string): Promise<readonly WrittenConversation[]> {
    return await this.#parts.store.forAgent(agentId, mostShown);
  }

  /** Every agent's, for those who see to it. */
  async all(...[state, page]: Parameters<WrittenStore["page"]>): Promise<readonly WrittenConversation[]> {
    return await this.#parts.store.page(state, page);
  }

  /** Whoever has it. @throws Fault `conversation-unknown` */
  async read(id: string): Promise<WrittenCard> {
    const found = await this.#parts.store.conversation(id);
    if (!found) throw new Fault("conversation-unknown", `There is no conversation ${id}.`);
    return await this.#card(found);
  }

  /** @throws Fault `conversation-unknown` */
  async show(agentId: string, id: string): Promise<WrittenCard> {
    return await this.#card(await this.#visible(agentId, id));
  }

  /** @throws Fault `conversation-unknown`, `conversation-state` */
  async take(agentId: string, id: string): Promise<WrittenCard> {
    await this.#visible(agentId, id);
    const taken = await this.#parts.store.take(id, agentId);
    const found = await this.#visible(agentId, id);
    // It may have been given to them in the same moment.
    if (!taken && found.takenBy !== agentId) throw new Fault("conversation-state", "Another agent has it, or it is over.");
    return await this.#card(found);
  }

  /** Another agent may have it. @throws Fault `conversation-state` */
  async putBack(agentId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.putBack(id, agentId))) throw notYours();
  }

  /**
   * Answers by words of the agent's, or by a template.
   * @throws Fault `conversation-unknown`, `conversation-state`, `message-refused` with the reason
   */
  async reply(agent: AgentName, id: string, said: { readonly text: string } | { readonly template: string }): Promise<WrittenCard> {
    const { store, senders, clock, log } = this.#parts;
    const conversation = await this.#visible(agent.id, id);
    const { channel, ours, takenBy, waitsSince } = conversation;
    const sender = senders[channel];
    if (takenBy !== agent.id) throw notYours();
    if (!sender.sendsIn(conversation)) throw new Fault("message-refused", `${ours} is no sender of this server: nothing can be sent from it.`);
    if ("text" in said && said.text.length > sender.longest)
      throw new Fault("message-refused", `It has ${said.text.length} characters; ${sender.longest} are the most for one answer.`);
    const answer = "text" in said ? said : await this.#filled(conversation, said.template);
    const attemptId = await store.openReply(id, agent.id, answer.text, replyWithinMs);
    if (attemptId === undefined) throw notYours();
    log.info({ agent: agent.id, conversation: id, attempt: attemptId, channel }, "an agent answers what somebody wrote");
    await sender.send(conversation, { ...answer, attemptId, untilMs: clock.now() + replyWithinMs });
    const end = await store.replyEnd(attemptId);
    if (waitsSince !== undefined && end && unsent.has(end.result)) await store.stillWaits(id, waitsSince);
    if (end?.result === "canceled") throw new Fault("message-refused", notSent[channel][end.reason] ?? `It was not sent: ${end.reason}.`);
    return await this.show(agent.id, id);
  }

  /**
   * It is over, and this is what came of it; of somebody on a list it is written down, and done, as of a call.
   * @throws Fault `conversation-unknown`, `conversation-state`, `disposition-invalid` with the reason
   */
  async dispose(agent: AgentName, id: string, said: Said): Promise<void> {
    const { store, work, log } = this.#parts;
    const { takenBy, contactId, campaign, channel } = await this.#visible(agent.id, id);
    if (takenBy !== agent.id) throw notYours();
    await work.judge(agent.id, contactId !== undefined && campaign ? { contactId, campaignId: campaign.id, channel } : undefined, said);
    if (!(await store.close(id, agent.id, said.code, said.note))) throw notYours();
    log.info({ agent: agent.id, conversation: id, code: said.code }, "an agent closed a written conversation");
  }

  async #tellAll(): Promise<void> {
    const { store, desks } = this.#parts;
    const here = desks.present.map(({ agentId }) => agentId);
    const held = here.length === 0 ? [] : await store.held(here);
    const now = new Map(here.map((agentId) => [agentId, new Map<string, string>()]));
    for (const { id, agentId, version } of held) now.get(agentId)?.set(id, version);
    for (const agentId of this.#shown.keys()) if (!now.has(agentId)) this.#shown.delete(agentId);
    for (const [agentId, all] of now) {
      const known = this.#shown.get(agentId) ?? new Map<string, string>();
      this.#shown.set(agentId, known);
      for (const [id, version] of all) {
        if (known.get(id) === version) continue;
        await this.#tell(agentId, id);
        // Not before: what could not be read is shown by the next look.
        known.set(id, version);
      }
      for (const id of [...known.keys()].filter((each) => !all.has(each))) {
        known.delete(id);
        desks.tell(agentId, (listener) => listener.conversationEnded?.(id));
      }
    }
  }

  async #tell(agentId: string, id: string): Promise<void> {
    const conversation = await this.#parts.store.conversation(id);
    if (conversation?.takenBy !== agentId) return;
    const card = await this.#card(conversation);
    this.#parts.desks.tell(agentId, (listener) => listener.conversation?.(card));
  }

  async #card(conversation: WrittenConversation): Promise<WrittenCard> {
    const { store, contacts } = this.#parts;
    const { contactId } = conversation;
    const [lines, contact] = await Promise.all([
      store.lines(conversation, mostLines),
      contactId === undefined ? undefined : contacts.person(contactId),
    ]);
    return { ...conversation, lines, ...(contact && { contact }) };
  }

  /** One that the agent has, or may take. */
  async #visible(agentId: string, id: string): Promise<WrittenConversation> {
    const found = (await this.#parts.store.forAgent(agentId, mostShown)).find((each) => each.id === id);
    if (!found) throw new Fault("conversation-unknown", `You have no conversation ${id}, and none waits for your groups.`);
    return found;
  }

  async #filled({ channel, contactId }: WrittenConversation, name: string): Promise<Pick<WrittenAnswer, "text" | "by">> {
    const { templates, contacts, senders } = this.#parts;
    const [template, person] = await Promise.all([templates.current(name), contactId === undefined ? undefined : contacts.person(contactId)]);
    if (template?.channel !== channel)
      throw new Fault("message-refused", `There is no template ${name} for ${channel === "sms" ? "SMS" : "e-mail"}.`);
    const fields = person?.fields ?? {};
    const made = senders[channel].textOf(template, fields);
    if ("held" in made) throw new Fault("message-refused", `The message cannot be made: ${made.held}.`);
    return { ...made, by: { template, fields } };
  }
}

/** Results of which nothing has reached anybody, and the same may be tried again. */
const unsent: ReadonlySet<string> = new Set(["canceled", "carrier-fault", "congestion"]);

const notSent: Readonly<Record<MessageChannel, Readonly<Record<string, string>>>> = {
  sms: { suppressed: "The person wants no SMS, or their number is on a list of those that get none." },
  email: { suppressed: "The person wants no e-mail, or their mailbox is on a list of those that get none." },
};

function notYours(): Fault {
  return new Fault("conversation-state", "You do not have this conversation; take it first.");
}
