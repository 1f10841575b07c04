import { type CallingMode, isPacedForAgents } from "../attempt/calling-mode.ts";
import type { Order } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { AbandonmentShare, PacingLogFile, ShareWish } from "./agent-pacing-ports.ts";
import type { CallPacing, PacedCall, PacedCampaign } from "./call-pacing-ports.ts";
import { Headroom } from "./headroom.ts";
import { connectWithinMs, graceLeftMs, pacingPolicyOf } from "./pacing/campaign.ts";
import type { PacingChoice } from "./pacing/choice.ts";
import type { AgentPacingState, CallEnd, PacingEvent } from "./pacing/event.ts";
import { LoggedPacer } from "./pacing/log.ts";
import type { PacerRecord } from "./pacing/pacer.ts";
import type { PacingMode, PacingPolicy } from "./pacing/policy.ts";

export interface CampaignPacingParts {
  readonly clock: Clock;
  readonly file: PacingLogFile;
  readonly wake: () => void;
  /** Draws the machines that are held out. */
  readonly random: Random;
}

/** Results that say nothing of the person called. */
const noAnswer: readonly Result[] = ["carrier-fault", "congestion", "canceled", "interrupted", "dropped"];
/** A campaign that wants calls and gets no orders for so long has nobody to call at the moment; it is tried again after as long a while. */
const starvedMs = 15_000;
const idleMs = 60_000;

/** A call from its order to its end. */
interface Placed {
  ended: boolean;
  served: boolean;
}

/** The pacer of one campaign on this node, and what it is told. */
export class CampaignPacing implements CallPacing {
  readonly #parts: CampaignPacingParts;
  readonly #headroom = new Headroom();
  /** As the pacer was told last. */
  readonly #agents = new Map<string, string>();
  readonly #placed = new Map<string, Placed>();
  #campaign: PacedCampaign;
  #pacer: LoggedPacer | undefined;
  #policy: PacingPolicy;
  #at = 0;
  #attempt = 1;
  #choice: PacingChoice | undefined;
  /** Since when calls are wanted and no orders come (epoch ms). */
  #starvingSince: number | undefined;
  #idleUntil = 0;
  /** People a script talks with. */
  #talking = 0;
  /** When it was last certain that what is known of the agents is all there is to know (epoch ms). */
  fedAt = 0;
  groupIds: readonly string[] = [];

  constructor(campaign: PacedCampaign, parts: CampaignPacingParts) {
    this.#campaign = campaign;
    this.#parts = parts;
    this.#policy = this.#policyNow();
  }

  /** Until then no calls are placed: what was learned before is not known yet. */
  begin(record: PacerRecord | undefined): void {
    const { file, wake } = this.#parts;
    this.#pacer = new LoggedPacer(this.#policy, (entry) => file.write(JSON.stringify(entry)), record);
    wake();
  }

  get campaignId(): string {
    return this.#campaign.campaignId;
  }

  get mode(): CallingMode {
    return this.#campaign.mode ?? "ivr";
  }

  get forAgents(): boolean {
    return isPacedForAgents(this.mode);
  }

  /** Nobody of its list can be called at the moment. */
  get idle(): boolean {
    return this.#parts.clock.now() < this.#idleUntil;
  }

