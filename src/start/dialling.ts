import type { Campaign } from "../strategy/campaign.ts";
import { detectionOf } from "../voice/amd/campaign.ts";
import type { Dialling } from "../voice/dialling-engine.ts";

/** A campaign as the call engine wants it. @throws Fault `amd-refused` */
export function diallingOf({ id: campaignId, listId, trunk, callerId, maxCps, maxLines, ringTimeoutMs, amd, mode, pacing }: Campaign): Dialling {
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
    ...(amd && { detection: detectionOf(amd) }),
  };
}
