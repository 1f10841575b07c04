import type { MessageOrder, MessageSource } from "../attempt/message-ports.ts";
import type { Order, OrderSource } from "../attempt/ports.ts";
import { treatmentsOf } from "../attempt/treatment.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { Asking, whileAside } from "./aside.ts";
import { type Campaign, type CampaignOrder, type CampaignState, isVoice, stateAfter } from "./campaign.ts";
import { type AccountPolicy, gatePolicyOf } from "./gate-policy.ts";
import { judge } from "./judge.ts";
import { judgePass, notInPass } from "./pass-judge.ts";
import { PassOn } from "./pass-on-engine.ts";
import type { PassOnStore } from "./pass-on-ports.ts";
import type { PassPlaces } from "./pass-places-engine.ts";
import type { CampaignStore, Candidate, Claimed, Verdict, WorkStore } from "./ports.ts";
import { passOrderRefused } from "./strategy-campaign.ts";
import { afterClaim, claimAgain, freshMemory, idleLookMs, mostMessages, nextReach, nextRoomAt, type PullMemory, stateByItself } from "./turn.ts";

export interface PassEngineParts {
  /** Read anew at each claim. Left out: it allows everything. */
  readonly account?: AccountPolicy;
  readonly work: WorkStore;
  readonly campaigns: CampaignStore;
  readonly clock: Clock;
  readonly log: Log;
  /** What passes go by. Without it there are none. */
  readonly places?: Pick<PassPlaces, "of">;
  /** With it whoever is not contacted by a pass for agents does not wait for one. */
  readonly passOn?: PassOnStore;
  /** Name of this node; orders are leased to it. */
  readonly node: string;
  /** Whether one more question of that look-up may be waited for: they are asked no further ahead than people are contacted. Without it every one may. */
  readonly mayWant?: (lookup: string) => boolean;
  /** How often the engine looks whether a campaign has ended or was changed by somebody else. Default 500. */
  readonly watchMs?: number;
}

/** Told of every campaign whose state this node sees change, and of those it finds running or stopping when it starts. */
export type CampaignListener = (campaign: Campaign) => void;

/** Claims within one pull, at most: with a million suppressed contacts in a row the pacer still gets its answer soon. */
const claimsPerPull = 20;
/** States in which something can still happen by itself. */
const livelyStates: readonly CampaignState[] = ["running", "stopping"];

interface Known {
  campaign: Campaign;
  memory: PullMemory;
  /** When somebody was put aside last until more is known of them (epoch ms). */
  asideAt: number;
  /** Since when nobody has pulled, or looked whether it has ended (epoch ms). */
  idleSince: number;
}

/**
 * Hands out orders, contact by contact, through the gate; carries out what an administrator asks of a campaign, and ends
 * campaigns that have nothing left to do. Every order it returns is committed as a reserved attempt.
 */
export class PassEngine implements OrderSource {
  readonly #parts: PassEngineParts;
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<CampaignListener>();
  /** Moved by an order since the look that is under way began, which knows them as they were. */
  readonly #moved = new Set<string>();
  readonly #passOn: PassOn | undefined;
  #mayRun: ((campaign: Campaign) => Promise<void>) | undefined;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #open = false;
  #troubled = false;

  constructor(parts: PassEngineParts) {
    this.#parts = parts;
    const { passOn: store, places } = parts;
    this.#passOn = store && places && new PassOn({ ...parts, store, places });
  }

  /** Takes up the campaigns that run, and watches from then on. Rejects when the store cannot be read. */
  async start(): Promise<void> {
    this.#open = true;
    await this.#look();
    this.#watch();
  }

  /** Stops watching; resolves when nothing of the engine is at work any more. Campaigns stay as they are. */
  async close(): Promise<void> {
    this.#open = false;
    this.#timer?.cancel();
    await this.#turn;
    this.#listeners.clear();
  }

