import type { Clock } from "../kernel/clock.ts";
import type { Answerer } from "./answer-session.ts";
import type { Queue, Transfer } from "./caller-session.ts";
import type { AgentCall, AgentLine, Asking } from "./queue-ports.ts";
import type { Trace } from "./trace-session.ts";
import { type PeerIds, peerDetail } from "./transfer-session.ts";

/** What it takes to have a message begin when no agent was there: the script's next step, and the media server's first frame. */
const startMessageMs = 350;
/** However long it took to hear who it is, an agent who is free at that moment is given to them. */
const leastTryMs = 300;

/** What becomes of whoever answered a call that was placed for agents: each thing is told once. */
export class AgentCallWatch {
  readonly #call: AgentCall;
  readonly #clock: Clock;
  readonly #answeredAt: number;
  #there = false;
  #served = false;
  #until: number | undefined;
  /** Nobody was there for them in time. */
  abandoned = false;

  /** To be made at the answer. */
  constructor(call: AgentCall, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
    this.#answeredAt = clock.now();
  }

  /** Until when an agent has to be there (epoch ms), so that a message begins within the grace otherwise. None once that is settled: who waits longer has chosen to. */
  get until(): number | undefined {
    return this.#served ? undefined : this.#until;
  }

  /** It is known who answered; a person, when nobody has listened. */
  heard({ verdict, startAt }: Answerer, listened: boolean): void {
    if (this.#there || (startAt !== "human" && startAt !== "unknown")) return;
    this.#there = true;
    const { graceMs } = this.#call;
    const now = this.#clock.now();
    // The verdict comes a while after the last word; who said nothing waits since the answer.
    const since = verdict?.speech ? now - Math.max(0, verdict.atMs - verdict.speech.endMs) : this.#answeredAt;
    if (graceMs !== undefined) this.#until = Math.max(since + graceMs - startMessageMs, now + leastTryMs);
    this.#call.answered?.(!listened || verdict?.outcome === "human" ? "answered" : "unclassified");
  }

  connected(): void {
    this.#serve("connected");
  }

  /** No agent is there for them, and they hear so. */
  notServed(): void {
    if (this.#until === undefined || this.#served) return;
    this.abandoned = true;
    this.#serve("abandoned");
  }

  /** The call is over. Who hung up before anybody was late is nobody's fault. @param leftAt when the person did (epoch ms) */
  over(leftAt: number): void {
    if (this.#until !== undefined && leftAt >= this.#until) this.notServed();
    else this.#serve("left");
  }

  #serve(how: "connected" | "abandoned" | "left"): void {
    if (!this.#there || this.#served) return;
    this.#served = true;
    this.#call.served?.(how);
  }
}

/** Where people wait for agents, and what is known of this one before they ask. */
export interface Agents {
  readonly line: AgentLine;
  readonly asking: Pick<Asking, "campaignId" | "contactId" | "address" | "callerId" | "direction">;
  /** Stores the detail of a second leg. Never rejects. */
  readonly note: (detail: Readonly<Record<string, string | number>>) => Promise<void>;
}

export interface QueueOverParts {
  readonly attemptId: string;
  readonly agents: Agents;
  readonly agentCall: AgentCall | undefined;
  readonly watch: AgentCallWatch | undefined;
  readonly transfer: Transfer;
  readonly trace: Trace;
}

/** How the person of one attempt waits for agents. */
export function queueOver({ attemptId, agents: { line, asking, note }, agentCall, watch, transfer, trace }: QueueOverParts): Queue {
  const { agentId, phone } = agentCall ?? {};
  const placed = { ...(agentId !== undefined && { agentId }), ...(phone && { phone }) };
  return async (request, person) => {
    const until = watch?.until;
    const end = await line.queue(request, {
      ...asking,
      ...placed,
      ...(until !== undefined && { until, atOnce: true }),
      attemptId,
      person,
      transfer,
      connected: () => watch?.connected(),
      note: (state, peer) => note(detailOf(state, peer)),
      mediaEvent: (event, text) => trace.media(event, text),
    });
    if (end === "no-agent" || end === "nobody") watch?.notServed();
    return end;
  };
}

/** Of one who was parted nothing is to be ended any more: their telephone may be on the line for somebody else. */
function detailOf(state: "connected" | "parted", peer: PeerIds): Readonly<Record<string, string | number>> {
  return state === "connected" ? peerDetail(state, peer) : { peerState: state };
}
