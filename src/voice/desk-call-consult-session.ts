import type { DeskEngine } from "../agent/desk-engine.ts";
import type { AgentDirectory, Reserved } from "../agent/ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { FarSide } from "./caller-session.ts";
import type { DeskCall } from "./desk-call.ts";
import type { PhoneLeg, Phones } from "./phone-ports.ts";
import { AgentHold } from "./queue-desk-session.ts";
import type { AgentLine, SentTo } from "./queue-ports.ts";

export interface ConsultParts {
  readonly desks: Pick<DeskEngine, "present" | "reserve" | "progress" | "show" | "hide">;
  readonly phones: Pick<Phones, "take">;
  /** Names, for people. */
  readonly names: Pick<AgentDirectory, "agent" | "group">;
  readonly line: AgentLine;
  /** How long a telephone rings, and how long somebody is looked for who is ready. */
  readonly ringTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Another agent, who is on the line for the one that asked. */
export interface Colleague extends FarSide {
  readonly name: string;
  readonly leg: PhoneLeg;
  /** Resolves when their program hangs up; the telephone's end is that of the dialog. */
  readonly left: Promise<void>;
}

/** Somebody whom the agent has brought in, until they are let go. */
export interface Third {
  readonly far: FarSide;
  /** An agent, to whom the conversation may be given. */
  readonly colleague?: Colleague;
  /** @param theirs it is given to them */
  readonly release: (theirs?: boolean) => void;
  readonly gone: Promise<string>;
}

/** Agents who are consulted at this node, and what hangs up for them. */
export type Consulted = Map<string, () => void>;

/** Whoever is looked at by somebody else just now, or was ready a moment later, is found by the next look. */
const lookMs = 200;
/** A telephone that rings lapses by itself so long after its time; one that cannot be hung up is not waited for longer than that. */
const [lapseMs, releaseMs] = [2000, 1000];

/** Who is asked, for people. Never rejects. */
export async function nameOf(to: SentTo, { names, log }: Pick<ConsultParts, "names" | "log">): Promise<string> {
  try {
    if ("agentId" in to) return (await names.agent(to.agentId))?.name ?? `agent ${to.agentId}`;
    return (await names.group(to.groupId))?.name ?? `group ${to.groupId}`;
  } catch (error) {
    log.warn({ reason: toFault(error, "internal").message }, "the name of an agent or a group could not be read");
    return "agentId" in to ? `agent ${to.agentId}` : `group ${to.groupId}`;
  }
}

/**
 * Has another agent come to one who has somebody on the line: held for the same attempt, beside the one who has it, and shown the same card.
 * @param talk resolves when they are not needed any more; true: the conversation is theirs from now on, and their telephone with it
 * @returns why nobody came, or that they are gone; for people. Never rejects
 */
export async function consult(
  call: DeskCall,
  to: SentTo,
  withdraw: AbortSignal,
  parts: ConsultParts & { readonly consulted: Consulted },
  talk: (colleague: Colleague) => Promise<boolean>,
): Promise<string> {
  const { desks, phones, ringTimeoutMs, clock, consulted } = parts;
  const { attemptId } = call;
  const log = parts.log.child({ agent: call.agentId, attempt: attemptId });
  const reserved = await reserve(call, to, withdraw, { ...parts, log });
  if (!reserved) return "was not ready";
  const { agentId } = reserved;
  const groupId = reserved.desk.hold?.groupId ?? call.card.groupId;
  const held = new AgentHold({ agentId, groupId, attemptId }, { ...parts, log });
  const [name, own] = await Promise.all([nameOf({ agentId }, parts), nameOf({ agentId: call.agentId }, parts)]);
  const { conversation: _, ...card } = call.card;
  const show = (rings: boolean) => desks.show(agentId, { ...card, groupId, rings, consultedBy: { id: call.agentId, name: own } });
  let rung = false;
  const ringing = () => {
    rung = true;
    void held.write({ ringMs: ringTimeoutMs + lapseMs });
    show(true);
  };
  show(false);
  const near = call.person.endpoint.mediaServer;
  const leg = await phones.take(agentId, { attemptId, near, callerId: call.asking.callerId, ringTimeoutMs, withdraw, ringing });
  if (typeof leg === "string" || withdraw.aborted) {
    const missed = leg === "missed";
    if (typeof leg !== "string") await Promise.race([leg.release(), pause(clock, releaseMs)]);
    desks.hide(agentId, attemptId, missed || leg === "unreachable" ? "missed" : "withdrawn");
    if (missed && !rung) void held.write({ ringMs: 0 });
    await held.write(missed ? "miss" : "release");
    return missed ? "did not answer" : "could not be reached";
  }
  log.info({ consulted: agentId }, "an agent consults another");
  const left = Promise.withResolvers<void>();
  const hangUp = () => left.resolve();
  consulted.set(agentId, hangUp);
  show(false);
  void held.write("answer");
  const { endpoint, dialog, gone } = leg;
  const theirs = await talk({ name, leg, endpoint, dialog, gone, left: left.promise });
  if (consulted.get(agentId) === hangUp) consulted.delete(agentId);
  if (theirs) return "has taken over";
  await Promise.race([leg.release(), pause(clock, releaseMs)]);
  desks.hide(agentId, attemptId, "consulted");
  await held.write("consulted");
  return "hung up";
}

const whyGone: Readonly<Record<string, string>> = {
  busy: "is busy",
  "no-answer": "did not answer",
  failed: "could not be reached",
  talked: "hung up",
  withdrawn: "was not wanted any more",
  lost: "was lost",
};

/** The same with a number outside. @param talk resolves when they are not needed any more */
export async function dialOut(
  { asking, leg, person }: DeskCall,
  number: string,
  withdraw: AbortSignal,
  { ringTimeoutMs }: Pick<ConsultParts, "ringTimeoutMs">,
  talk: (far: FarSide) => Promise<void>,
): Promise<string> {
  const request = { to: [number], ringTimeoutMs, holdPrompts: [], whisperPrompts: [], withdraw };
  const end = await asking.transfer?.(request, { endpoint: leg.endpoint, left: person.left }, talk);
  return whyGone[end ?? "failed"] ?? "could not be reached";
}

/**
 * The person and the colleague hear each other, and nobody else: the colleague leads the conversation from now on. Begins when the agent before has nothing to do with
 * it any more. @returns when the person has no need of it any more; their script goes on then
 */
export async function takeOver(call: DeskCall, { leg }: Colleague, { line, desks, clock, log }: ConsultParts): Promise<void> {
  await call.ended;
  const { agentId: _, phone: __, until: ___, atOnce: ____, sentTo: _____, ...asking } = call.asking;
  const { positionPrompts: ______, positionEveryMs: _______, ...asked } = call.request;
  const request = { ...asked, holdPrompts: [], whisperPrompts: [], withdraw: new AbortController().signal };
  const { agentId } = leg;
  const end = await line.queue(request, { ...asking, agentId, phone: leg, joined: true });
  log.info({ agent: agentId, attempt: call.attemptId, end }, "a conversation that was handed to another agent is over");
  if (end !== "no-agent" && end !== "nobody") return;
  // The server stops: nobody is given anybody any more.
  await Promise.race([leg.release(), pause(clock, releaseMs)]);
  desks.hide(agentId, call.attemptId, "failed");
  await new AgentHold({ agentId, groupId: "", attemptId: call.attemptId }, { desks, clock, log }).write("hang-up");
}

/** Of the wanted who are ready, as soon as there is one; undefined when there is none for a while, or nobody is wanted any more. Never rejects. */
async function reserve(
  { attemptId, agentId: own }: DeskCall,
  to: SentTo,
  withdraw: AbortSignal,
  { desks, clock, ringTimeoutMs, log }: ConsultParts,
): Promise<Reserved | undefined> {
  for (const until = clock.now() + ringTimeoutMs; !withdraw.aborted && clock.now() < until; await pause(clock, lookMs)) {
    const suits = desks.present.filter(
      ({ agentId, desk, memberships }) =>
        agentId !== own &&
        desk.state === "ready" &&
        ("agentId" in to ? agentId === to.agentId : memberships.some(({ groupId }) => groupId === to.groupId)),
    );
    if (suits.length === 0) continue;
    const groupIds = "groupId" in to ? [to.groupId] : suits.flatMap(({ memberships }) => memberships.map(({ groupId }) => groupId));
    const wanted = { attemptId, groupIds, here: true, beside: true, ...("agentId" in to && { agentId: to.agentId }) };
    const reserved = await desks.reserve(wanted).catch((error: unknown) => {
      log.warn({ reason: toFault(error, "internal").message }, "an agent could not be held for another");
      return undefined;
    });
    if (reserved) return reserved;
  }
  return undefined;
}
