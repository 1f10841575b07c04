import type { AttemptLog, Order, OrderSource } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { CallSession } from "./call-session.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import { Pace, takeMoment } from "./pace-engine.ts";
import { decide, leadMs } from "./pacer.ts";
import type { Endpoint, Media, Scripts, Signalling } from "./ports.ts";
import type { Trunk } from "./trunk.ts";
import { TrunkUse } from "./trunk-engine.ts";

/** A campaign that is to be dialled, as far as calls are concerned. */
export interface Dialling {
  readonly campaignId: string;
  readonly trunk: string;
  readonly maxCps: number;
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
}

export interface CallEngineParts {
  readonly orders: OrderSource;
  readonly attempts: AttemptLog;
  readonly signalling: Signalling;
  readonly media: Media;
  readonly pool: EndpointPool;
  readonly scripts: Scripts;
  readonly trunks: readonly Trunk[];
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

/** A call that leaves no later than this after its moment is within the slack of its rate (rate.ts). */
const lateMs = 20;

/** Results that say nothing of the person called. */
const ourFaults: readonly Result[] = ["carrier-fault", "congestion", "dropped", "interrupted"];
/** With one call in ten failing so by chance, a run of this length comes once in 10^25. */
const maxFailuresInARow = 25;

interface Running {
  dialling: Dialling;
  readonly pace: Pace;
  /** Lines taken: decided on, dialling, ringing or talking. */
  lines: number;
  readonly calls: Set<CallSession>;
  wake: Timer | undefined;
  /** Nothing is worth trying before that (epoch ms). */
  restUntil: number;
  held: boolean;
  /** Calls in a row that failed without reaching anybody. */
  failures: number;
  /** How long it takes from the decision until session and order are there, lately. */
  tookMs: number;
}

const idle = { lines: 0, wake: undefined, restUntil: 0, held: false, failures: 0, tookMs: 0 };

/** Places the calls of all campaigns that are dialled by this process, as many as the pacer allows. */
export class CallEngine {
  readonly #parts: CallEngineParts;
  readonly #running = new Map<string, Running>();
  readonly #trunks: ReadonlyMap<string, TrunkUse>;
  /** Calls that wait for session, order, script or their moment. */
  readonly #working = new Set<Promise<void>>();
  #setups = 0;
  #closed = false;

  constructor(parts: CallEngineParts) {
    this.#parts = parts;
    this.#trunks = new Map(parts.trunks.map((trunk) => [trunk.name, new TrunkUse(trunk, parts.clock)]));
  }

