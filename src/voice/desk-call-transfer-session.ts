import type { PromptFile, QueueEnd, TransferEnd } from "../ivr/ports.ts";
import type { Log } from "../kernel/log.ts";
import type { DeskCall } from "./desk-call.ts";
import { hold } from "./hold-session.ts";
import type { AgentLine, SentTo } from "./queue-ports.ts";

/** Where a person may be sent on to. A number is E.164. */
export type Goal = SentTo | { readonly number: string };

export interface SendOnParts {
  readonly line: AgentLine;
  readonly holdPrompts: readonly PromptFile[];
  readonly ringTimeoutMs: number;
}

/** How long somebody waits who is sent on to a group. */
const groupWaitMs = 300_000;
/** How long for one agent, and for somebody of the group from which they came when nobody was there for them. */
const agentWaitMs = 45_000;
const backWaitMs = 60_000;

/**
 * Sends the person on without their agent: rings a number, or waits for another agent. Who finds nobody there comes back to the group from which they were
 * sent, once. @returns when they have no need of it any more; their script goes on then
 */
export async function sendOn(call: DeskCall, to: Goal, parts: SendOnParts, log: Log): Promise<void> {
  const { person, asking, request } = call;
  const holdPrompts = request.holdPrompts.length > 0 ? request.holdPrompts : parts.holdPrompts;
  const never = new AbortController().signal;
  const end = "number" in to ? await callOut(to.number) : await wait(to, "groupId" in to ? groupWaitMs : agentWaitMs);
  log.info({ end }, "somebody was sent on");
  if (isReached(end)) return;
  const back = await wait({ groupId: call.card.groupId }, backWaitMs);
  log.info({ end: back }, "somebody who was sent on in vain came back");

  async function callOut(number: string): Promise<TransferEnd> {
    const { ringTimeoutMs } = parts;
    return (await asking.transfer?.({ to: [number], ringTimeoutMs, holdPrompts, whisperPrompts: [], withdraw: never }, person)) ?? "failed";
  }

  async function wait(sentTo: SentTo, maxWaitMs: number): Promise<QueueEnd> {
    // Nobody else is held for this person while the agent before is.
    const holding = hold(person.endpoint, holdPrompts, person.left);
    await Promise.race([call.ended, person.left]);
    await holding.stop();
    const { agentId: _, phone: __, until: ___, atOnce: ____, ...rest } = asking;
    const { positionPrompts: _____, positionEveryMs: ______, ...asked } = request;
    return await parts.line.queue({ ...asked, maxWaitMs, holdPrompts, whisperPrompts: [], withdraw: never }, { ...rest, sentTo });
  }
}

function isReached(end: QueueEnd | TransferEnd): boolean {
  return end === "talked" || end === "hung-up" || end === "lost" || end === "withdrawn";
}
