import type { CampaignDesks } from "../agent/preview-ports.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { RecordingStore } from "../privacy/ports.ts";
import type { ConsultParts } from "../voice/desk-call-consult-session.ts";
import { CallControl } from "../voice/desk-call-engine.ts";
import type { AgentLine } from "../voice/queue-ports.ts";
import { type SupervisionParts, Supervisions } from "../voice/supervision-engine.ts";
import { TalkRecordings } from "../voice/talk-recording-engine.ts";
import type { Agents } from "./agents.ts";
import { keepHoldSound } from "./hold-sound.ts";
import { talkKeeper } from "./talk-keeper.ts";

export interface ConversationsParts {
  readonly config: Pick<Config, "prompts" | "voice" | "recording">;
  readonly agents: Pick<Agents, "calls" | "desks">;
  readonly line: AgentLine;
  readonly phones: SupervisionParts["phones"] & ConsultParts["phones"];
  readonly stores: { readonly agents: ConsultParts["names"]; readonly campaignDesks: Pick<CampaignDesks, "rules">; readonly privacy: RecordingStore };
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** What agents do with their conversations, what is kept of those, and who listens in on them. */
export async function openConversations({ config, agents, line, phones, stores, random, clock, log }: ConversationsParts): Promise<{
  readonly conversations: CallControl;
  readonly recordings: TalkRecordings;
  readonly supervisions: Supervisions;
  close(): Promise<void>;
}> {
  const { calls, desks } = agents;
  const holdPrompts = [await keepHoldSound(config.prompts)];
  const { ringTimeoutMs, holdLimitMs } = config.voice;
  const shareOf = async (campaignId: string) => (await stores.campaignDesks.rules(campaignId)).recordingShare;
  const keep = talkKeeper(stores, config.recording, log);
  const recordings = new TalkRecordings({ calls, shareOf, keep, random, clock, log });
  const supervisions = new Supervisions({ calls, desks, phones, ringTimeoutMs, clock, log });
  return {
    conversations: new CallControl({ calls, line, desks, phones, names: stores.agents, holdPrompts, ringTimeoutMs, holdLimitMs, clock, log }),
    recordings,
    supervisions,
    close: async () => {
      recordings.close();
      await supervisions.close();
    },
  };
}
