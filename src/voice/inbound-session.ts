import { ladderText } from "../attempt/ladder.ts";
import type { LegIds, Mark } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import { pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Agents } from "./agent-call-session.ts";
import type { AnsweredEnding } from "./amd/answered.ts";
import { attemptHeader } from "./call-session.ts";
import type { Transfer } from "./caller-session.ts";
import { offeredTo } from "./codec.ts";
import { converse } from "./conversation-session.ts";
import { type Refused, refusals } from "./inbound.ts";
import type { Inbound, InboundEnd, InboundParts } from "./inbound-call.ts";
import type { Accepted } from "./inbound-ports.ts";
import type { InboundMatch } from "./number-ports.ts";
import type { Endpoint, ReadyScript } from "./ports.ts";
import { Trace, traceSignalling } from "./trace-session.ts";
import { type PeerIds, peerDetail, transferOver } from "./transfer-session.ts";
import { awaitTries } from "./trunk-engine.ts";

/** A caller hears ringing meanwhile. */
const endpointWithinMs = 4000;
const endpointLookMs = 200;

/** A call that has to be accounted for: its attempt is in the log. */
interface Open {
  readonly attemptId: string;
  readonly match: InboundMatch;
}

/** One call from outside, from its INVITE until nothing of it is left. */
export class InboundSession {
  readonly #parts: InboundParts;
  readonly #inbound: Inbound;
  readonly #trace: Trace;
  #log: Log;
  /** Resolves with what became of it. Never rejects. */
  readonly done: Promise<InboundEnd>;
  #gone: "canceled" | "lost" | undefined;

  constructor(parts: InboundParts, inbound: Inbound) {
    this.#parts = parts;
    this.#inbound = inbound;
    const { call, trunk } = inbound;
    this.#log = parts.log.child({ callId: call.callId, trunk: trunk.name });
    this.#trace = new Trace(parts.clock);
    const leg = this.#trace.begin({ name: `from trunk ${trunk.name}`, callId: call.callId, from: ladderText(call.from), to: ladderText(call.to) });
    call.watch((note) => this.#trace.sip(leg, note));
    call.gone.then((how) => {
      this.#gone = how;
    });
    this.done = this.#run().finally(() => inbound.settled());
  }

  async #run(): Promise<InboundEnd> {
    const { call, called, caller } = this.#inbound;
    const { record, pool, poolsOf } = this.#parts;
    let endpoint: Endpoint | undefined;
    try {
      const match = await record.match(called, caller, poolsOf(called));
      // The 100 keeps the caller waiting. One who hears it ring takes the number for one that is in service.
      if (!match) return this.#refuse("unknown-number");
      call.ring();
      const preparing = this.#prepare(match);
      endpoint = await this.#endpoint();
      const open = await this.#open(match, endpoint);
      const result = await this.#take(open, endpoint, preparing);
      return { result, ...(match.campaign && { campaign: match.campaign.name }) };
    } catch (error) {
      this.#log.error({ err: error }, "a call from outside could not be taken");
      if (endpoint) pool.recycle(endpoint, false);
      return this.#refuse("fault");
    }
  }

