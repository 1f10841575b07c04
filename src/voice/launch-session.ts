import type { AttemptLog, Order, OrderSource } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import { dueAgain } from "../attempt/treatment.ts";
import { verdicts } from "../ivr/script.ts";
import { toFault } from "../kernel/fault.ts";
import type { CallParts } from "./call.ts";
import type { PacedCall } from "./call-pacing-ports.ts";
import { CallSession } from "./call-session.ts";
import type { Running } from "./dialling-engine.ts";
import { Moment } from "./pace-engine.ts";
import type { Endpoint, Scripts } from "./ports.ts";
import type { TrunkTries } from "./trunk-engine.ts";

export interface LaunchParts extends CallParts {
  readonly orders: OrderSource;
  readonly attempts: AttemptLog;
  readonly scripts: Scripts;
}

/** An order that is to become a call, with all it needs but its script. */
export interface Launch {
  readonly running: Running;
  readonly tries: TrunkTries;
  readonly order: Order;
  readonly endpoint: Endpoint;
  /** Epoch ms. */
  readonly startAt: number;
  readonly paced: PacedCall | undefined;
  /** Whether nothing may leave any more. */
  readonly closed: () => boolean;
  /** As in `Call`; called once. */
  readonly settled: () => void;
  /** Called once, when its line is free again; without a call when none was made. */
  readonly over: (call?: CallSession, result?: Result) => void;
}

/** So long before its moment a call is taken up again: what must be written before it may leave takes a while. */
const headStartMs = 30;

/** Makes the script ready, waits for the call's moment and has it go its way. Resolves when it has begun, or cannot; never rejects. */
export async function launch(parts: LaunchParts, { running, tries, order, endpoint, startAt, paced, closed, settled, over }: Launch): Promise<void> {
  const { orders, scripts, attempts, clock, log, pool } = parts;
  try {
    const { detection } = running.dialling;
    const script = await scripts.prepare(order.scriptVersionId, order.fields, detection ? verdicts : ["human"]);
    const moment = new Moment(startAt, () => orders.moment(order.campaignId), clock);
    await moment.comes(headStartMs);
    if (closed()) {
      // Left as it was reserved: nothing has left, and whoever takes over puts the contact back.
      pool.recycle(endpoint, false);
      paced?.ended(undefined);
      return over();
    }
    const call = new CallSession(parts, {
      order,
      script,
      tries,
      ringTimeoutMs: running.dialling.ringTimeoutMs,
      endpoint,
      detection,
      agentCall: paced?.agentCall,
      answered: () => paced?.answered(),
      leavesAt: () => moment.at,
      ownTurn: async () => {
        await moment.comes();
        await running.pace.turn(running.dialling.maxCps);
      },
      settled,
    });
    running.calls.add(call);
    call.done.then((result) => {
      running.calls.delete(call);
      paced?.ended(result);
      over(call, result);
    });
  } catch (error) {
    const fault = toFault(error, "script-not-ready");
    log.error({ err: fault, attempt: order.attemptId }, "the script could not be made ready for this contact");
    pool.recycle(endpoint, false);
    // Nobody was called: what the contact lacks is the list's fault, anything else ours.
    const result = fault.code === "contact-lacks-field" ? "canceled" : "carrier-fault";
    const at = clock.now();
    const againAt = dueAgain(order.treatments, result, at);
    await attempts
      .finish(order.attemptId, { at, result, reason: fault.message, ...(againAt !== undefined && { againAt }) })
      .catch((unwritten) => log.error({ err: unwritten, attempt: order.attemptId }, "result not recorded"));
    paced?.ended(result);
    over();
  }
}