  /** @returns a function that takes the listener off again */
  onChange(listener: CampaignListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The campaigns that run, as this node knows them. */
  running(): readonly Campaign[] {
    return [...this.#known.values()].map((known) => known.campaign).filter((campaign) => campaign.state === "running");
  }

  due(campaignId: string): boolean {
    const known = this.#known.get(campaignId);
    return known?.campaign.state === "running" && this.#parts.clock.now() >= known.memory.lookAt;
  }

  async pull(campaignId: string, count: number): Promise<readonly Order[]> {
    const known = this.#pullable(campaignId, count);
    if (known === undefined || !isVoice(known.campaign)) return [];
    const { clock, work, node } = this.#parts;
    const { campaign } = known;
    const orders: Order[] = [];
    await this.#claims(known, count, async (wanted, now, ask, reach, noAddress) => {
      const claimed = await work.claim(campaign, wanted, now, node, ask, reach, noAddress);
      const answeredAt = clock.now();
      for (const [index, order] of claimed.orders.entries()) {
        const putBack = claimed.putBack[index] ?? {};
        const before = Object.values(putBack).reduce((sum, times) => sum + times, 0);
        orders.push({ ...order, before, startAt: answeredAt + (claimed.startInMs[index] ?? 0), ...treatmentsOf(campaign, putBack) });
      }
      return claimed;
    });
    return orders;
  }

  /** The messages of its campaigns, as `pull` gives calls. */
  readonly messages: MessageSource = {
    due: (campaignId) => this.due(campaignId),
    pull: (campaignId, count) => this.#pullMessages(campaignId, count),
  };

