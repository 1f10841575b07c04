import { type Campaign, isVoice, type VoiceCampaign } from "../../src/strategy/campaign.ts";

/** The campaign as one that calls. @throws Error when there is none, or it is one that writes */
export function voiceCampaign(campaign: Campaign | undefined): VoiceCampaign {
  if (campaign === undefined || !isVoice(campaign))
    throw new Error(campaign === undefined ? "there is no campaign" : `${campaign.name} calls nobody`);
  return campaign;
}
