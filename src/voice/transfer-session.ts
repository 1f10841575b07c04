import type { Broken, Holding, TransferEnd, TransferRequest } from "../ivr/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { FarSide, Person, Transfer } from "./caller-session.ts";
import { likeFirst } from "./codec.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import { mayFailOver } from "./fail-over.ts";
import { durationOf, guardSlackMs, hold } from "./hold-session.ts";
import { type Ring, ring } from "./invite-session.ts";
import type { Dialog, Endpoint, Signalling } from "./ports.ts";
import type { NotedLeg } from "./second-leg-engine.ts";
import { describeFailure, resultOf } from "./sip-status.ts";
import { type LineParts, openFor, refusalOf } from "./transfer-line-session.ts";
import { refusedBy, type Trunk } from "./trunk.ts";
import type { TrunkTries } from "./trunk-engine.ts";

export interface PeerIds {
  /** Over which it goes, where it goes over one. */
  readonly trunk?: string;
  /** Known once its INVITE has left, and wanted until it is answered. */
  readonly transactionId?: string;
  /** Before that: when it stops ringing by itself (epoch ms). */
  readonly ringsUntil?: number;
  readonly dialogId: string;
  readonly mediaServer: string;
  readonly endpointId: string;
}

/** What the log is told of it, so that whoever clears up after us can end it. */
export function peerDetail(state: string, { trunk, dialogId, mediaServer, endpointId, transactionId, ringsUntil }: PeerIds) {
  return {
    peerState: state,
    ...(trunk !== undefined && { trunk }),
    peerDialogId: dialogId,
    peerMediaServer: mediaServer,
    peerEndpointId: endpointId,
    ...(transactionId && { peerTransactionId: transactionId }),
    ...(ringsUntil && { peerRingsUntil: ringsUntil }),
  };
}

export interface TransferParts extends LineParts {
  readonly signalling: (trunk: Trunk) => Signalling;
  readonly pool: EndpointPool;
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  /** Says who calls, to this number. */
  readonly callerHeaders?: (trunk: Trunk, to: PhoneNumber) => Promise<Readonly<Record<string, string>>>;
  /** Stores what another process needs to end the second leg, or to keep watch over the two. Never rejects. */
  readonly note: (peerState: "dialling" | "dialled" | "connected", peer: PeerIds) => Promise<void>;
  /** Writes down that the second leg takes this trunk; left out, nothing is kept of it. */
  readonly legOver?: (trunk: string, dialogId: string) => NotedLeg;
  /** Told when the two hear each other, and when no more and why. */
  readonly mediaEvent?: (event: "bridge" | "unbridge", text: string) => void;
}

/** Leave a person who hears nothing meanwhile alone with the machine no longer than that. */
const ringGuardMs = 5000;
/** The second leg is stored before it leaves, but nobody waits longer than that for a slow database. */
const noteMs = 1000;
/** Why two who would talk on are parted. */
const timeUpText = "they had talked for as long as they may";
/** In less time than that nobody picks up: the next number is not rung any more. */
const shortestRingMs = 3000;

/** Why a transfer is of no use to the person any more: they are gone, or it was withdrawn. */
type Over = Broken | "withdrawn";

/**
 * What became of one number. `declined`: somebody answered and hung up during the whisper. `unbridged`: the hold prompts had ended when the two could
 * not be connected.
 */
type Try = "talked" | "busy" | "no-answer" | "failed" | "declined" | "unbridged" | Over;

type Unanswered = Extract<Ring, { answered: false }>;

/** The person, until they talk to somebody. */
interface Waiting extends Person {
  readonly over: Promise<Over>;
  /** As in `Transfer`. */
  readonly talk?: (far: FarSide) => Promise<void>;
}

const overBy = ({ over }: Waiting): Promise<Over | undefined> => Promise.race([over, undefined]);

/** The second leg once it is answered. */
interface Peer {
  readonly trunk: string;
  readonly endpoint: Endpoint;
  readonly dialog: Dialog;
  readonly sdp: string;
}

/**
 * A transfer to outside numbers: rings them one after the other while the person hears the hold prompts, whispers to whoever
 * answers, and connects the two.
 */