  async #pullMessages(campaignId: string, count: number): Promise<readonly MessageOrder[]> {
    const known = this.#pullable(campaignId, count);
    if (known === undefined || isVoice(known.campaign)) return [];
    const { clock, work, node } = this.#parts;
    const { campaign } = known;
    const orders: MessageOrder[] = [];
    const most = Math.min(count, mostMessages(campaign.maxCps));
    const held = await this.#claims(known, most, async (wanted, now, ask, reach, noAddress) => {
      const claimed = await work.claimMessages(campaign, wanted, now, node, ask, reach, noAddress);
      for (const [index, order] of claimed.orders.entries()) orders.push({ ...order, ...treatmentsOf(campaign, claimed.putBack[index] ?? {}) });
      return claimed;
    });
    // The rate is used up for now: nobody need ask before there is room again.
    if (held > 0) known.memory = { lookAt: Math.max(known.memory.lookAt, nextRoomAt(clock.now(), campaign.maxCps)), exhausted: false };
    return orders;
  }

  #pullable(campaignId: string, count: number): Known | undefined {
    const known = this.#known.get(campaignId);
    const now = this.#parts.clock.now();
    if (known?.campaign.state !== "running" || count < 1 || now < known.memory.lookAt) return undefined;
    known.idleSince = now;
    return known;
  }

  /** Claims until `count` are there or nothing is due. @returns how many found no room in the campaign's limits at last */
  async #claims(
    known: Known,
    count: number,
    claim: (wanted: number, now: number, ask: (candidate: Candidate) => Verdict, reach: number, noAddress?: Verdict) => Promise<Claimed<unknown>>,
  ): Promise<number> {
    const { clock, log, places, mayWant = () => true } = this.#parts;
    const place = await places?.of(known.campaign);
    const policy = gatePolicyOf(known.campaign, this.#parts.account);
    let reach = count;
    let missing = count;
    let held = 0;
    for (let claims = 0; claims < claimsPerPull; claims++) {
      const now = clock.now();
      const asking = new Asking((candidate) => judge(now, candidate, policy), mayWant);
      const claimed = place
        ? await claim(missing, now, (candidate) => judgePass(now, candidate, asking.gate, place), reach, notInPass("no-address", place))
        : await claim(missing, now, asking.gate, reach);
      const { refused, nextDueAt } = claimed;
      held = claimed.held;
      const report = { orders: claimed.orders.length, refused, held, nextDueAt };
      known.memory = afterClaim(now, report);
      if (asking.aside) known.asideAt = now;
      known.memory = whileAside(now, known.asideAt, known.memory, asking.left);
      if (refused > 0) log.info({ campaign: known.campaign.id, refused, nextDueAt }, "the gate refused contacts");
      missing -= claimed.orders.length;
      if (asking.left || !claimAgain(now, report, missing)) break;
      reach = nextReach(report, reach, missing);
    }
    return held;
  }

  async moment(campaignId: string): Promise<number> {
    const startInMs = await this.#parts.work.moment(campaignId);
    return this.#parts.clock.now() + startInMs;
  }

  /** @param mayRun asked before a campaign is told to start or resume; what it throws is the answer */
  guard(mayRun: (campaign: Campaign) => Promise<void>): void {
    this.#mayRun = mayRun;
  }

  /**
   * Carries out an administrator's order.
   * Faults: `campaign-unknown`; `campaign-state` when the order does not fit the state the campaign is in.
   */
  async order(campaignId: string, order: CampaignOrder): Promise<Campaign> {
    const { campaigns, log } = this.#parts;
    // Somebody else may move it between our look and our move; then we look again, and the order may not fit any more.
    for (;;) {
      const campaign = await campaigns.find(campaignId);
      if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`, { detail: { campaign: campaignId } });
      const whole = passOrderRefused(campaign, order);
      if (whole !== undefined) throw new Fault("campaign-state", whole, { detail: { campaign: campaignId, state: campaign.state, order } });
      const next = stateAfter(campaign.state, order);
      if (next === undefined)
        throw new Fault("campaign-state", `Campaign ${campaign.name} is ${campaign.state}; it cannot be told to ${order}.`, {
          detail: { campaign: campaignId, state: campaign.state, order },
        });
      if (next === "running") await this.#mayRun?.(campaign);
      if (!(await campaigns.move(campaignId, campaign.state, next))) continue;
      log.info({ campaign: campaignId, from: campaign.state, to: next, order }, "campaign moved by order");
      this.#moved.add(campaignId);
      return this.#learn({ ...campaign, state: next }).campaign;
    }
  }

  #watch(): void {
    if (!this.#open) return;
    this.#timer = this.#parts.clock.after(this.#parts.watchMs ?? 500, () => {
      this.#turn = this.#look().then(
        () => {
          if (this.#troubled) this.#parts.log.info({}, "campaigns can be watched again");
          this.#troubled = false;
          this.#watch();
        },
        (error: unknown) => {
          // The database is away: said once, tried again each turn.
          if (!this.#troubled) this.#parts.log.error({ error: String(error) }, "campaigns cannot be watched; trying on");
          this.#troubled = true;
          this.#watch();
        },
      );
    });
  }

  /** One look at what runs: takes over what others changed, and ends what has nothing left to do. */
  async #look(): Promise<void> {
    const { campaigns } = this.#parts;
    this.#moved.clear();
    const lively = await campaigns.inState(livelyStates);
    const ids = new Set(lively.map((campaign) => campaign.id));
    for (const [id, known] of this.#known) {
      if (ids.has(id) || !livelyStates.includes(known.campaign.state)) continue;
      const now = await campaigns.find(id);
      if (now === undefined) this.#known.delete(id);
      else if (!this.#moved.has(id)) this.#learn(now);
    }
    this.#passOn?.keep(this.running());
    for (const campaign of lively) {
      if (this.#moved.has(campaign.id)) continue;
      const known = this.#learn(campaign);
      // Where no call can be placed nobody pulls, and its last calls may be over all the same.
      const unasked = this.#parts.clock.now() - known.idleSince > idleLookMs;
      if (unasked) known.idleSince = this.#parts.clock.now();
      if (campaign.state === "running") await this.#passOn?.look(campaign);
      if (campaign.state === "stopping" || known.memory.exhausted || unasked) await this.#endIfDone(campaign);
    }
  }

  async #endIfDone(campaign: Campaign): Promise<void> {
    if (campaign.staysOpen && campaign.state === "running") return;
    const { campaigns, work, log } = this.#parts;
    const counts =
      campaign.state === "stopping"
        ? { unfinished: 0, inFlight: await work.onTheirWay(campaign.id) }
        : { unfinished: await work.unfinished(campaign), inFlight: 0 };
    const next = stateByItself(campaign.state, counts);
    if (next === undefined || !(await campaigns.move(campaign.id, campaign.state, next))) return;
    log.info({ campaign: campaign.id, from: campaign.state, to: next }, "campaign ended");
    this.#learn({ ...campaign, state: next });
  }

  #learn(campaign: Campaign): Known {
    const known = this.#known.get(campaign.id);
    if (known?.campaign.state === campaign.state && JSON.stringify(known.campaign) !== JSON.stringify(campaign)) {
      known.campaign = campaign;
      for (const listener of this.#listeners) listener(campaign);
    }
    if (known === undefined || known.campaign.state !== campaign.state) {
      const fresh = { campaign, memory: freshMemory, asideAt: 0, idleSince: this.#parts.clock.now() };
      this.#known.set(campaign.id, fresh);
      for (const listener of this.#listeners) listener(campaign);
      // What has ended for good need not be remembered; what is paused may be resumed on another node and is found again then.
      if (!livelyStates.includes(campaign.state)) this.#known.delete(campaign.id);
      return fresh;
    }
    known.campaign = campaign;
    return known;
  }
}
