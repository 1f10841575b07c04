import type { AttemptLog, Order, OrderSource } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { CallPacings } from "./call-pacing-ports.ts";
import type { CallSession } from "./call-session.ts";
import type { CallerIds } from "./caller-id-engine.ts";
import { type Dialling, idle, type Running } from "./dialling-engine.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import type { CallerHeaders } from "./identity-engine.ts";
import { launch } from "./launch-session.ts";
import { Pace, takeMoment } from "./pace-engine.ts";
import { decideOver, leadMs } from "./pacer.ts";
import type { Endpoint, Media, Scripts, Signalling } from "./ports.ts";
import type { AgentLine } from "./queue-ports.ts";
import { spread } from "./route.ts";
import type { SecondLegs } from "./second-leg-engine.ts";
import { type Trunks, TrunkTries, type TrunkUse, type Ways } from "./trunk-engine.ts";

export interface CallEngineParts {
  readonly orders: OrderSource;
  readonly attempts: AttemptLog;
  readonly signalling: Signalling;
  readonly media: Media;
  readonly pool: EndpointPool;
  readonly scripts: Scripts;
  readonly trunks: Trunks;
  readonly callerIds: CallerIds;
  readonly callerHeaders: CallerHeaders;
  /** These two as in `CallParts`. */
  readonly secondLegs: Pick<SecondLegs, "begin">;
  readonly line?: AgentLine | undefined;
  /** Of campaigns whose mode wants it; without it nothing is placed for those. */
  readonly pacings?: CallPacings;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls being set up at once, over all campaigns, at most. */
  readonly maxSetups: number;
  /** Called when so many calls in a row failed by our own or the trunk's fault that the list must not be burnt on it. */
  readonly onTrouble: (campaignId: string, result: Result) => void;
}

/** A campaign with nothing due, or with no way out just now, is asked again after so long. */
const idleLookMs = 250;
/** Turns are not closer together than this, so that calls are claimed in batches and not one by one: half the database work of a call. */
const turnMs = 100;
/** The same when the media servers could not give as many sessions as were wanted. */
const shortTurnMs = 20;
/** Contacts are not reserved longer than that before their moment, however slow sessions and database are. */
const maxTookMs = 1000;
/** A campaign whose calls are paced is asked about so often, whatever happens. */
const pacedTurnMs = 1000;

/** Whether somebody else says how many calls are placed: as many as there are people who have time for whoever answers. */
function isPaced({ mode = "ivr" }: Dialling): boolean {
  return mode !== "ivr" && mode !== "manual" && mode !== "preview";
}

/** Results that say nothing of the person called. */
const ourFaults: readonly Result[] = ["carrier-fault", "congestion", "dropped", "interrupted"];
/** With one call in ten failing so by chance, a run of this length comes once in 10^25. */
const maxFailuresInARow = 25;

/** Places the calls of all campaigns that are dialled by this process, as many as the pacer allows. */
export class CallEngine {
  readonly #parts: CallEngineParts;
  readonly #running = new Map<string, Running>();
  /** Calls that wait for session, order, script or their moment. */
  readonly #working = new Set<Promise<void>>();
  #setups = 0;
  #closed = false;

  constructor(parts: CallEngineParts) {
    this.#parts = parts;
  }

