import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { CallControl } from "../voice/desk-call-engine.ts";
import type { AgentLine } from "../voice/queue-ports.ts";
import type { Agents } from "./agents.ts";
import { keepHoldSound } from "./hold-sound.ts";

export interface ConversationsParts {
  readonly config: Pick<Config, "prompts" | "voice">;
  readonly agents: Pick<Agents, "calls" | "desks">;
  readonly line: AgentLine;
  readonly clock: Clock;
  readonly log: Log;
}

/** What agents do with their conversations. */
export async function openConversations({ config, agents, line, clock, log }: ConversationsParts): Promise<CallControl> {
  const { calls, desks } = agents;
  const holdPrompts = [await keepHoldSound(config.prompts)];
  const { ringTimeoutMs } = config.voice;
  return new CallControl({ calls, line, present: () => desks.present, holdPrompts, ringTimeoutMs, clock, log });
}