  /** The last choice, and how the campaign stands. */
  get figures() {
    return { campaignId: this.campaignId, mode: this.mode, agents: this.#agents.size, choice: this.#choice, share: this.#headroom.share };
  }

  get underWay(): number {
    return this.#placed.size;
  }

  follow(campaign: PacedCampaign): void {
    this.#campaign = campaign;
    this.#idleUntil = 0;
    this.#repolicy();
  }

  /** An agent counts for this campaign, or does not any more (`away`). */
  agent(agentId: string, state: AgentPacingState, leaves: boolean): void {
    const told = `${state}${leaves}`;
    if ((this.#agents.get(agentId) ?? "awayfalse") === told) return;
    if (state === "away") this.#agents.delete(agentId);
    else this.#agents.set(agentId, told);
    const atMs = this.#now();
    this.#observe({ kind: "agent", atMs, agent: agentId, state, ...(leaves && state !== "away" && { leavesAtMs: atMs }) });
    this.#repolicy();
    this.#parts.wake();
  }

  /** Everybody who counted and is not among these. */
  othersThan(agentIds: ReadonlySet<string>): readonly string[] {
    return [...this.#agents.keys()].filter((agentId) => !agentIds.has(agentId));
  }

  decide(room: number): number {
    const pacer = this.#pacer;
    if (!pacer) return 0;
    const now = this.#parts.clock.now();
    const { cap, staleMs } = this.#policy;
    const atMs = this.#now();
    this.#choice = pacer.decide({
      atMs,
      list: this.#campaign.listId ?? "",
      attempt: this.#attempt,
      room: Math.max(0, Math.floor(room)),
      fedAtMs: this.forAgents ? Math.min(atMs, this.fedAt) : atMs,
      ledger: this.#headroom.ledger(now, cap, staleMs),
      asked: 0,
      freePorts: Math.max(0, (this.#campaign.pacing?.ports ?? 0) - this.#talking),
    });
    const { calls } = this.#choice;
    if (calls > 0) this.#starve(now);
    return calls;
  }

  placed(order: Order): PacedCall {
    const { attemptId } = order;
    const entry: Placed = { ended: false, served: false };
    this.#placed.set(attemptId, entry);
    this.#starvingSince = undefined;
    this.#attempt = (order.before ?? 0) + 1;
    this.#observe({ kind: "dialled", atMs: this.#now(), call: attemptId, list: this.#campaign.listId ?? "", attempt: this.#attempt });
    const end = (how: CallEnd) => {
      if (entry.ended) return;
      entry.ended = true;
      this.#observe({ kind: "ended", atMs: this.#now(), call: attemptId, how });
      this.#parts.wake();
    };
    const serve = (how: "connected" | "abandoned" | "left", live = true) => {
      if (entry.served) return;
      entry.served = true;
      this.#observe({ kind: how, atMs: this.#now(), call: attemptId });
      if (live && how !== "left") this.#headroom.happened(attemptId, how);
      this.#parts.wake();
    };
    let classified = false;
    let talking = false;
    const forAgents = this.forAgents;
    return {
      ...(forAgents && {
        agentCall: {
          graceMs: connectWithinMs,
          holdsOut: () => this.#parts.random.next() < (this.#campaign.detection?.holdoutShare ?? 0),
          answered(how) {
            classified = how === "answered";
            end(how);
          },
          served: (how) => serve(how, how === "abandoned" || classified),
        },
      }),
      answered: () => {
        if (forAgents) return;
        talking = true;
        this.#talking += 1;
        end("answered");
        serve("connected", false);
      },
      ended: (result) => {
        if (talking) this.#talking -= 1;
        end(result === undefined || noAnswer.includes(result) ? "carrier" : "unanswered");
        serve("left");
        this.#headroom.written(attemptId, this.#parts.clock.now());
        this.#placed.delete(attemptId);
        this.#parts.wake();
      },
    };
  }

  /** Whether this attempt is a call that was placed here and is not over. */
  has(attemptId: string): boolean {
    return this.#placed.has(attemptId);
  }

  get wish(): ShareWish {
    const loss = this.#placed.size > 0 ? (this.#choice?.expectedLoss ?? 0) : 0;
    return { campaignId: this.campaignId, cap: this.#policy.cap, agents: this.#agents.size, kept: this.#headroom.unwrittenLoss + loss };
  }

  /** @param askedAt see Headroom */
  granted(share: AbandonmentShare, askedAt: number): void {
    this.#headroom.read(share, askedAt);
  }

  /** What it has learned, as data; undefined before it has begun. A log that is long enough is followed by another one then. */
  record(): PacerRecord | undefined {
    const { file } = this.#parts;
    const anew = file.full;
    if (anew) file.rotate();
    return this.#pacer?.record(anew);
  }

  #observe(event: PacingEvent): void {
    this.#pacer?.observe(event);
  }

  /** The pacer's clock never goes back. */
  #now(): number {
    this.#at = Math.max(this.#at, this.#parts.clock.now());
    return this.#at;
  }

  #starve(now: number): void {
    this.#starvingSince ??= now;
    if (now - this.#starvingSince < starvedMs) return;
    this.#starvingSince = undefined;
    this.#idleUntil = now + idleMs;
  }

  #policyNow(): PacingPolicy {
    const { pacing = {}, detection } = this.#campaign;
    // What is not paced has no pacer.
    return pacingPolicyOf(this.mode as PacingMode, pacing, this.#agents.size, graceLeftMs(detection));
  }

  #repolicy(): void {
    const policy = this.#policyNow();
    if (JSON.stringify(policy) === JSON.stringify(this.#policy)) return;
    this.#policy = policy;
    this.#pacer?.follow(policy);
  }
}
