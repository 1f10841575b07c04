import type { Log } from "../kernel/log.ts";
import type { Call, CallParts } from "./call.ts";
import type { Endpoint, LegName } from "./ports.ts";
import type { Trace } from "./trace-session.ts";

/** How waiting for the moment ended: the leg may leave now; it may not, and the attempt is to be ended; or the log has done so. */
export type Departed = { readonly leg: LegName } | { readonly canceled: string; readonly dueAt?: number } | "refused";

/** Sessions whose servers went away one after the other while one call waited. */
const mostSessions = 3;

/** The last steps of a call before its INVITE: reserved in the log, its moment come, and a session that can still be used. */
export class Departure {
  readonly #parts: CallParts;
  readonly #call: Call;
  readonly #trace: Trace;
  readonly #log: Log;
  /** The session it has now. */
  endpoint: Endpoint;
  /** Whether the log has let it go: then it has to be ended. */
  begun = false;

  constructor(parts: CallParts, call: Call, trace: Trace, log: Log) {
    this.#parts = parts;
    this.#call = call;
    this.#trace = trace;
    this.#log = log;
    this.endpoint = call.endpoint;
  }

  /**
   * Waits until the INVITE may leave. Leg and session are stored before: should this process die before it can store more, its successor can still hang up.
   * @param again it has left before, over another trunk
   * @param isWithdrawn asked at the last instant
   */
  async comes(again: boolean, isWithdrawn: () => boolean): Promise<Departed> {
    const { order, tries } = this.#call;
    const { attempts, signalling, clock } = this.#parts;
    for (let count = 1; ; count++) {
      const { endpoint } = this;
      const leg = signalling.nameLeg(endpoint.via);
      const legIds = { callId: leg.callId, dialogId: leg.dialogId, mediaServer: endpoint.mediaServer, endpointId: endpoint.id };
      this.begun = false;
      const [begun, leave] = await Promise.all([
        attempts.begin(order.attemptId, clock.now(), legIds, again || count > 1),
        tries.reserve(again || count > 1 ? undefined : this.#call.leavesAt()),
      ]);
      if (!begun) {
        this.#log.info({}, "withdrawn at the gate before it was sent");
        return "refused";
      }
      this.begun = true;
      // Last of all: what is waited for in between would make the calls leave closer together than their limits allow.
      if (!again) await this.#call.ownTurn();
      await leave();
      if (isWithdrawn()) return { canceled: "withdrawn before it left" };
      if (endpoint.usable) return { leg };
      // Nothing has left, and nobody has been disturbed.
      const why = `the media session on ${endpoint.mediaServer} cannot be used any more`;
      if (count >= mostSessions || !(await this.#takeAnother(why))) return { canceled: `${why}, and there was no other`, dueAt: clock.now() };
    }
  }

  /** Another session, because the server of this one went away or is to be empty soon while the call waited. */
  async #takeAnother(why: string): Promise<boolean> {
    const { pool } = this.#parts;
    const [another] = await Promise.all(pool.request(1, undefined, this.#call.detection !== undefined));
    if (!another) return false;
    pool.recycle(this.endpoint, false);
    this.endpoint = another;
    this.#log.info({ mediaServer: another.mediaServer }, `${why}; taking another`);
    this.#trace.media("endpoint", `${another.id} on ${another.mediaServer}, because ${why}`);
    return true;
  }
}