export function transferOver(parts: TransferParts): Transfer {
  const transfer: Transfer = async (request, person, talk) => {
    const numbers = request.to.filter(isPhoneNumber);
    if (numbers.length === 0) return "failed";
    // An agent who has somebody called is kept by their conversation.
    if (request.holdPrompts.length === 0 && !talk) person.endpoint.guard(request.ringTimeoutMs + ringGuardMs);
    const holding = hold(person.endpoint, request.holdPrompts, person.left);
    try {
      // Whoever cannot hear what they are to hear meanwhile does not wait in silence.
      const over = Promise.race([person.left, holding.left, withdrawn(request.withdraw)]);
      return await ringInTurn(parts, request, { ...person, over, ...(talk && { talk }) }, numbers, holding);
    } finally {
      await holding.stop();
    }
  };
  return Object.assign(transfer, { refusal: (to: string) => refusalOf(parts, to) });
}

/** Resolves when the signal is aborted, at once if it was. */
export function withdrawn(signal: AbortSignal): Promise<"withdrawn"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("withdrawn");
    else signal.addEventListener("abort", () => resolve("withdrawn"), { once: true });
  });
}

async function ringInTurn(
  parts: TransferParts,
  request: TransferRequest,
  person: Waiting,
  numbers: readonly PhoneNumber[],
  holding: Holding,
): Promise<TransferEnd> {
  const until = parts.clock.now() + request.ringTimeoutMs;
  const ends: Exclude<Try, "talked" | "unbridged" | Over>[] = [];
  for (const [at, to] of numbers.entries()) {
    // An equal share of what is left, so that the last one is rung too; what one does not use goes to the next.
    const ringTimeoutMs = Math.round((until - parts.clock.now()) / (numbers.length - at));
    if (at > 0 && ringTimeoutMs < shortestRingMs) continue;
    const end = await tryOne(parts, { ...request, ringTimeoutMs }, to, person, holding);
    if (end === "talked" || end === "hung-up" || end === "lost" || end === "withdrawn") return end;
    // Nobody else is rung for a person who hears nothing meanwhile; the script goes on at once.
    if (end === "unbridged") return "failed";
    ends.push(end);
  }
  if (ends.includes("no-answer") || ends.includes("declined")) return "no-answer";
  return ends.includes("busy") ? "busy" : "failed";
}

/** One number, over one trunk after the other while nobody can have noticed. */
async function tryOne(parts: TransferParts, request: TransferRequest, to: PhoneNumber, person: Waiting, holding: Holding): Promise<Try> {
  const until = parts.clock.now() + request.ringTimeoutMs;
  const opening = openFor(parts, to);
  const tries = await Promise.race([person.over, opening]);
  if (typeof tries === "string") {
    opening.then((late) => late?.release());
    return tries;
  }
  if (!tries) return "failed";
  try {
    for (let count = 1; ; count++) {
      const tried = await tryOver(parts, { ...request, ringTimeoutMs: until - parts.clock.now() }, to, tries, person, holding);
      if (typeof tried === "string") return tried;
      const from = tries.trunk.name;
      const goesOn = count < tries.maxTries && mayFailOver(tried.failure, tried) && until - parts.clock.now() >= shortestRingMs;
      if (!goesOn || !tries.next((trunk) => refusedBy(trunk, to, parts.callerId) === undefined)) return endOf(tried);
      parts.log.info({ from, to: tries.trunk.name, failed: describeFailure(tried.failure) }, "trying another trunk for a transfer");
    }
  } finally {
    tries.release();
  }
}

