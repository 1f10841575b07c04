import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { offeredAfter, offeredTo } from "./codec.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import { mayFailOver } from "./fail-over.ts";
import type { CallerHeaders } from "./identity-engine.ts";
import { type AddressOrder, type Ring, ringAddress } from "./invite-session.ts";
import { mayCallHost, missOf, type PhonePlace, readSipAddress } from "./phone.ts";
import { OpenLine } from "./phone-line-session.ts";
import { PhoneNotes } from "./phone-notes-session.ts";
import type { PhoneMiss } from "./phone-ports.ts";
import type { PhoneLegs } from "./phone-store-ports.ts";
import type { Endpoint, Signalling } from "./ports.ts";
import type { SecondLegs } from "./second-leg-engine.ts";
import { withdrawn, within } from "./transfer-session.ts";
import { fromUri, refusedBy, requestUri, type Trunk } from "./trunk.ts";
import { awaitTries, type Trunks, type TrunkTries } from "./trunk-engine.ts";

/** Where a device can be reached just now. */
export interface DeviceContact {
  /** Its Contact URI, and where requests to it go. */
  readonly uri: string;
  readonly proxy: string;
  /** The signalling server over which it registered; undefined when there is only one. */
  readonly via?: string;
}

export interface DialParts {
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly trunks: Pick<Trunks, "find">;
  readonly callerHeaders: Pick<CallerHeaders, "of">;
  readonly legs: PhoneLegs;
  /** Keeps what telephones take of trunks. */
  readonly secondLegs: Pick<SecondLegs, "begin">;
  /** Where the agent's device has registered; none where it has not. */
  readonly contactsOf: (agentId: string) => Promise<readonly DeviceContact[]>;
  /** Says which host we are to devices that register with us. */
  readonly realm: string;
  /** Where SIP URIs may point; see `mayCallHost`. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface DialOrder {
  readonly agentId: string;
  readonly place: PhonePlace;
  /** What the telephone shows (E.164), if a trunk may; left out, only that we call. */
  readonly callerId?: string;
  /** On that media server, if it can be had. */
  readonly near?: string;
  readonly attemptId?: string;
  readonly ringTimeoutMs: number;
  readonly withdraw: AbortSignal;
  readonly ringing?: () => void;
}

/** Not picked up, and why, for people. */
export interface Missed {
  readonly miss: PhoneMiss;
  readonly why: string;
}

/** The telephone is told by it from other calls, in its traces as in ours. */
export const agentHeader = "X-Carillon-Agent";

/** The leg is stored before it leaves, but nobody waits longer than that for a slow database. */
const noteMs = 1000;
/** In less time than that nobody picks up. */
const shortestRingMs = 3000;
/** Devices of one agent that are rung at once, at most. */
const mostAtOnce = 5;

/** Where one INVITE goes. */
interface Target extends Pick<AddressOrder, "uri" | "from" | "auth" | "codecs" | "proxy"> {
  readonly headers: Readonly<Record<string, string>>;
  readonly via?: string;
}

type Unanswered = Extract<Ring, { answered: false }>;

/** Calls a telephone until somebody picks up. Never rejects. */
export async function dialPhone(parts: DialParts, order: DialOrder): Promise<OpenLine | Missed> {
  try {
    return await dial(parts, order);
  } catch (error) {
    parts.log.error({ err: error, agent: order.agentId }, "an agent's telephone could not be called");
    return { miss: "unreachable", why: "internal fault" };
  }
}

async function dial(parts: DialParts, order: DialOrder): Promise<OpenLine | Missed> {
  const { agentId, place, callerId } = order;
  if (place.kind === "number") return dialNumber(parts, order, place);
  if (place.kind === "uri") {
    const host = readSipAddress(place.uri)?.host ?? "";
    if (!mayCallHost(host, parts.hosts)) return { miss: "unreachable", why: "its host is not among phones.hosts of the configuration" };
    return settled(await ringOne(parts, order, { uri: place.uri, from: sipFrom(callerId, host), headers: {} }));
  }
  const contacts = (await parts.contactsOf(agentId)).slice(0, mostAtOnce);
  if (contacts.length === 0) return { miss: "unreachable", why: "no device is registered" };
  return dialDevices(
    parts,
    order,
    contacts.map((contact) => ({ ...contact, from: sipFrom(callerId, parts.realm), headers: {} })),
  );
}

