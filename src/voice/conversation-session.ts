import { SessionFault } from "../ivr/session-fault.ts";
import type { Clock } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { AgentCallWatch, type Agents, queueOver } from "./agent-call-session.ts";
import { type AnsweredEnding, answererOf, describeAnswerer, endingOf, type Witnessed } from "./amd/answered.ts";
import type { Detection } from "./amd/campaign.ts";
import { type Answerer, AnswerSession, witness } from "./answer-session.ts";
import { LineCaller, type Transfer } from "./caller-session.ts";
import type { Dialog, Endpoint, ReadyScript, ScriptEnd } from "./ports.ts";
import type { AgentCall } from "./queue-ports.ts";
import { endingOfLoss, lostServer } from "./server-loss.ts";
import { type Trace, traceCaller } from "./trace-session.ts";

export interface ConversationParts {
  readonly attemptId: string;
  readonly script: ReadyScript;
  /** As in `Call`. */
  readonly detection?: Detection | undefined;
  readonly endpoint: Endpoint;
  readonly dialog: Dialog;
  /** Connects the media of the two. Not waited for when the call is over. */
  readonly connect: () => Promise<unknown>;
  readonly transfer: Transfer;
  /** As in `Call`. */
  readonly agentCall?: AgentCall | undefined;
  /** Where people wait for agents, and who this one is; without it there are none. */
  readonly agents?: Agents | undefined;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * From the answer to the last word: hears who it is, where that is wanted, and runs the script with them. Begun at once, because the first word may come
 * before the media is connected. Leg and endpoint are still to be ended then. Never rejects.
 */
export async function converse({
  attemptId,
  script,
  detection,
  endpoint,
  dialog,
  connect,
  transfer,
  agentCall,
  agents,
  trace,
  clock,
  log,
}: ConversationParts): Promise<AnsweredEnding> {
  const listening = detection && new AnswerSession({ endpoint, detection, clock, starts: script.starts, holdsOut: agentCall?.holdsOut });
  const watch = agentCall && new AgentCallWatch(agentCall, clock);
  let leftAt: number | undefined;
  dialog.ended.then(() => {
    leftAt = clock.now();
  });
  let end: ScriptEnd | undefined;
  let answerer: Answerer = { startAt: "human" };
  let seen: Witnessed = { told: false, responded: false };
  let trouble: string | undefined;
  let kept: Omit<ScriptEnd, "end"> | undefined;
  if (!listening) watch?.heard(answerer, false);
  try {
    await Promise.race([connect(), dialog.ended]);
    trace.media("answered", "the media is connected");
    const queue = agents && queueOver({ attemptId, agents, agentCall, watch, transfer, trace });
    const line = new LineCaller(endpoint, dialog, transfer, queue);
    if (listening) {
      answerer = toldOf(await listening.decide(line.left), trace, log);
      watch?.heard(answerer, true);
    }
    const watched = witness(line);
    seen = watched.seen;
    const { startAt } = answerer;
    if (startAt) end = await script.run(traceCaller(watched.caller, trace), attemptId, startAt);
  } catch (error) {
    log.error({ err: error }, "the script could not go on");
    trouble = toFault(error, "script-failed").message;
    if (error instanceof SessionFault) kept = { outcome: "lost", answers: error.answers, acted: error.acted };
    listening?.close();
  }
  const cut = trouble !== undefined || end?.end === "lost";
  const server = cut && !isTone(answerer) ? await lostServer(endpoint, dialog) : undefined;
  // The signalling is gone and the person is not: our media can still be heard. Whoever talked with an agent has come to the end of their script by it.
  const unreachable = (await Promise.race([dialog.ended, undefined]))?.by === "lost";
  if (end?.end === "lost" || unreachable) await endpoint.sayGoodbye();
  const told = end ?? kept;
  watch?.over(leftAt ?? clock.now());
  if (watch?.abandoned) seen = { ...seen, abandoned: true };
  if (answerer.heldOut) seen = { ...seen, heldOut: true };
  const otherwise = endingOf(answerer.verdict, end, trouble, seen);
  const ending = server === undefined ? otherwise : endingOfLoss(server, otherwise, seen, told);
  // A payment was made, a message is on its way: another call would do it again.
  return { ...ending, ...(!ending.told && kept && { told: kept }), ...(cut && told?.acted && { final: true }) };
}

/** Nobody is there who could be called again. */
function isTone({ verdict }: Answerer): boolean {
  return verdict !== undefined && ["fax", "sit"].includes(answererOf(verdict.outcome));
}

function toldOf(answerer: Answerer, trace: Trace, log: Log): Answerer {
  const { verdict, startAt = "hang-up", heldOut } = answerer;
  if (verdict) {
    const text = describeAnswerer(verdict, answerer.place, heldOut);
    log.info({ outcome: verdict.outcome, cause: verdict.cause, startAt }, text);
    trace.media("verdict", text);
  }
  return answerer;
}
