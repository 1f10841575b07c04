import type { CallCard } from "../agent/card.ts";
import type { AgentContacts } from "../agent/ports.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Asking } from "./queue-ports.ts";

/** What the database knows of a call for the agent's screen. */
export type CardFacts = Pick<CallCard, "campaign" | "contact" | "history">;

export type CardSource = Pick<AgentContacts, "person" | "history" | "campaignName">;

/** What is shown of the past, at most. */
const longestHistory = 20;

/** Never rejects: what cannot be read is not shown. */
export async function readFacts(
  contacts: CardSource,
  { attemptId, campaignId, contactId }: Pick<Asking, "attemptId" | "campaignId" | "contactId">,
  log: Log,
): Promise<CardFacts> {
  try {
    const [name, contact, history] = await Promise.all([
      campaignId === undefined ? undefined : contacts.campaignName(campaignId),
      contactId === undefined ? undefined : contacts.person(contactId),
      contactId === undefined ? [] : contacts.history(contactId, longestHistory),
    ]);
    return { history, ...(contact && { contact }), ...(campaignId !== undefined && { campaign: { id: campaignId, name: name ?? "" } }) };
  } catch (error) {
    log.warn({ attempt: attemptId, reason: toFault(error, "internal").message }, "an agent is shown a call without what is known of the person");
    return { history: [] };
  }
}

/** As an agent sees it whose telephone does not ring. @param facts none while the database does not say */
export function cardFor(
  { attemptId, address, callerId: number, direction }: Asking,
  of: Pick<CallCard, "groupId" | "answers" | "waitedMs">,
  { campaign, contact, history = [] }: Partial<CardFacts> = {},
): CallCard {
  const known = { ...(campaign && { campaign }), ...(contact && { contact }), ...(address !== undefined && { address }) };
  return { attemptId, direction, number, ...known, history, ...of, rings: false };
}
