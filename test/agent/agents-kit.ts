import { randomUUID } from "node:crypto";
import type { Test } from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { CallCard, CallOver } from "../../src/agent/card.ts";
import { DeskEngine, type DeskEngineParts } from "../../src/agent/desk-engine.ts";
import { defaultPriority, defaultWrapUp } from "../../src/agent/group.ts";
import type { PreviewCard, ShownEnd } from "../../src/agent/preview-ports.ts";
import type { Desk, Hold } from "../../src/agent/state.ts";
import type { WrittenCard } from "../../src/agent/written-ports.ts";
import { silentLog } from "../../src/kernel/log.ts";

/** An engine that looks only when it is told to. */
export function openDesks(t: Test, stores: Stores, more: Partial<DeskEngineParts> = {}): DeskEngine {
  const engine = new DeskEngine({ desks: stores.desks, clock: systemClock, log: silentLog, lookMs: 3_600_000, ...more });
  t.teardown(() => engine.close());
  return engine;
}

/** A group with that many agents, in the order of their ids. */
export async function makeGroup(stores: Stores, name: string, agents: number, wrapUp = defaultWrapUp) {
  const { id: groupId } = await stores.agents.addGroup(name, wrapUp);
  const agentIds: string[] = [];
  for (let index = 1; index <= agents; index += 1) {
    const { id: agentId } = await stores.agents.addAgent(`${name}-${index}`);
    await stores.agents.join({ agentId, groupId, priority: defaultPriority, skills: [] });
    agentIds.push(agentId);
  }
  return { groupId, agentIds };
}

/** An agent's program. */
export interface Program {
  readonly session: string;
  readonly desks: Desk[];
  readonly calls: CallCard[];
  readonly overs: CallOver[];
  readonly previews: PreviewCard[];
  readonly previewEnds: ShownEnd[];
  readonly ends: string[];
}

export async function logIn(engine: DeskEngine, agentId: string, ready = true): Promise<Program> {
  const program: Program = { session: randomUUID(), desks: [], calls: [], overs: [], previews: [], previewEnds: [], ends: [] };
  await engine.login(agentId, program.session, {
    changed: (desk) => program.desks.push(desk),
    call: (card) => program.calls.push(card),
    callEnded: (_attemptId, why) => program.overs.push(why),
    preview: (card) => program.previews.push(card),
    previewEnded: (_attemptId, end) => program.previewEnds.push(end),
    over: (why) => program.ends.push(why),
  });
  if (ready) await engine.order(agentId, program.session, { kind: "ready" });
  return program;
}

/** An agent's program that is logged in and ready, with what it is shown of what people write. */
export async function readyToWrite(engine: DeskEngine, agentId: string) {
  const session = randomUUID();
  const cards: WrittenCard[] = [];
  const ended: string[] = [];
  const nothing = () => {};
  await engine.login(agentId, session, {
    ...{ changed: nothing, call: nothing, callEnded: nothing, over: nothing },
    conversation: (card) => cards.push(card),
    conversationEnded: (id) => ended.push(id),
  });
  await engine.order(agentId, session, { kind: "ready" });
  return { cards, ended, leave: () => engine.order(agentId, session, { kind: "logout" }) };
}

/** Somebody of that group, for that attempt. */
export function reserve(engine: DeskEngine, { groupId, attemptId }: Hold, skills: readonly string[] = []) {
  return engine.reserve({ attemptId, groupIds: [groupId], skills });
}
