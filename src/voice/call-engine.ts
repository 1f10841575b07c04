import type { AttemptLog, Order, OrderSource } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { CallSession } from "./call-session.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import { decide, horizon } from "./pacer.ts";
import type { Endpoint, Media, Scripts, Signalling } from "./ports.ts";
import { freshRate, plan, type RateState, spend } from "./rate.ts";
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
  rate: RateState;
  /** Lines taken: decided on, dialling, ringing or talking. */
  lines: number;
  readonly calls: Set<CallSession>;
  wake: Timer | undefined;
  /** A turn is under way; `askedAgain` holds when somebody wanted another one meanwhile (ms). */
  turning: boolean;
  askedAgain: number | undefined;
  held: boolean;
  /** Calls in a row that failed without reaching anybody. */
  failures: number;
  /** How long a turn takes, lately. */
  tookMs: number;
}

const idle = { rate: freshRate, lines: 0, wake: undefined, turning: false, askedAgain: undefined, held: false, failures: 0, tookMs: 0 };

/** Places the calls of all campaigns that are dialled by this process, as many as the pacer allows. */
export class CallEngine {
  readonly #parts: CallEngineParts;
  readonly #running = new Map<string, Running>();
  readonly #trunks: ReadonlyMap<string, TrunkUse>;
  /** Calls that are made ready, or wait for their moment. */
  readonly #launching = new Set<Promise<void>>();
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
    const known = this.#running.get(dialling.campaignId);
    if (known) Object.assign(known, { dialling, held: false, failures: 0 } satisfies Partial<Running>);
    else {
      this.#running.set(dialling.campaignId, { ...idle, dialling, calls: new Set() });
    }
    const running = this.#running.get(dialling.campaignId);
    if (running) this.#wakeAt(running, this.#parts.clock.now());
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
    await Promise.all(this.#launching);
    await Promise.all([...this.#running.values()].flatMap(({ calls }) => [...calls].map((call) => call.done)));
  }

  async #turn(running: Running): Promise<void> {
    const { dialling } = running;
    const use = this.#trunks.get(dialling.trunk);
    if (running.held || this.#closed || !use) return;
    running.turning = true;
    let againAt: number | undefined;
    try {
      againAt = await this.#place(running, use);
    } catch (error) {
      this.#parts.log.error({ err: error, campaign: dialling.campaignId }, "no calls could be placed; trying again");
      againAt = this.#parts.clock.now() + idleLookMs;
    }
    running.turning = false;
    againAt = againAt ?? running.askedAgain;
    running.askedAgain = undefined;
    this.#forgetIfDone(running);
    if (againAt !== undefined) this.#wakeAt(running, againAt);
  }

  /** @returns when to ask again; undefined when only the end of a call can change things */
  async #place(running: Running, use: TrunkUse): Promise<number | undefined> {
    const { signalling, media, pool, orders, clock } = this.#parts;
    const { campaignId, maxLines, maxCps } = running.dialling;
    const now = clock.now();
    if (!signalling.ready || !media.ready || !orders.due(campaignId)) return now + idleLookMs;
    const stats = { lines: running.lines, setups: this.#setups, trunkLines: use.lines, campaignRate: running.rate, trunkRate: use.rate };
    const { maxChannels: trunkMaxLines, maxCps: trunkMaxCps } = use.trunk;
    const { leadMs, aheadMs } = horizon(turnMs, running.tookMs);
    const policy = { maxLines, maxCps, trunkMaxLines, trunkMaxCps, maxSetups: this.#parts.maxSetups, leadMs };
    const decision = decide(now, stats, policy);
    if (decision.calls === 0) return decision.againAt;
    this.#take(running, use, decision.calls);
    let unused = decision.calls;
    try {
      const endpoints = [...(await pool.acquire(decision.calls))];
      const again = (short: boolean) => (short ? Math.max(clock.now() + shortTurnMs, pool.nextOpenAt) : clock.now() + turnMs);
      if (endpoints.length === 0) return again(true);
      const short = endpoints.length < decision.calls;
      const pulled = await this.#pull(orders, campaignId, endpoints);
      const at = clock.now();
      running.tookMs = Math.min(maxTookMs, (running.tookMs + at - now) / 2);
      let lastAt = at;
      for (const order of pulled) {
        const endpoint = endpoints.pop();
        if (!endpoint) break;
        const limits = [
          { state: running.rate, maxCps },
          { state: use.rate, maxCps: trunkMaxCps },
        ];
        const [startAt = at] = plan(limits, Math.max(at, order.startAt ?? at), Number.POSITIVE_INFINITY, 1);
        lastAt = startAt;
        unused -= 1;
        running.rate = spend(running.rate, startAt, 1, maxCps);
        use.rate = spend(use.rate, startAt, 1, trunkMaxCps);
        const launching = this.#launch(running, use, order, endpoint, startAt).finally(() => this.#launching.delete(launching));
        this.#launching.add(launching);
      }
      for (const endpoint of endpoints) pool.recycle(endpoint, false);
      return pulled.length === 0 ? at + idleLookMs : Math.max(again(short), lastAt - aheadMs);
    } finally {
      this.#take(running, use, -unused);
      this.#setups -= unused;
    }
  }

  async #pull(orders: OrderSource, campaignId: string, endpoints: readonly Endpoint[]): Promise<readonly Order[]> {
    try {
      return await orders.pull(campaignId, endpoints.length);
    } catch (error) {
      for (const endpoint of endpoints) this.#parts.pool.recycle(endpoint, false);
      throw error;
    }
  }

  async #launch(running: Running, use: TrunkUse, order: Order, endpoint: Endpoint, startAt: number): Promise<void> {
    const { orders, scripts, attempts, clock, log, pool } = this.#parts;
    let settled = false;
    const settle = () => {
      if (!settled) this.#setups -= 1;
      settled = true;
    };
    const over = () => {
      settle();
      this.#take(running, use, -1);
      this.#wakeAt(running, clock.now() + turnMs);
    };
    try {
      const script = await scripts.prepare(order.scriptVersionId, order.fields);
      let leaveAt = startAt;
      // Calls that missed their moments, because a prompt took its time, must not leave all at once. Without the database nothing leaves anyway.
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
    if (running.turning) running.askedAgain = at;
    if (running.held || running.turning || running.wake || this.#closed) return;
    const { clock } = this.#parts;
    running.wake = clock.after(Math.max(0, at - clock.now()), () => {
      running.wake = undefined;
      this.#turn(running);
    });
  }
}