/** One INVITE. @returns how it ended for the person, or why it was not answered */
async function tryOver(
  parts: TransferParts,
  request: TransferRequest,
  to: PhoneNumber,
  tries: TrunkTries,
  person: Waiting,
  holding: Holding,
): Promise<Try | Unanswered> {
  const { trunk } = tries;
  const opening = parts.pool.acquireBeside(person.endpoint.mediaServer);
  const endpoint = await Promise.race([person.over, opening]);
  if (typeof endpoint === "string") {
    // Where there was no room just now, nobody waits for it any more.
    opening.then((late) => late && parts.pool.recycle(late, false));
    return endpoint;
  }
  if (!endpoint) return "failed";
  const { ringTimeoutMs } = request;
  const signalling = parts.signalling(trunk);
  const leg = signalling.nameLeg(endpoint.via);
  const ids: PeerIds = { trunk: trunk.name, dialogId: leg.dialogId, mediaServer: endpoint.mediaServer, endpointId: endpoint.id };
  const kept = parts.legOver?.(trunk.name, leg.dialogId);
  const noted = parts.note("dialling", { ...ids, ringsUntil: parts.clock.now() + ringTimeoutMs + noteMs });
  await within(parts.clock, noteMs, Promise.all([noted, kept?.noted]));
  const callerHeaders = await parts.callerHeaders?.(trunk, to);
  const turn = tries.reserve().then((leave) => leave());
  // Nobody is rung for a person who has not waited.
  const over = (await Promise.race([person.over, turn])) ?? (await overBy(person));
  if (over) {
    kept?.ended();
    parts.pool.recycle(endpoint, false);
    return over;
  }
  const headers = { ...callerHeaders, ...parts.headers };
  const codecs = likeFirst(trunk.codecs, person.endpoint.format);
  const order = { leg, trunk: { ...trunk, codecs }, to, callerId: parts.callerId, ringTimeoutMs, headers };
  const ringing = ring(signalling, parts.clock, order, endpoint, {
    sent: ({ transactionId }) => parts.note("dialled", { ...ids, transactionId }),
    ringing() {},
  });
  person.over.then(() => ringing.withdraw());
  const rung = await ringing.end;
  tries.count(rung);
  if (!rung.answered) {
    kept?.ended();
    if (rung.failure.endpointSpent) endpoint.close();
    else parts.pool.recycle(endpoint, rung.earlyMedia);
    return rung.canceled === "withdrawn" ? person.over : rung;
  }
  kept?.answered();
  rung.dialog.ended.then(() => kept?.ended());
  try {
    return await connect(parts, request, person, { trunk: trunk.name, endpoint, dialog: rung.dialog, sdp: rung.sdp }, holding);
  } catch (error) {
    parts.log.error({ err: error }, "who answered a transfer could not be heard");
    return "failed";
  } finally {
    // Not waited for: the person must not wait for a far side that does not answer our BYE.
    rung.dialog.end();
    endpoint.close();
  }
}

async function connect(parts: TransferParts, request: TransferRequest, person: Waiting, peer: Peer, holding: Holding): Promise<Try> {
  await peer.endpoint.attach(peer.sdp);
  const heard = await whisper(request, person, peer);
  if (heard !== "heard") return heard;
  await holding.stop();
  // Here it is decided whether they talk: whatever is withdrawn later is not heard any more.
  const over = await overBy(person);
  if (over) return over;
  if (person.talk) {
    await peer.endpoint.liftGuard();
    await person.talk({ ...peer, gone: peer.endpoint.gone });
    return "talked";
  }
  try {
    // From here on two people talk: nobody may say goodbye in between.
    await Promise.all([person.endpoint.liftGuard(), peer.endpoint.liftGuard()]);
    await person.endpoint.bridge(peer.endpoint);
  } catch (error) {
    parts.log.error({ err: error }, "transfer could not be connected");
    return "unbridged";
  }
  parts.note("connected", { trunk: peer.trunk, dialogId: peer.dialog.id, mediaServer: peer.endpoint.mediaServer, endpointId: peer.endpoint.id });
  const timeUp = Promise.withResolvers<string>();
  const timer = request.maxTalkMs === undefined ? undefined : parts.clock.after(request.maxTalkMs, () => timeUp.resolve(timeUpText));
  parts.mediaEvent?.("bridge", `with ${peer.endpoint.id} on ${peer.endpoint.mediaServer}`);
  const left = person.left.then((how) => (how === "lost" ? "the media of the first leg is gone" : "the first one hung up"));
  const parted = await Promise.race([
    timeUp.promise,
    left,
    peer.dialog.ended.then(({ by }) => (by === "lost" ? "the signalling of the second leg is gone" : "the second one hung up")),
    peer.endpoint.gone.then(() => "the media of the second leg is gone"),
  ]);
  timer?.cancel();
  parts.mediaEvent?.("unbridge", parted);
  // The script speaks to whoever is still there. What FreeSWITCH is told while it ends a conversation is lost, so that is over before.
  if ((await Promise.race([left, undefined])) === undefined) await person.endpoint.unbridge();
  return "talked";
}

/** What only the one who answered hears. A whisper that cannot be played keeps nobody apart. */
async function whisper({ whisperPrompts }: TransferRequest, person: Waiting, peer: Peer): Promise<"heard" | "declined" | Over> {
  if (whisperPrompts.length === 0) return "heard";
  peer.endpoint.guard(durationOf(whisperPrompts) + guardSlackMs);
  return Promise.race([
    peer.endpoint.play(whisperPrompts).then(() => "heard" as const),
    peer.dialog.ended.then(() => "declined" as const),
    person.over,
  ]);
}

/** Resolves when that is done, or has taken too long. */
export function within(clock: Clock, timeoutMs: number, done: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(timeoutMs, resolve);
    done.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

function endOf(rung: Unanswered): Exclude<Try, "talked" | "declined" | Over> {
  const result = resultOf(rung.failure, rung);
  if (result === "busy" || result === "no-answer") return result;
  return "failed";
}
