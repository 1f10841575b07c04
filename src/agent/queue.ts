import type { Membership } from "./group.ts";

/** Somebody on the line who waits for an agent. */
export interface Waiting {
  readonly id: string;
  /** Since when (epoch ms). */
  readonly since: number;
  /** 1 (first) to 10. */
  readonly priority: number;
  /** Of one of these. */
  readonly groupIds: readonly string[];
  /** All of these the agent must have. */
  readonly skills: readonly string[];
  /** They do not wait until somebody has picked up: the agent's telephone must be on the line. */
  readonly atOnce?: boolean;
  /** Nobody but this agent. */
  readonly only?: string;
}

/** An agent who is ready. */
export interface Idle {
  readonly agentId: string;
  /** Since when (epoch ms). */
  readonly since: number;
  readonly memberships: readonly Membership[];
  /** Whether nobody has to pick up their telephone. */
  readonly onTheLine: boolean;
}

/** The order in which people are served: by priority, then who was called for agents and must not wait, then who waits longest. */
export function servedBefore(a: Waiting, b: Waiting): number {
  return a.priority - b.priority || Number(b.atOnce ?? false) - Number(a.atOnce ?? false) || a.since - b.since || (a.id < b.id ? -1 : 1);
}

/** The agents whom those who wait by their own choice get first: nobody is to be called for these. Who writes up comes after who is ready. */
export function spokenFor(queue: readonly Waiting[], agents: readonly (Idle & { readonly ready: boolean })[]): ReadonlySet<string> {
  const patient = queue.filter(({ atOnce = false }) => !atOnce);
  if (patient.length === 0) return new Set();
  const first = pairUp(
    patient,
    agents.filter(({ ready }) => ready),
  );
  const served = new Set(first.map(({ id }) => id));
  const next = pairUp(
    patient.filter(({ id }) => !served.has(id)),
    agents.filter(({ ready }) => !ready),
  );
  return new Set([...first, ...next].map(({ agentId }) => agentId));
}

/** How many are served before them who may want the same agents, plus one; undefined when they do not wait here. */
export function positionOf(id: string, queue: readonly Waiting[]): number | undefined {
  const own = queue.find((waiting) => waiting.id === id);
  if (!own) return undefined;
  const rivals = queue.filter(({ groupIds }) => groupIds.some((groupId) => own.groupIds.includes(groupId)));
  return rivals.sort(servedBefore).indexOf(own) + 1;
}

/** Who is connected with whom, each at most once. Whoever finds no agent of the kind they want holds nobody up behind them. */
export function pairUp(queue: readonly Waiting[], idle: readonly Idle[]): readonly { readonly id: string; readonly agentId: string }[] {
  const free = new Set(idle);
  const pairs: { readonly id: string; readonly agentId: string }[] = [];
  for (const waiting of [...queue].sort(servedBefore)) {
    const agent = chosenFor(waiting, [...free]);
    if (!agent) continue;
    free.delete(agent);
    pairs.push({ id: waiting.id, agentId: agent.agentId });
  }
  return pairs;
}

/** By priority in the group, then who is idle longest: as the database reserves. */
function chosenFor({ groupIds, skills, atOnce = false, only }: Waiting, idle: readonly Idle[]): Idle | undefined {
  const suits = ({ groupId, skills: has }: Membership) => groupIds.includes(groupId) && skills.every((skill) => has.includes(skill));
  const candidates = idle
    .filter(({ onTheLine, agentId }) => (onTheLine || !atOnce) && (only === undefined || agentId === only))
    .map((agent) => ({ agent, priority: Math.min(...agent.memberships.filter(suits).map(({ priority }) => priority)) }))
    .filter(({ priority }) => Number.isFinite(priority))
    .sort((a, b) => a.priority - b.priority || a.agent.since - b.agent.since || (a.agent.agentId < b.agent.agentId ? -1 : 1));
  return candidates[0]?.agent;
}
