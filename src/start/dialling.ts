import type { Log } from "../kernel/log.ts";
import { type Campaign, isVoice, type VoiceCampaign } from "../strategy/campaign.ts";
import { detectionOf } from "../voice/amd/campaign.ts";
import type { CallEngine } from "../voice/call-engine.ts";
import type { Dialling } from "../voice/dialling-engine.ts";

/** A campaign as the call engine wants it. @throws Fault `amd-refused` */
export function diallingOf({ id: campaignId, listId, trunk, callerId, maxCps, maxLines, ringTimeoutMs, amd, mode, pacing }: VoiceCampaign): Dialling {
  return {
    campaignId,
    listId,
    trunk,
    callerId,
    maxCps,
    maxLines,
    ringTimeoutMs,
    mode,
    ...(pacing && { pacing }),
    ...(amd && { detection: detectionOf(amd, mode) }),
  };
}

/** Dials what runs, and holds what does not; campaigns that write are none of its business. A campaign whose trunk is gone from the configuration is said aloud and left alone. */
export function follow(engine: CallEngine, campaign: Campaign, log: Log): void {
  if (!isVoice(campaign)) return;
  if (campaign.state !== "running") {
    engine.hold(campaign.id);
    return;
  }
  const { id: campaignId } = campaign;
  try {
    engine.dial(diallingOf(campaign));
  } catch (error) {
    log.error({ err: error, campaign: campaignId }, "campaign cannot be dialled");
  }
}
