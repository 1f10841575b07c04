import type { Present } from "../agent/desk-engine.ts";
import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { type AssignableAgent, assignAgents } from "./agent-assignment.ts";
import type { AbandonmentLedger, AgentsHere, PacerStore, PacingLogFile } from "./agent-pacing-ports.ts";
import type { CallPacing, CallPacings, PacedCampaign } from "./call-pacing-ports.ts";
import { CampaignPacing } from "./campaign-pacing-engine.ts";
import type { AgentPacingState } from "./pacing/event.ts";
import { type PacerRecord, resumed } from "./pacing/pacer.ts";
import type { AgentCall } from "./queue-ports.ts";

export interface AgentPacingParts {
  readonly agents: AgentsHere;
  readonly ledger: AbandonmentLedger;
  readonly store: PacerStore;
  readonly openFile: (campaignId: string) => PacingLogFile;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the ledger is read. Default 1 s: what is known must not be older than a few. */
  readonly lookMs?: number;
  /** How often what was learned is kept. Default 10 s. */
  readonly keepMs?: number;
}

/** A call that was placed here. */
interface OwnCall {
  readonly campaignId: string;
  /** Somebody has been connected: whoever is held for it is busy, whatever their desk says yet. */
  connected: boolean;
}

interface Kept {
  readonly pacing: CampaignPacing;
  readonly file: PacingLogFile;
  wake: () => void;
  /** It is not dialled any more; its last calls may be under way. */
  left: boolean;
}

/** Paces the campaigns of this node by the agents whose programs are connected to it, and by what all nodes together may risk. */
export class AgentPacing implements CallPacings {
  readonly #parts: AgentPacingParts;
  readonly #kept = new Map<string, Kept>();
  /** Campaigns of calls that were placed here, by attempt: until nobody is on them or writes them up any more. */
  readonly #calls = new Map<string, OwnCall>();
  /** Campaigns of the agents at work, by agent. */
  #assigned: ReadonlyMap<string, string> = new Map();
  readonly #working = new Set<Promise<void>>();
  #looking: Promise<void> = Promise.resolve();
  /** By campaign, what is being put away of it: whoever takes it up again finds it kept. */
  readonly #leaving = new Map<string, Promise<unknown>>();
  readonly #deafen: () => void;
  readonly #end: () => Promise<void>;
  #keptAt: number;