  /** Calls dialling, ringing or talking. */
  get lines(): number {
    return [...this.#running.values()].reduce((sum, { lines }) => sum + lines, 0);
  }

  /** Starts dialling a campaign, or takes over its changed limits. @throws Fault `trunk-unknown` */
  dial(dialling: Dialling): void {
    if (!this.#trunks.has(dialling.trunk)) {
      throw new Fault(
        "trunk-unknown",
        `Campaign ${dialling.campaignId} wants trunk "${dialling.trunk}", which is not configured. Add it under trunks:.`,
      );
    }
    const running: Running = this.#running.get(dialling.campaignId) ?? {
      ...idle,
      dialling,
      calls: new Set(),
      pace: new Pace(this.#parts.clock),
    };
    Object.assign(running, { dialling, held: false, failures: 0 } satisfies Partial<Running>);
    this.#running.set(dialling.campaignId, running);
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
    const use = this.#trunks.get(running.dialling.trunk);
    if (running.held || this.#closed || !use) return;
    const againAt = this.#decide(running, use);
    if (againAt !== undefined) this.#wakeAt(running, againAt);
  }

  /** @returns when to ask again; undefined when only the end of a call can change things */
  #decide(running: Running, use: TrunkUse): number | undefined {
    const { signalling, media, pool, orders, clock, maxSetups } = this.#parts;
    const { campaignId, maxLines, maxCps } = running.dialling;
    const now = clock.now();
    if (now < running.restUntil) return running.restUntil;
    if (!signalling.ready || !media.ready || !orders.due(campaignId)) return now + idleLookMs;
    const stats = { lines: running.lines, setups: this.#setups, trunkLines: use.lines, campaign: running.pace, trunk: use.pace };
    const { maxChannels: trunkMaxLines, maxCps: trunkMaxCps } = use.trunk;
    const policy = { maxLines, maxCps, trunkMaxLines, trunkMaxCps, maxSetups, leadMs: leadMs(turnMs, running.tookMs) };
    const decision = decide(now, stats, policy);
    if (decision.calls === 0) return decision.heldBy === "lines" ? undefined : Math.max(now + turnMs, decision.againAt);
    const coming = pool.request(decision.calls);
    if (coming.length > 0) this.#track(this.#place(running, use, coming));
    return coming.length < decision.calls ? Math.max(now + shortTurnMs, pool.nextOpenAt) : now + turnMs;
  }

  /** Gets orders for the sessions that come, and gives each its moment. Never rejects. */
  async #place(running: Running, use: TrunkUse, coming: readonly Promise<Endpoint | undefined>[]): Promise<void> {
    const { clock, pool, log, orders } = this.#parts;
    const { campaignId, maxCps } = running.dialling;
    const limits = [
      { pace: running.pace, maxCps },
      { pace: use.pace, maxCps: use.trunk.maxCps },
    ];
    const decidedAt = clock.now();
    const ahead = (count: number) => {
      for (const { pace } of limits) pace.ahead += count;
    };
    this.#take(running, use, coming.length);
    ahead(coming.length);
    let unused = coming.length;
    const endpoints = (await Promise.all(coming)).filter((endpoint) => endpoint !== undefined);
    try {
      const wanted = running.held || this.#closed ? 0 : endpoints.length;
      const pulled = wanted > 0 ? await orders.pull(campaignId, wanted) : [];
      const at = clock.now();
      running.tookMs = Math.min(maxTookMs, (running.tookMs + at - decidedAt) / 2);
      if (pulled.length === 0) running.restUntil = at + (wanted > 0 ? idleLookMs : shortTurnMs);
      for (const order of pulled) {
        const endpoint = endpoints.pop();
        if (!endpoint) break;
        unused -= 1;
        ahead(-1);
        this.#track(this.#launch(running, use, order, endpoint, takeMoment(Math.max(at, order.startAt ?? at), limits)));
      }
    } catch (error) {
      log.error({ err: error, campaign: campaignId }, "no calls could be placed; trying again");
      running.restUntil = clock.now() + idleLookMs;
    }
    for (const endpoint of endpoints) pool.recycle(endpoint, false);
    this.#take(running, use, -unused);
    this.#setups -= unused;
    ahead(-unused);
    this.#forgetIfDone(running);
    if (unused > 0) this.#wakeAt(running, clock.now() + turnMs);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  async #launch(running: Running, use: TrunkUse, order: Order, endpoint: Endpoint, startAt: number): Promise<void> {
    const { orders, scripts, attempts, clock, log, pool } = this.#parts;
    let settled = false;
    const settle = () => {
      if (settled) return;
      settled = true;
      this.#setups -= 1;
    };
    const over = () => {
      settle();
      this.#take(running, use, -1);
      this.#wakeAt(running, clock.now() + turnMs);
    };
    try {
      const script = await scripts.prepare(order.scriptVersionId, order.fields);
      let leaveAt = startAt;
      // Made ready too late, by a prompt that took its time: another moment, or calls of several nodes would leave all at once.
      while (clock.now() - leaveAt > lateMs) leaveAt = await orders.moment(order.campaignId).catch(() => clock.now());
      await pause(clock, Math.max(0, leaveAt - clock.now()));
      if (this.#closed) {
        // Left as it was reserved: nothing has left, and whoever takes over puts the contact back.
        pool.recycle(endpoint, false);
        return over();
      }
      const call = new CallSession(this.#parts, {
        order,
        script,
        trunk: use.trunk,
        ringTimeoutMs: running.dialling.ringTimeoutMs,
        endpoint,
        takeLine: () => use.takeLine(),
        turn: () => use.turn(),
        ownTurn: () => running.pace.turn(running.dialling.maxCps),
        settled: settle,
      });
      running.calls.add(call);
      call.done.then((result) => {
        running.calls.delete(call);
        this.#watchFor(running, result);
        over();
        this.#forgetIfDone(running);
      });
    } catch (error) {
      const fault = toFault(error, "script-not-ready");
      log.error({ err: fault, attempt: order.attemptId }, "the script could not be made ready for this contact");
      pool.recycle(endpoint, false);
      // Nobody was called: what the contact lacks is the list's fault, anything else ours.
      const result = fault.code === "contact-lacks-field" ? "canceled" : "carrier-fault";
      await attempts
        .finish(order.attemptId, { at: clock.now(), result, reason: fault.message })
        .catch((unwritten) => log.error({ err: unwritten, attempt: order.attemptId }, "result not recorded"));
      over();
    }
  }

  /** Takes lines and, when it is more, counts them as being set up; a negative count gives lines back. */
  #take(running: Running, use: TrunkUse, count: number): void {
    running.lines += count;
    use.lines += count;
    if (count > 0) this.#setups += count;
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
    if (running.held && running.lines === 0) this.#running.delete(running.dialling.campaignId);
  }

  #wakeAt(running: Running, at: number): void {
    if (running.held || running.wake || this.#closed) return;
    const { clock } = this.#parts;
    running.wake = clock.after(Math.max(0, at - clock.now()), () => {
      running.wake = undefined;
      this.#turn(running);
    });
  }
}
