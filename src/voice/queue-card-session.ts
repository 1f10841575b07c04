import type { CallCard } from "../agent/card.ts";
import type { DeskEngine } from "../agent/desk-engine.ts";
import { paymentLink } from "../agent/desk-rules.ts";
import type { AgentContacts } from "../agent/ports.ts";
import type { CampaignDesks } from "../agent/preview-ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { DeskCalls } from "./desk-call.ts";
import type { AgentHold } from "./queue-desk-session.ts";
import type { Asking } from "./queue-ports.ts";

/** What the database knows of a call for the agent's screen. */
export type CardFacts = Pick<CallCard, "campaign" | "contact" | "history" | "paymentUrl">;

export type CardSource = Pick<AgentContacts, "person" | "history" | "campaignName"> & { readonly rules: CampaignDesks["rules"] };

/** What is shown of the past, at most. */
const longestHistory = 20;

/** Never rejects: what cannot be read is not shown. */
export async function readFacts(
  contacts: CardSource,
  { attemptId, campaignId, contactId }: Pick<Asking, "attemptId" | "campaignId" | "contactId">,
  log: Log,
): Promise<CardFacts> {
  try {
    const [name, contact, history, rules] = await Promise.all([
      campaignId === undefined ? undefined : contacts.campaignName(campaignId),
      contactId === undefined ? undefined : contacts.person(contactId),
      contactId === undefined ? [] : contacts.history(contactId, longestHistory),
      campaignId === undefined ? undefined : contacts.rules(campaignId),
    ]);
    const pays = rules?.paymentUrl !== undefined && contact ? { paymentUrl: paymentLink(rules.paymentUrl, { ...contact, attemptId }) } : {};
    return { history, ...pays, ...(contact && { contact }), ...(campaignId !== undefined && { campaign: { id: campaignId, name: name ?? "" } }) };
  } catch (error) {
    log.warn({ attempt: attemptId, reason: toFault(error, "internal").message }, "an agent is shown a call without what is known of the person");
    return { history: [] };
  }
}

/** When the database is slow, an agent's screen is not waited for longer than that. */
const factsMs = 400;

/** What agents see of one person who asks for them. */
export class AgentScreen {
  readonly #parts: { readonly desks: DeskEngine; readonly calls: DeskCalls; readonly clock: Clock };
  readonly #asking: Asking;
  readonly #of: { readonly facts: Promise<CardFacts>; readonly answers: CallCard["answers"]; readonly since: number };
  #facts: CardFacts | undefined;

  constructor(
    parts: { readonly desks: DeskEngine; readonly calls: DeskCalls; readonly clock: Clock },
    asking: Asking,
    of: { readonly facts: Promise<CardFacts>; readonly answers: CallCard["answers"]; readonly since: number },
  ) {
    this.#parts = parts;
    this.#asking = asking;
    this.#of = of;
    of.facts.then((facts) => {
      this.#facts = facts;
    });
  }

  /** Resolves when it is known who it is, or that takes too long. */
  async ready(): Promise<void> {
    await Promise.race([this.#of.facts, pause(this.#parts.clock, factsMs)]);
  }

  /** What the database could not say in time comes when it does. */
  show({ agentId, groupId }: AgentHold, rings: boolean): CallCard {
    const { desks, clock } = this.#parts;
    const { answers, since } = this.#of;
    const card = { ...cardFor(this.#asking, { groupId, answers, waitedMs: Math.round(clock.now() - since) }, this.#facts), rings };
    desks.show(agentId, card);
    if (!this.#facts) void this.#showLate(agentId);
    return card;
  }

  async #showLate(agentId: string): Promise<void> {
    const { desks, calls } = this.#parts;
    const { attemptId } = this.#asking;
    const facts = await this.#of.facts;
    const talk = calls.find(agentId);
    const shown = desks.cardOf(agentId);
    if (talk?.attemptId === attemptId) talk.show(facts);
    else if (shown?.attemptId === attemptId) desks.show(agentId, { ...shown, ...facts });
  }
}

/** As an agent sees it whose telephone does not ring. @param facts none while the database does not say */
function cardFor(
  { attemptId, address, callerId: number, direction }: Asking,
  of: Pick<CallCard, "groupId" | "answers" | "waitedMs">,
  { campaign, contact, paymentUrl, history = [] }: Partial<CardFacts> = {},
): CallCard {
  const known = {
    ...(campaign && { campaign }),
    ...(contact && { contact }),
    ...(address !== undefined && { address }),
    ...(paymentUrl !== undefined && { paymentUrl }),
  };
  return { attemptId, direction, number, ...known, history, ...of, rings: false };
}
