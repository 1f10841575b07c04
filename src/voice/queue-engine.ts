import type { DeskStore, Reserved } from "../agent/ports.ts";
import { type Idle, pairUp, positionOf, type Waiting } from "../agent/queue.ts";
import type { QueueEnd, QueueRequest } from "../ivr/ports.ts";
import { anyGroup } from "../ivr/script.ts";
import type { Timer } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import { type CardSource, readFacts } from "./queue-card-session.ts";
import { AgentHold } from "./queue-desk-session.ts";
import type { AgentLine, Asking, SentTo } from "./queue-ports.ts";
import { type Place, QueueSession, type QueueSessionParts } from "./queue-session.ts";

export interface QueueParts extends QueueSessionParts {
  readonly store: Pick<DeskStore, "groupsOf">;
  readonly contacts: CardSource;
}

interface Waiter extends Waiting {
  readonly attemptId: string;
  readonly give: (reserved: Reserved | "no-agent") => void;
}

/** What was missed is found again: a telephone that is on the line a moment later, an agent whose row was just locked. */
const lookMs = 200;
/** An agent who could not be held after all is left alone for so long. */
const restMs = 100;

/** The people who wait for agents on this node, and who is given to whom. Agents are those whose programs are connected to it. */
export class AgentQueues implements AgentLine {
  readonly #parts: QueueParts;
  readonly #waiting = new Map<string, Waiter>();
  /** Places for which an agent is being held at this moment. */
  readonly #serving = new Set<string>();
  /** Agents who are being held, or could not be, until when (epoch ms). */
  readonly #taken = new Map<string, number>();
  readonly #unhear: () => void;
  #timer: Timer | undefined;
  #places = 0;
  #closed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#unhear = parts.desks.onChange(({ desk }) => {
      if (desk.state === "ready") this.#serve();
    });
  }

  /** People who wait. */
  get waiting(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  async queue(request: QueueRequest, asking: Asking): Promise<QueueEnd> {
    const { clock, contacts, log } = this.#parts;
    if (this.#closed) return "no-agent";
    const facts = readFacts(contacts, asking, log);
    const since = clock.now();
    const { priority, skills } = request;
    const { attemptId, atOnce = false, sentTo } = asking;
    const only = sentTo && "agentId" in sentTo ? { only: sentTo.agentId } : {};
    const enter = async () => {
      const groupIds = sentTo ? this.#groupsOf(sentTo) : await this.#groups(request, asking);
      return groupIds === "nobody" ? groupIds : this.#enter({ since, priority, skills: sentTo ? [] : skills, atOnce, attemptId, groupIds, ...only });
    };
    return await new QueueSession(this.#parts, request, asking, { enter, facts }).run();
  }

  /** Nobody waits any more; who talks, talks on. */
  close(): void {
    this.#closed = true;
    this.#unhear();
    this.#timer?.cancel();
    for (const { give } of this.#waiting.values()) give("no-agent");
    this.#waiting.clear();
  }

  /** Never rejects: while the database is away nobody can be held either, and the person waits for that. */
  async #groups({ group }: QueueRequest, { attemptId, campaignId }: Asking): Promise<readonly string[] | "nobody"> {
    const { store, log } = this.#parts;
    if (group === anyGroup && campaignId === undefined) return "nobody";
    try {
      const groups = await store.groupsOf(group === anyGroup ? { campaignId: campaignId ?? "" } : { name: group });
      return groups.some(({ agentIds }) => agentIds.length > 0) ? groups.map(({ groupId }) => groupId) : "nobody";
    } catch (error) {
      log.warn({ attempt: attemptId, reason: toFault(error, "internal").message }, "whose agents somebody asks for could not be read");
      return "nobody";
    }
  }

  /** Of agents who are here. */
  #groupsOf(sentTo: SentTo): readonly string[] | "nobody" {
    const { present } = this.#parts.desks;
    const suits = present.filter(({ agentId, memberships }) =>
      "agentId" in sentTo ? agentId === sentTo.agentId : memberships.some(({ groupId }) => groupId === sentTo.groupId),
    );
    if (suits.length === 0) return "nobody";
    return "agentId" in sentTo ? suits.flatMap(({ memberships }) => memberships.map(({ groupId }) => groupId)) : [sentTo.groupId];
  }

  #enter(who: Omit<Waiter, "id" | "give">): Place {
    const id = `${++this.#places}`;
    const found = Promise.withResolvers<Reserved | "no-agent">();
    if (this.#closed) found.resolve("no-agent");
    else this.#waiting.set(id, { ...who, id, give: found.resolve });
    this.#serve();
    return {
      agent: found.promise,
      position: () => positionOf(id, this.waiting),
      leave: () => {
        if (!this.#waiting.delete(id)) void found.promise.then((reserved) => this.#letGo(reserved, who.attemptId));
      },
    };
  }

  #serve(): void {
    if (this.#waiting.size === 0) return;
    const queue = this.waiting.filter(({ id }) => !this.#serving.has(id));
    for (const { id, agentId } of pairUp(queue, this.#idle())) {
      const waiter = this.#waiting.get(id);
      if (waiter) void this.#hold(waiter, agentId);
    }
    this.#timer ??= this.#parts.clock.after(lookMs, () => {
      this.#timer = undefined;
      this.#serve();
    });
  }

  #idle(): readonly Idle[] {
    const { desks, calls, phones, clock } = this.#parts;
    const now = clock.now();
    return desks.present.flatMap(({ agentId, desk, memberships }) => {
      if (desk.state !== "ready" || (this.#taken.get(agentId) ?? 0) > now || calls.find(agentId)) return [];
      return [{ agentId, since: desk.since, memberships, onTheLine: phones.isUp(agentId) }];
    });
  }

  /** Never rejects. */
  async #hold(waiter: Waiter, agentId: string): Promise<void> {
    const { desks, clock, log } = this.#parts;
    const { id, attemptId, groupIds, skills } = waiter;
    this.#serving.add(id);
    this.#taken.set(agentId, Number.POSITIVE_INFINITY);
    const reserved = await desks.reserve({ attemptId, groupIds, skills, agentId, here: true }).catch(async (error: unknown) => {
      log.warn({ attempt: attemptId, agent: agentId, reason: toFault(error, "internal").message }, "an agent could not be held");
      // It may have been written all the same, when the database went away in that moment: neither is given to anybody before that is known.
      await this.#release(agentId, attemptId);
      return undefined;
    });
    this.#serving.delete(id);
    if (reserved) this.#taken.delete(agentId);
    else this.#taken.set(agentId, clock.now() + restMs);
    if (!reserved) return;
    if (this.#waiting.delete(id)) waiter.give(reserved);
    else await this.#letGo(reserved, attemptId);
  }

  /** Whoever waited is gone. */
  async #letGo(reserved: Reserved | "no-agent", attemptId: string): Promise<void> {
    if (reserved !== "no-agent") await this.#release(reserved.agentId, attemptId);
  }

  async #release(agentId: string, attemptId: string): Promise<void> {
    await new AgentHold({ agentId, groupId: "", attemptId }, this.#parts).write("release");
  }
}