  #refuse(refused: Refused): InboundEnd {
    const { status, phrase, retryAfterS } = refusals[refused];
    this.#inbound.call.refuse(status, phrase, retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) });
    return { refused };
  }

  /** Undefined when none could be had for long, or nobody waits any more. */
  async #endpoint(): Promise<Endpoint | undefined> {
    const { pool, clock } = this.#parts;
    const until = clock.now() + endpointWithinMs;
    for (;;) {
      const [endpoint] = await pool.acquire(1);
      const now = clock.now();
      if (endpoint || this.#gone || now >= until) return endpoint;
      await pause(clock, Math.max(endpointLookMs, pool.nextOpenAt - now));
    }
  }

  /** What the caller will hear; the message where there is no script, or it cannot be run for this caller. Undefined when that cannot be had either. */
  async #prepare({ scriptVersionId, fields, message }: InboundMatch): Promise<ReadyScript | undefined> {
    const { scripts, message: messageOf } = this.#parts;
    try {
      if (scriptVersionId !== undefined) return await scripts.prepare(scriptVersionId, fields, ["human"]);
    } catch (error) {
      const { code, message: reason } = toFault(error, "script-not-ready");
      this.#log.warn({ code, reason }, "the script cannot be run for this caller, who hears the message instead");
    }
    try {
      return await messageOf(message);
    } catch (error) {
      this.#log.error({ err: error }, "the message for callers could not be made ready");
      return undefined;
    }
  }

  /** Reserved in the log before it is answered: should this process die, its successor can hang up. */
  async #open(match: InboundMatch, endpoint: Endpoint | undefined): Promise<Open> {
    const { call, called, caller } = this.#inbound;
    const { callId, dialogId, transactionId } = call;
    const legIds = { callId, dialogId, transactionId, ...(endpoint && { mediaServer: endpoint.mediaServer, endpointId: endpoint.id }) };
    const attemptId = await this.#parts.record.open({ at: this.#parts.clock.now(), called, caller, match, legIds });
    this.#log = this.#log.child({ attempt: attemptId, ...(match.campaign && { campaign: match.campaign.id }) });
    return { attemptId, match };
  }

  async #take(open: Open, endpoint: Endpoint | undefined, preparing: Promise<ReadyScript | undefined>): Promise<Result> {
    const { call } = this.#inbound;
    const { pool } = this.#parts;
    if (!endpoint) {
      const missed = this.#gone;
      this.#refuse("no-media");
      return missed ? this.#missed(open) : this.#finish(open, "congestion", "no FreeSWITCH had a free media session");
    }
    this.#trace.media("endpoint", `${endpoint.id} on ${endpoint.mediaServer}`);
    const script = await Promise.race([preparing, call.gone.then(() => undefined)]);
    if (!script || this.#gone) {
      pool.recycle(endpoint, false);
      if (this.#gone) return this.#missed(open);
      this.#refuse("fault");
      return this.#finish(open, "carrier-fault", "neither script nor message could be made ready");
    }
    // From here on the media server has been told of the caller: no other call may use it.
    const accepted = await this.#answer(endpoint).catch((error: unknown) => {
      this.#log.warn({ err: error }, "the media of a caller could not be connected");
      return "refused" as const;
    });
    if (accepted === "refused" || !accepted) {
      // Not acceptable here (RFC 3261 §21.4.26): what the caller offers is nothing that we speak.
      call.refuse(488);
      await endpoint.close();
      return accepted === "refused" ? this.#finish(open, "carrier-fault", "the caller's media could not be connected") : this.#missed(open);
    }
    return this.#converse(open, endpoint, accepted, script);
  }

  async #answer(endpoint: Endpoint): Promise<Accepted | undefined> {
    const { call, trunk } = this.#inbound;
    const sdp = call.offer === undefined ? endpoint.localSdp : await endpoint.attach(offeredTo(trunk.codecs, call.offer));
    return call.answer(sdp, (offer) => endpoint.attach(offer));
  }

  async #converse(open: Open, endpoint: Endpoint, accepted: Accepted, script: ReadyScript): Promise<Result> {
    const { dialog } = accepted;
    this.#inbound.settled();
    this.#mark(open, "answered", { dialogId: dialog.id });
    dialog.ended.then(({ by }) => (by === "them" ? this.#trace.media("hang-up", "by the caller") : this.#trace.hangUp(by)));
    const { result, reason, told } = await converse({
      attemptId: open.attemptId,
      script,
      endpoint,
      dialog,
      // The answer to an offer of theirs connected them already.
      connect: async () => this.#inbound.call.offer === undefined && this.#attachLate(endpoint, accepted),
      transfer: this.#transfer(open),
      agents: this.#agents(open),
      trace: this.#trace,
      clock: this.#parts.clock,
      log: this.#log,
    });
    dialog.end().then(() => this.#writeLadder(open));
    await endpoint.close();
    return this.#finish(open, result, reason, told);
  }

  /** A caller without an offer takes ours, and says with its ACK where it is. One who says nothing of it is gone before long. */
  async #attachLate(endpoint: Endpoint, { sdp }: Accepted): Promise<void> {
    const answer = await sdp;
    if (answer !== undefined) await endpoint.attach(answer);
  }

  #agents(open: Open): Agents | undefined {
    const { line } = this.#parts;
    const { called: callerId, caller: address } = this.#inbound;
    const { campaign, contactId } = open.match;
    const asking = {
      callerId,
      direction: "inbound" as const,
      ...(address !== undefined && { address }),
      ...(campaign && { campaignId: campaign.id }),
      ...(contactId !== undefined && { contactId }),
    };
    return line && { line, asking, note: (detail) => this.#mark(open, "transfer", undefined, detail) };
  }

  #transfer({ attemptId, match }: Open): Transfer {
    const { trunk, called } = this.#inbound;
    const { signalling, callerHeaders, trunks, secondLegs } = this.#parts;
    const note = (state: string, ids: PeerIds) => this.#mark({ attemptId, match }, "transfer", undefined, peerDetail(state, ids));
    return transferOver({
      ...this.#parts,
      log: this.#log,
      signalling: (over) => traceSignalling(signalling, this.#trace, `transfer over ${over.name}`, true),
      callerId: called,
      headers: { [attemptHeader]: `${attemptId};transfer` },
      callerHeaders: (over, to) => callerHeaders.of(over, to, called),
      open: (suits) => {
        const ways = trunks.find(match.campaign?.trunk ?? trunk.name) ?? trunks.find(trunk.name);
        return ways && awaitTries(ways, suits);
      },
      note,
      legOver: (over, dialogId) => secondLegs.begin({ dialogId, trunk: over, kind: "transfer", attemptId }),
      mediaEvent: (event, text) => this.#trace.media(event, text),
    });
  }

  #mark({ attemptId }: Open, kind: Mark["kind"], legIds?: LegIds, detail?: Mark["detail"]): Promise<void> {
    const { attempts, clock } = this.#parts;
    const mark: Mark = { at: clock.now(), kind, ...(legIds && { legIds }), ...(detail && { detail }) };
    return attempts.mark(attemptId, mark).catch((error) => this.#log.error({ err: error, kind }, "event not recorded"));
  }

  #writeLadder({ attemptId }: Open): void {
    const ladder = this.#trace.take();
    if (!ladder) return;
    this.#parts.attempts
      .mark(attemptId, { at: this.#parts.clock.now(), kind: "ladder", ladder })
      .catch((error) => this.#log.warn({ err: error }, "ladder not recorded"));
  }

  #missed(open: Open): Promise<Result> {
    return this.#finish(
      open,
      "no-answer",
      this.#gone === "lost" ? "the connection to drachtio-server broke" : "the caller gave up before we answered",
    );
  }

  async #finish(open: Open, result: Result, reason: string, script?: AnsweredEnding["told"]): Promise<Result> {
    const { attempts, clock } = this.#parts;
    this.#writeLadder(open);
    await attempts
      .finish(open.attemptId, { at: clock.now(), result, reason, ...(script && { outcome: script.outcome, answers: script.answers }) })
      .catch((error) => this.#log.error({ err: error }, "result not recorded"));
    return result;
  }
}
