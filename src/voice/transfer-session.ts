import type { TransferEnd, TransferRequest } from "../ivr/ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { Person, Transfer } from "./caller-session.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import { type Ring, type Ringing, ring } from "./invite-session.ts";
import type { Dialog, Endpoint, Signalling } from "./ports.ts";
import { resultOf } from "./sip-status.ts";
import { refusedBy, type Trunk } from "./trunk.ts";

export interface PeerIds {
  /** Known once its INVITE has left, and wanted until it is answered. */
  readonly transactionId?: string;
  /** Before that: when it stops ringing by itself (epoch ms). */
  readonly ringsUntil?: number;
  readonly dialogId: string;
  readonly endpointId: string;
}

export interface TransferParts {
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly clock: Clock;
  readonly log: Log;
  readonly trunk: Trunk;
  readonly callerId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Resolves when the trunk may carry another INVITE. */
  readonly turn: () => Promise<void>;
  /** Takes one more line on the trunk, and gives the function that gives it back; undefined when the trunk is full. */
  readonly takeLine: () => (() => void) | undefined;
  /** Stores what another process needs to end the second leg, or to keep watch over the two. Never rejects. */
  readonly note: (peerState: "dialling" | "dialled" | "connected", peer: PeerIds) => Promise<void>;
}

/** Leave the person alone with the machine no longer than that between two runs of the hold prompt. */
const ringGuardMs = 5000;
/** The second leg is stored before it leaves, but nobody waits longer than that for a slow database. */
const noteMs = 1000;
/** How long a hold prompt may take to stop before it is told again. */
const holdStopMs = 100;

/** A transfer to an outside number: rings it while the person hears the hold prompts, then connects the two. */
export function transferOver(parts: TransferParts): Transfer {
  return async (request, person) => {
    const { to } = request;
    const refused = isPhoneNumber(to) ? refusedBy(parts.trunk, to, parts.callerId) : "not an E.164 number";
    if (refused || !isPhoneNumber(to)) {
      parts.log.warn({ reason: refused }, "transfer refused");
      return "failed";
    }
    const giveLineBack = parts.takeLine();
    if (!giveLineBack) {
      parts.log.warn({ trunk: parts.trunk.name }, "no line free for a transfer");
      return "failed";
    }
    try {
      return await transfer(parts, request, to, person);
    } finally {
      giveLineBack();
    }
  };
}

async function transfer(parts: TransferParts, request: TransferRequest, to: PhoneNumber, person: Person): Promise<TransferEnd> {
  const [endpoint] = await parts.pool.acquire(1, person.endpoint.mediaServer);
  if (!endpoint) return "failed";
  person.endpoint.guard(request.ringTimeoutMs + ringGuardMs);
  const { ringTimeoutMs } = request;
  const leg = parts.signalling.nameLeg();
  const peer: PeerIds = { dialogId: leg.dialogId, endpointId: endpoint.id };
  await within(parts.clock, noteMs, parts.note("dialling", { ...peer, ringsUntil: parts.clock.now() + ringTimeoutMs + noteMs }));
  await parts.turn();
  const order = { leg, trunk: parts.trunk, to, callerId: parts.callerId, ringTimeoutMs, headers: parts.headers };
  const ringing = ring(parts.signalling, parts.clock, order, endpoint, {
    sent: ({ transactionId }) => parts.note("dialled", { ...peer, transactionId }),
    ringing() {},
  });
  const rung = await ringWithHold(parts.clock, ringing, request, person);
  if (!rung.answered) {
    if (rung.failure.endpointSpent) endpoint.close();
    else parts.pool.recycle(endpoint, rung.earlyMedia);
    return rung.canceled === "withdrawn" ? person.left : endOf(rung);
  }
  try {
    return await talk(parts, request, person, { endpoint, dialog: rung.dialog, sdp: rung.sdp });
  } finally {
    // Not waited for: the person must not wait for a far side that does not answer our BYE.
    rung.dialog.end();
    endpoint.close();
  }
}

async function ringWithHold(clock: Clock, ringing: Ringing, request: TransferRequest, person: Person): Promise<Ring> {
  let over = false;
  const hold = async () => {
    while (!over && request.holdPrompts.length > 0) {
      if ((await person.endpoint.play(request.holdPrompts)) !== "played") return;
    }
  };
  let quiet = false;
  const holding = hold().then(() => {
    quiet = true;
  });
  person.left.then(() => ringing.withdraw());
  const rung = await ringing.end;
  over = true;
  // The prompt may just be between two runs when it is told to stop, so it is told until it has.
  while (!quiet) {
    await person.endpoint.stop();
    await Promise.race([holding, pause(clock, holdStopMs)]);
  }
  return rung;
}

async function talk(
  parts: TransferParts,
  request: TransferRequest,
  person: Person,
  peer: { readonly endpoint: Endpoint; readonly dialog: Dialog; readonly sdp: string },
): Promise<TransferEnd> {
  try {
    await peer.endpoint.attach(peer.sdp);
    // From here on two people talk: nobody may say goodbye in between.
    await person.endpoint.liftGuard();
    await person.endpoint.bridge(peer.endpoint);
  } catch (error) {
    parts.log.error({ err: error }, "transfer could not be connected");
    return "failed";
  }
  parts.note("connected", { dialogId: peer.dialog.id, endpointId: peer.endpoint.id });
  const ended = Promise.withResolvers<void>();
  const timer = request.maxTalkMs === undefined ? undefined : parts.clock.after(request.maxTalkMs, ended.resolve);
  await Promise.race([ended.promise, person.left, peer.dialog.ended, peer.endpoint.gone]);
  timer?.cancel();
  return "talked";
}

function within(clock: Clock, timeoutMs: number, done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(timeoutMs, resolve);
    done.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

function endOf(rung: Extract<Ring, { answered: false }>): TransferEnd {
  const result = resultOf(rung.failure, rung);
  if (result === "busy" || result === "no-answer") return result;
  return "failed";
}
