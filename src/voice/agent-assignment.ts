/** A campaign that is paced for agents. */
export interface AssignableCampaign {
  readonly campaignId: string;
  readonly groupIds: readonly string[];
  /** Nobody of its list can be called at the moment. */
  readonly idle: boolean;
}

/** An agent at work, and the groups they are in. */
export interface AssignableAgent {
  readonly agentId: string;
  readonly groupIds: readonly string[];
}

/** Where there are fewer agents than campaigns, each campaign has its turn for so long. */
export const turnMs = 600_000;

/**
 * For which campaign each agent counts: for one at a time, or several would dial for the same agent. The campaigns have equal parts of the agents, as far as their groups allow it;
 * which of them an agent gets is decided by a hash of the two (rendezvous hashing, Thaler and Ravishankar 1998), so that when an agent or a campaign comes or goes the
 * others mostly stay where they are. Whom an agent talks with in the end is another question: whoever waits for one of the agent's groups gets the agent.
 * @param atMs matters only where there are fewer agents than campaigns: then they take turns
 */
export function assignAgents(
  agents: readonly AssignableAgent[],
  campaigns: readonly AssignableCampaign[],
  atMs: number,
): ReadonlyMap<string, string> {
  const pairs = agents.flatMap(({ agentId, groupIds }) => {
    const own = campaigns.filter((campaign) => campaign.groupIds.some((group) => groupIds.includes(group)));
    const busy = own.filter(({ idle }) => !idle);
    return (busy.length > 0 ? busy : own).map(({ campaignId }) => ({ agentId, campaignId }));
  });
  const people = new Set(pairs.map(({ agentId }) => agentId)).size;
  const places = new Set(pairs.map(({ campaignId }) => campaignId)).size;
  const turn = people < places ? ` ${Math.floor(atMs / turnMs)}` : "";
  const weighed = pairs.map((pair) => ({ ...pair, weight: hash(`${pair.agentId} ${pair.campaignId}${turn}`) }));
  weighed.sort((a, b) => b.weight - a.weight || (a.agentId < b.agentId ? -1 : 1));
  const most = Math.ceil(people / Math.max(1, places));
  const assigned = new Map<string, string>();
  const counts = new Map<string, number>();
  // First as evenly as can be; then those whose campaigns have their part already.
  for (const limit of [most, Number.POSITIVE_INFINITY]) {
    for (const { agentId, campaignId } of weighed) {
      const count = counts.get(campaignId) ?? 0;
      if (assigned.has(agentId) || count >= limit) continue;
      assigned.set(agentId, campaignId);
      counts.set(campaignId, count + 1);
    }
  }
  return assigned;
}

/** FNV-1a, 32 bits, mixed once more (the finalizer of MurmurHash3): neighbouring ids must not lie side by side. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