function sipFrom(callerId: string | undefined, host: string): string {
  return `sip:${callerId ?? "carillon"}@${host.includes(":") ? `[${host}]` : host}`;
}

/** Rings all of them; the first to pick up has it, the others are taken back. */
async function dialDevices(parts: DialParts, order: DialOrder, targets: readonly Target[]): Promise<OpenLine | Missed> {
  const others = new AbortController();
  const withdraw = AbortSignal.any([order.withdraw, others.signal]);
  const first = Promise.withResolvers<OpenLine>();
  let won = false;
  const all = targets.map(async (target) => {
    const ended = settled(await ringOne(parts, { ...order, withdraw }, target));
    if (!(ended instanceof OpenLine)) return ended;
    if (won) void ended.close();
    else {
      won = true;
      others.abort();
      first.resolve(ended);
    }
    return undefined;
  });
  const none = Promise.all(all).then((ends) => ends.filter((end) => end !== undefined));
  const end = await Promise.race([first.promise, none]);
  if (end instanceof OpenLine) return end;
  if (won) return first.promise;
  // Somebody who could have picked up says more than a device that is switched off.
  return end.find(({ miss }) => miss === "withdrawn") ?? end.find(({ miss }) => miss === "missed") ?? end[0] ?? gone;
}

const gone: Missed = { miss: "unreachable", why: "no device answers" };

async function dialNumber(parts: DialParts, order: DialOrder, place: Extract<PhonePlace, { kind: "number" }>): Promise<OpenLine | Missed> {
  const { clock, log, trunks } = parts;
  const ways = trunks.find(place.trunk);
  if (!ways) return { miss: "unreachable", why: `there is no trunk or route ${place.trunk}` };
  const shown = [...new Set([...(order.callerId === undefined ? [] : [order.callerId]), place.callerId])];
  const showing = (trunk: Trunk) => shown.find((callerId) => refusedBy(trunk, place.number, callerId) === undefined);
  const suits = (trunk: Trunk) => showing(trunk) !== undefined;
  if (!ways.members.some(({ use }) => suits(use.trunk))) {
    const refusals = ways.members.map(({ use }) => refusedBy(use.trunk, place.number, place.callerId));
    return { miss: "unreachable", why: [...new Set(refusals)].join("; ") };
  }
  const opening = awaitTries(ways, suits);
  const tries = await Promise.race([withdrawn(order.withdraw), opening]);
  if (tries === "withdrawn") {
    opening.then((late) => late?.release());
    return { miss: "withdrawn", why: "withdrawn" };
  }
  if (!tries) return { miss: "unreachable", why: `no line is free on ${place.trunk}` };
  const until = clock.now() + order.ringTimeoutMs;
  let line: OpenLine | undefined;
  try {
    for (let count = 1; ; count++) {
      const { trunk } = tries;
      const callerId = showing(trunk) ?? place.callerId;
      const target = await overTrunk(parts, trunk, place.number, callerId);
      const rung = await ringOne(parts, { ...order, ringTimeoutMs: until - clock.now() }, target, tries);
      if (rung instanceof OpenLine) {
        line = rung;
        // It may go on on other media sessions.
        line.dialog.ended.then(() => tries.release());
        return line;
      }
      if ("miss" in rung) return rung;
      const goesOn = count < tries.maxTries && mayFailOver(rung.failure, rung) && until - clock.now() >= shortestRingMs;
      if (!goesOn || !tries.next(suits)) return settled(rung);
      log.info({ agent: order.agentId, from: trunk.name, to: tries.trunk.name }, "trying another trunk for a telephone");
    }
  } finally {
    if (!line) tries.release();
  }
}

async function overTrunk(
  { callerHeaders }: DialParts,
  trunk: Trunk,
  number: Extract<PhonePlace, { kind: "number" }>["number"],
  callerId: string,
): Promise<Target> {
  const { username, password, codecs } = trunk;
  const headers = await callerHeaders.of(trunk, number, callerId);
  const auth = username && password ? { auth: { username, password } } : {};
  return { uri: requestUri(trunk, number), from: fromUri(trunk, callerId), headers, ...auth, ...(codecs && { codecs }) };
}

