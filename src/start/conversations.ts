import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { ConsultParts } from "../voice/desk-call-consult-session.ts";
import { CallControl } from "../voice/desk-call-engine.ts";
import type { AgentLine } from "../voice/queue-ports.ts";
import { type SupervisionParts, Supervisions } from "../voice/supervision-engine.ts";
import type { Agents } from "./agents.ts";
import { keepHoldSound } from "./hold-sound.ts";

export interface ConversationsParts {
  readonly config: Pick<Config, "prompts" | "voice">;
  readonly agents: Pick<Agents, "calls" | "desks">;
  readonly line: AgentLine;
  readonly phones: SupervisionParts["phones"] & ConsultParts["phones"];
  readonly names: ConsultParts["names"];
  readonly clock: Clock;
  readonly log: Log;
}

/** What agents do with their conversations, and who listens in on them. */
export async function openConversations({ config, agents, line, phones, names, clock, log }: ConversationsParts): Promise<{
  readonly conversations: CallControl;
  readonly supervisions: Supervisions;
}> {
  const { calls, desks } = agents;
  const holdPrompts = [await keepHoldSound(config.prompts)];
  const { ringTimeoutMs } = config.voice;
  return {
    conversations: new CallControl({ calls, line, desks, phones, names, holdPrompts, ringTimeoutMs, clock, log }),
    supervisions: new Supervisions({ calls, desks, phones, ringTimeoutMs, clock, log }),
  };
}
