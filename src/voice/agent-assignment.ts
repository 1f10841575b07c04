/** A campaign that is paced for agents. */
export interface AssignableCampaign {
  readonly campaignId: string;
  readonly groupIds: readonly string[];
  /** Nobody of its list can be called at the moment. */
  readonly idle: boolean;
}

/** An agent who is ready, and the groups they are in. */
export interface AssignableAgent {
  readonly agentId: string;
  readonly groupIds: readonly string[];
}

/**
 * For which campaign an agent counts who is ready: for one at a time, or each of them would dial for the same agent. It is the one that a hash of agent and campaign puts
 * first (rendezvous hashing, Thaler and Ravishankar 1998): agents are spread evenly, every node comes to the same, and when a campaign comes or goes only its own
 * agents change. Whom an agent talks with in the end is another question: whoever waits for one of the agent's groups gets the agent.
 * @returns undefined for an agent who works for none of them
 */
export function campaignFor({ agentId, groupIds }: AssignableAgent, campaigns: readonly AssignableCampaign[]): string | undefined {
  const own = campaigns.filter((campaign) => campaign.groupIds.some((group) => groupIds.includes(group)));
  const busy = own.filter(({ idle }) => !idle);
  let first: { readonly campaignId: string; readonly weight: number } | undefined;
  for (const { campaignId } of busy.length > 0 ? busy : own) {
    const weight = hash(`${agentId} ${campaignId}`);
    if (!first || weight > first.weight || (weight === first.weight && campaignId < first.campaignId)) first = { campaignId, weight };
  }
  return first?.campaignId;
}

/** FNV-1a, 32 bits, mixed once more (the finalizer of MurmurHash3): neighbouring ids must not lie side by side. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