/** One INVITE, with an endpoint of its own. */
async function ringOne(parts: DialParts, order: DialOrder, target: Target, tries?: TrunkTries): Promise<OpenLine | Missed | Unanswered> {
  const { pool, signalling, clock, legs, secondLegs, log } = parts;
  const { agentId, near, attemptId, ringTimeoutMs } = order;
  const over = withdrawn(order.withdraw);
  const opening = near === undefined ? pool.acquire(1).then(([endpoint]) => endpoint) : pool.acquireBeside(near);
  const endpoint = await Promise.race([over, opening]);
  if (endpoint === "withdrawn") {
    opening.then((late) => late && pool.recycle(late, false));
    return { miss: "withdrawn", why: "withdrawn" };
  }
  if (!endpoint) return { miss: "unreachable", why: "no media session is to be had" };
  const leg = signalling.nameLeg(target.via ?? endpoint.via);
  const kept = { dialogId: leg.dialogId, agentId, mediaServer: endpoint.mediaServer, endpointId: endpoint.id };
  const notes = new PhoneNotes(legs, kept, log.child({ agent: agentId }));
  const waiting = attemptId === undefined ? {} : { attemptId };
  const second = tries && secondLegs.begin({ dialogId: leg.dialogId, trunk: tries.trunk.name, kind: "phone", agentId, ...waiting });
  const noted = notes.write({ ...waiting, ringsUntil: clock.now() + ringTimeoutMs + noteMs });
  await within(clock, noteMs, Promise.all([noted, second?.noted]));
  const turn = tries?.reserve().then((leave) => leave());
  // Nobody is rung for whom nobody waits.
  if ((await Promise.race([over, turn ?? undefined])) === "withdrawn" || order.withdraw.aborted) {
    void notes.forget();
    second?.ended();
    pool.recycle(endpoint, false);
    return { miss: "withdrawn", why: "withdrawn" };
  }
  const headers = { ...target.headers, [agentHeader]: agentId };
  const ringing = ringAddress(signalling, clock, { ...target, leg, ringTimeoutMs, headers }, endpoint, {
    sent: ({ transactionId }) => void notes.write({ ...waiting, transactionId }),
    ringing: () => order.ringing?.(),
  });
  over.then(() => ringing.withdraw());
  const rung = await ringing.end;
  tries?.count(rung);
  if (!rung.answered) {
    void notes.forget();
    second?.ended();
    if (rung.failure.endpointSpent) void endpoint.close();
    else pool.recycle(endpoint, rung.earlyMedia);
    return rung;
  }
  void notes.write(waiting);
  second?.answered();
  rung.dialog.ended.then(() => second?.ended());
  const line = new OpenLine({ endpoint, dialog: rung.dialog, notes, offered: offeredTo(target.codecs, endpoint.localSdp), codecs: target.codecs });
  return connected(parts, order, line, endpoint, rung.sdp);
}

/**
 * The same telephone with its sound on another media session, because that of its own is gone or is to be: nobody has to pick up once more.
 * @returns undefined when none is to be had, or the telephone does not take it; then all is as it was. Never rejects
 */
export async function moveLine({ pool, legs, log }: DialParts, agentId: string, line: OpenLine): Promise<OpenLine | undefined> {
  const { dialog, codecs } = line;
  const endpoint = await pool.acquireBeside(line.endpoint.mediaServer);
  if (!endpoint) return undefined;
  const kept = { dialogId: dialog.id, agentId, mediaServer: endpoint.mediaServer, endpointId: endpoint.id };
  const notes = new PhoneNotes(legs, kept, log.child({ agent: agentId }));
  const offered = offeredAfter(line.offered, offeredTo(codecs, endpoint.localSdp));
  try {
    await endpoint.attach(await dialog.offer(offered));
  } catch (error) {
    log.info({ err: error, agent: agentId }, "a telephone could not be moved to another media session");
    void endpoint.close();
    return undefined;
  }
  void notes.write({});
  return new OpenLine({ endpoint, dialog, notes, offered, codecs });
}

async function connected({ log }: DialParts, { agentId }: DialOrder, line: OpenLine, endpoint: Endpoint, sdp: string): Promise<OpenLine | Missed> {
  try {
    await endpoint.attach(sdp);
    return line;
  } catch (error) {
    log.error({ err: error, agent: agentId }, "an agent who picked up could not be heard");
    await line.close();
    return { miss: "unreachable", why: "the media server did not take the telephone's sound" };
  }
}

function settled(end: OpenLine | Missed | Unanswered): OpenLine | Missed {
  return end instanceof OpenLine || "miss" in end ? end : missOf(end.failure, end);
}