  /** Calls dialling, ringing or talking. */
  get lines(): number {
    return [...this.#running.values()].reduce((sum, { lines }) => sum + lines, 0);
  }

  /** Starts dialling a campaign, or takes over its changed limits. @throws Fault `trunk-unknown` */
  dial(dialling: Dialling): void {
    if (!this.#parts.trunks.find(dialling.trunk)) {
      const message = `Campaign ${dialling.campaignId} wants trunk "${dialling.trunk}", which there is not. Put it back with carillon trunk add, or under trunks: or routes: in the configuration, or stop the campaign.`;
      throw new Fault("trunk-unknown", message);
    }
    const fresh = () => ({ ...idle, dialling, calls: new Set<CallSession>(), pace: new Pace(this.#parts.clock) });
    const running: Running = this.#running.get(dialling.campaignId) ?? fresh();
    Object.assign(running, { dialling, held: false, failures: 0 } satisfies Partial<Running>);
    this.#running.set(dialling.campaignId, running);
    if (running.pacing && !isPaced(dialling)) this.#parts.pacings?.leave(dialling.campaignId);
    running.pacing = isPaced(dialling) ? this.#parts.pacings?.follow(dialling, () => this.#wakeAt(running, this.#parts.clock.now())) : undefined;
    this.#wakeAt(running, this.#parts.clock.now());
  }

  /** No new calls for this campaign; what is up goes on. */
  hold(campaignId: string): void {
    const running = this.#running.get(campaignId);
    if (!running) return;
    running.held = true;
    running.wake?.cancel();
    running.wake = undefined;
    this.#forgetIfDone(running);
  }

  /** Takes back those of these attempts that only ring: their people do not want to be called any more. */
  withdraw(attemptIds: readonly string[]): void {
    const wanted = new Set(attemptIds);
    for (const { calls } of this.#running.values()) {
      for (const call of calls) if (wanted.has(call.attemptId)) call.withdraw();
    }
  }

  /** No new calls at all; what only rings is taken back. Resolves when the last call is over. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const running of this.#running.values()) {
      running.wake?.cancel();
      for (const call of running.calls) call.withdraw();
    }
    while (this.#working.size > 0) await Promise.all(this.#working);
    await Promise.all([...this.#running.values()].flatMap(({ calls }) => [...calls].map((call) => call.done)));
  }

  /** Decides, and begins what was decided; sessions and orders take their time while the next turns come. */
  #turn(running: Running): void {
    if (running.held || this.#closed) return;
    const { mode = "ivr" } = running.dialling;
    // What agents want dialled they take up themselves.
    if (mode === "manual" || mode === "preview" || (isPaced(running.dialling) && !running.pacing)) return;
    const ways = this.#parts.trunks.find(running.dialling.trunk);
    // It was taken out of the configuration under a running campaign, and may come back.
    const againAt = ways ? this.#decide(running, ways) : this.#parts.clock.now() + idleLookMs;
    if (againAt !== undefined) this.#wakeAt(running, againAt);
  }

  /** @returns when to ask again; undefined when only the end of a call can change things */
  #decide(running: Running, ways: Ways): number | undefined {
    const { signalling, media, pool, orders, clock, maxSetups } = this.#parts;
    const { campaignId, maxLines, maxCps, callerId } = running.dialling;
    const now = clock.now();
    if (now < running.restUntil) return running.restUntil;
    if (callerId !== undefined && !this.#parts.callerIds.available(callerId)) return now + idleLookMs;
    const ahead = leadMs(turnMs, running.tookMs);
    if (orders.due(campaignId)) for (const { use } of ways.members) use.share?.look();
    // Where calls of ours already wait for their moment among those of other nodes, more would only wait longer.
    const members = ways.members.filter(({ use }) => use.up && (use.share?.takenUntil ?? 0) <= now + ahead);
    if (!signalling.ready || !media.ready || members.length === 0 || !orders.due(campaignId)) return now + idleLookMs;
    const stats = { lines: running.lines, setups: this.#setups, campaign: running.pace };
    const room = members.map(({ use: { lines, maxLines: most, trunk, pace } }) => ({ lines, maxLines: most, maxCps: trunk.maxCps, started: pace }));
    const policy = { maxLines, maxCps, maxSetups, leadMs: ahead };
    const decision = decideOver(now, stats, room, policy);
    // The orders of those that were decided on last come first.
    if (running.pacing && running.pace.ahead > 0) return undefined;
    const wanted = running.pacing ? Math.min(decision.calls, running.pacing.decide(decision.calls)) : decision.calls;
    if (wanted === 0 && running.pacing) return now + pacedTurnMs;
    if (wanted === 0) return decision.heldBy === "lines" ? undefined : Math.max(now + turnMs, decision.againAt);
    const coming = pool.request(wanted, undefined, running.dialling.detection !== undefined);
    const free = members.map((member, index) => ({ member, calls: decision.free[index] ?? 0 }));
    const { names, credits } = spread(coming.length, free, running.credits);
    running.credits = credits;
    const uses = names.flatMap((name) => members.find((member) => member.name === name)?.use ?? []);
    if (coming.length > 0) this.#track(this.#place(running, ways, uses, coming));
    return coming.length < wanted ? Math.max(now + shortTurnMs, pool.nextOpenAt) : now + turnMs;
  }

  /** Gets orders for the sessions that come, and gives each its moment on its trunk. Never rejects. */
  async #place(running: Running, ways: Ways, uses: readonly TrunkUse[], coming: readonly Promise<Endpoint | undefined>[]): Promise<void> {
    const { clock, pool, log, orders } = this.#parts;
    const { campaignId, maxCps } = running.dialling;
    const decidedAt = clock.now();
    const ahead = (use: TrunkUse, count: number) => {
      running.pace.ahead += count;
      use.pace.ahead += count;
    };
    const unused = uses.map((use) => {
      this.#setups += 1;
      running.lines += 1;
      use.lines += 1;
      ahead(use, 1);
      return { use, tries: new TrunkTries(ways, use) };
    });
    const endpoints = (await Promise.all(coming)).filter((endpoint) => endpoint !== undefined);
    try {
      const wanted = running.held || this.#closed ? 0 : endpoints.length;
      const pulled = wanted > 0 ? await orders.pull(campaignId, wanted) : [];
      const at = clock.now();
      running.tookMs = Math.min(maxTookMs, (running.tookMs + at - decidedAt) / 2);
      if (pulled.length === 0) running.restUntil = at + (wanted > 0 ? idleLookMs : shortTurnMs);
      for (const order of pulled) {
        const endpoint = endpoints.pop();
        const place = endpoint && unused.shift();
        if (!endpoint || !place) break;
        const { use, tries } = place;
        ahead(use, -1);
        const limits = [
          { pace: running.pace, maxCps },
          { pace: use.pace, maxCps: use.trunk.maxCps },
        ];
        this.#track(this.#launch(running, tries, order, endpoint, takeMoment(Math.max(at, order.startAt ?? at), limits)));
      }
    } catch (error) {
      log.error({ err: error, campaign: campaignId }, "no calls could be placed; trying again");
      running.restUntil = clock.now() + idleLookMs;
    }
    for (const endpoint of endpoints) pool.recycle(endpoint, false);
    for (const { use, tries } of unused) {
      this.#setups -= 1;
      running.lines -= 1;
      tries.release();
      ahead(use, -1);
    }
    this.#forgetIfDone(running);
    if (unused.length > 0 || running.pacing) this.#wakeAt(running, clock.now() + turnMs);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  #launch(running: Running, tries: TrunkTries, order: Order, endpoint: Endpoint, startAt: number): Promise<void> {
    let settled = false;
    const settle = () => {
      if (settled) return;
      settled = true;
      this.#setups -= 1;
    };
    return launch(this.#parts, {
      running,
      tries,
      order,
      endpoint,
      startAt,
      paced: running.pacing?.placed(order),
      closed: () => this.#closed,
      settled: settle,
      over: (call, result) => {
        // A media server that died explains its own calls; new ones go to the others.
        if (call && this.#isUp(call.mediaServer)) this.#watchFor(running, result);
        settle();
        running.lines -= 1;
        tries.release();
        this.#wakeAt(running, this.#parts.clock.now() + turnMs);
        this.#forgetIfDone(running);
      },
    });
  }

  #isUp(mediaServer: string): boolean {
    return this.#parts.media.servers.some(({ name, state }) => name === mediaServer && state === "up");
  }

  #watchFor(running: Running, result: Result | undefined): void {
    if (result === undefined) return;
    running.failures = ourFaults.includes(result) ? running.failures + 1 : 0;
    if (running.failures < maxFailuresInARow || running.held) return;
    const { campaignId } = running.dialling;
    this.#parts.log.error({ campaign: campaignId, failures: running.failures, result }, "nobody is reached; holding the campaign");
    this.hold(campaignId);
    this.#parts.onTrouble(campaignId, result);
  }

  #forgetIfDone(running: Running): void {
    if (!running.held || running.lines > 0) return;
    const { campaignId } = running.dialling;
    this.#running.delete(campaignId);
    this.#parts.pacings?.leave(campaignId);
  }

  #wakeAt(running: Running, at: number): void {
    if (running.held || this.#closed || (running.wake && running.wakeAt <= at)) return;
    const { clock } = this.#parts;
    running.wake?.cancel();
    running.wakeAt = at;
    running.wake = clock.after(Math.max(0, at - clock.now()), () => {
      running.wake = undefined;
      this.#turn(running);
    });
  }
}
