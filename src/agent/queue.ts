/** Somebody on the line who waits for an agent of a group. */
export interface Waiting {
  readonly id: string;
  /** Since when (epoch ms). */
  readonly since: number;
  /** 1 (first) to 10. */
  readonly priority: number;
  /** All of these the agent must have. */
  readonly skills: readonly string[];
}

/** An agent of that group who is ready. */
export interface Idle {
  readonly agentId: string;
  /** Since when (epoch ms). */
  readonly since: number;
  readonly priority: number;
  readonly skills: readonly string[];
}

/** The order in which people are served: by priority, then who waits longest. */
export function servedBefore(a: Waiting, b: Waiting): number {
  return a.priority - b.priority || a.since - b.since || (a.id < b.id ? -1 : 1);
}

/** The order in which agents are chosen: by priority in the group, then who is idle longest. The database reserves in the same order. */
export function chosenBefore(a: Idle, b: Idle): number {
  return a.priority - b.priority || a.since - b.since || (a.agentId < b.agentId ? -1 : 1);
}

export function hasSkills(has: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((skill) => has.includes(skill));
}

/** How many are served before them, plus one; undefined when they do not wait here. */
export function positionOf(id: string, queue: readonly Waiting[]): number | undefined {
  const at = [...queue].sort(servedBefore).findIndex((waiting) => waiting.id === id);
  return at < 0 ? undefined : at + 1;
}

/** Who is connected with whom, each at most once. Whoever finds no agent with the skills they want holds nobody up behind them. */
export function pairUp(queue: readonly Waiting[], idle: readonly Idle[]): readonly { readonly id: string; readonly agentId: string }[] {
  const free = [...idle].sort(chosenBefore);
  const pairs: { readonly id: string; readonly agentId: string }[] = [];
  for (const waiting of [...queue].sort(servedBefore)) {
    const agent = free.find(({ skills }) => hasSkills(skills, waiting.skills));
    if (!agent) continue;
    free.splice(free.indexOf(agent), 1);
    pairs.push({ id: waiting.id, agentId: agent.agentId });
  }
  return pairs;
}