  constructor(parts: AgentPacingParts) {
    this.#parts = parts;
    const { clock, agents, lookMs = 1000, log } = parts;
    this.#keptAt = clock.now();
    this.#deafen = agents.onChange((present) => {
      // Whoever comes or goes changes what the others do.
      if (this.#assigned.has(present.agentId) === isAtWork(present)) this.#assign(present);
      else this.#assignAll();
    });
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "how many people were abandoned cannot be read; nothing is dialled ahead of free agents meanwhile"),
    );
  }

  follow(campaign: PacedCampaign, wake: () => void): CallPacing {
    const { campaignId } = campaign;
    const kept = this.#kept.get(campaignId) ?? this.#takeUp(campaign);
    const { pacing } = kept;
    Object.assign(kept, { wake, left: false } satisfies Partial<Kept>);
    pacing.follow(campaign);
    return {
      decide: (room) => pacing.decide(room),
      placed: (order) => {
        const { attemptId } = order;
        const own: OwnCall = { campaignId, connected: false };
        this.#calls.set(attemptId, own);
        const call = pacing.placed(order);
        if (!call.agentCall) return call;
        const served: AgentCall["served"] = (how) => {
          own.connected ||= how === "connected";
          call.agentCall?.served?.(how);
          this.#assignHeld(attemptId);
        };
        return { ...call, agentCall: { ...call.agentCall, served } };
      },
    };
  }

  leave(campaignId: string): void {
    const kept = this.#kept.get(campaignId);
    if (!kept) return;
    kept.left = true;
    this.#assignAll();
    this.#putAwayIdle();
  }

  /** How every campaign stands that is paced here. */
  get figures() {
    return this.#pacings.map(({ figures }) => figures);
  }

  /** One look: this node's share of every campaign, and who works for which. */
  readonly look = inTurn(() => {
    this.#looking = this.#look();
    return this.#looking;
  });

  async #look(): Promise<void> {
    const { ledger, clock, store, keepMs = 10_000 } = this.#parts;
    const paced = this.#pacings.filter(({ forAgents }) => forAgents);
    if (paced.length > 0) {
      const askedAt = clock.now();
      const ids = paced.map(({ campaignId }) => campaignId);
      const [shares, groups] = await Promise.all([ledger.share(paced.map(({ wish }) => wish)), ledger.groupsOf(ids)]);
      for (const pacing of paced) {
        const share = shares.get(pacing.campaignId);
        if (share) pacing.granted(share, askedAt);
        pacing.groupIds = groups.get(pacing.campaignId) ?? [];
        pacing.fedAt = clock.now();
      }
      this.#assignAll();
    }
    this.#forgetCalls();
    this.#putAwayIdle();
    if (clock.now() - this.#keptAt < keepMs) return;
    this.#keptAt = clock.now();
    await store.keep(recordsOf(this.#pacings));
  }

  /** Keeps what was learned. Calls must be over by then. */
  async close(): Promise<void> {
    this.#deafen();
    await this.#end();
    // A look that is under way keeps what was known when it began: not behind what is known now.
    await Promise.all(this.#working);
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    await this.#putAway(kept);
    await Promise.all(this.#working);
  }

  #takeUp(campaign: PacedCampaign): Kept {
    const { clock, openFile, random, store, log } = this.#parts;
    const { campaignId } = campaign;
    const file = openFile(campaignId);
    const pacing = new CampaignPacing(campaign, { clock, file, random, wake: () => kept.wake() });
    const kept: Kept = { pacing, file, wake: () => {}, left: false };
    this.#kept.set(campaignId, kept);
    const begin = async () => {
      await this.#leaving.get(campaignId);
      const record = await store.load(campaignId).catch((error: unknown) => {
        log.error({ err: error, campaign: campaignId }, "what the pacer had learned cannot be read; it begins anew");
        return undefined;
      });
      if (this.#kept.get(campaignId) !== kept) return;
      kept.pacing.begin(record && resumed(record));
      await this.look().catch(() => undefined);
    };
    this.#track(begin());
    return kept;
  }

  /** What a campaign's last calls may yet lose is this node's share until they are over. */
  #putAwayIdle(): void {
    const over = [...this.#kept.values()].filter(({ left, pacing }) => left && pacing.underWay === 0);
    if (over.length === 0) return;
    // A look that is under way asks for their shares once more, and keeps what was known when it began.
    const away = this.#looking.catch(() => undefined).then(() => this.#putAway(over));
    this.#track(away);
    for (const { pacing } of over) this.#leave(pacing.campaignId, away);
  }

  #leave(campaignId: string, away: Promise<void>): void {
    this.#kept.delete(campaignId);
    const leaving = Promise.allSettled([this.#leaving.get(campaignId), away]).then(() => {
      if (this.#leaving.get(campaignId) === leaving) this.#leaving.delete(campaignId);
    });
    this.#leaving.set(campaignId, leaving);
  }

  async #putAway(kept: readonly Kept[]): Promise<void> {
    const { store, ledger, log } = this.#parts;
    const pacings = kept.map(({ pacing }) => pacing);
    const ids = pacings.map(({ campaignId }) => campaignId);
    await Promise.all([store.keep(recordsOf(pacings)), ledger.giveBack(ids)]).catch((error: unknown) =>
      log.error({ err: error, campaigns: ids }, "what the pacer has learned could not be kept"),
    );
    await Promise.all(kept.map(({ file }) => file.close()));
  }

  get #pacings(): readonly CampaignPacing[] {
    return [...this.#kept.values()].map(({ pacing }) => pacing);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  #assignAll(): void {
    const here = this.#parts.agents.present;
    const open = [...this.#kept.values()].flatMap(({ pacing, left }) => (pacing.forAgents && !left ? [pacing] : []));
    this.#assigned = assignAgents(here.filter(isAtWork).map(assignable), open, this.#parts.clock.now());
    const ids = new Set(here.map(({ agentId }) => agentId));
    for (const { pacing } of this.#kept.values()) for (const gone of pacing.othersThan(ids)) pacing.agent(gone, "away", false);
    for (const present of here) this.#assign(present);
  }

  /** Every campaign is told what this agent is to it. Who is held, talks or writes up counts for the campaign of that call. */
  #assign({ agentId, desk, here }: Present): void {
    const campaignId = !here ? undefined : desk.hold ? this.#calls.get(desk.hold.attemptId)?.campaignId : this.#assigned.get(agentId);
    const state = here ? this.#stateOf(desk) : "away";
    for (const { pacing } of this.#kept.values()) {
      if (!pacing.forAgents) continue;
      pacing.agent(agentId, pacing.campaignId === campaignId ? state : "away", desk.next !== undefined);
    }
  }

  /** The agent who is held for this attempt has somebody to talk with now, or has not: the desk says so only when that is written. */
  #assignHeld(attemptId: string): void {
    for (const present of this.#parts.agents.present) if (present.desk.hold?.attemptId === attemptId) this.#assign(present);
  }

  /** An agent who is held for somebody who waits is as free as one who is not: it is the one who waits that takes an agent away, until the two are connected. */
  #stateOf({ state, hold }: Present["desk"]): AgentPacingState {
    switch (state) {
      case "ready":
        return "ready";
      case "reserved":
      case "ringing":
        return hold && this.#calls.get(hold.attemptId)?.connected ? "talking" : "ready";
      case "talking":
      case "wrap-up":
        return state;
      default:
        return "away";
    }
  }

  #forgetCalls(): void {
    const held = new Set(this.#parts.agents.present.map(({ desk }) => desk.hold?.attemptId));
    for (const [attemptId, { campaignId }] of this.#calls)
      if (!held.has(attemptId) && this.#kept.get(campaignId)?.pacing.has(attemptId) !== true) this.#calls.delete(attemptId);
  }
}

/** Whether this agent takes calls, now or when the present one is over. */
function isAtWork({ here, desk }: Present): boolean {
  return here && desk.state !== "not-ready" && desk.state !== "logged-out";
}

function assignable({ agentId, memberships }: Present): AssignableAgent {
  return { agentId, groupIds: memberships.map(({ groupId }) => groupId) };
}

function recordsOf(pacings: readonly CampaignPacing[]): ReadonlyMap<string, PacerRecord> {
  return new Map(
    pacings.flatMap((pacing) => {
      const record = pacing.record();
      return record ? [[pacing.campaignId, record]] : [];
    }),
  );
}
