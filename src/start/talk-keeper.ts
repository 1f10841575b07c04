import { recordingFile } from "../adapter/freeswitch/recording.ts";
import type { CampaignDesks } from "../agent/preview-ports.ts";
import { countryOf } from "../compliance/destination.ts";
import type { Log } from "../kernel/log.ts";
import { type ConsentNeeds, isEnough, neededConsent } from "../privacy/consent.ts";
import type { RecordingStore } from "../privacy/ports.ts";
import type { TalkRecordingParts } from "../voice/talk-recording-engine.ts";

export interface TalkKeeperStores {
  readonly campaignDesks: Pick<CampaignDesks, "rules">;
  readonly privacy: Pick<RecordingStore, "addressOf" | "talkBegins">;
}

/** Which conversations may be recorded: where what the campaign tells or asks people is enough for the country of their number. */
export function talkKeeper({ campaignDesks, privacy }: TalkKeeperStores, needs: ConsentNeeds, log: Log): TalkRecordingParts["keep"] {
  return async ({ attemptId, campaignId, name }) => {
    const { recordingConsent: consent } = await campaignDesks.rules(campaignId);
    const number = await privacy.addressOf(attemptId);
    const needed = neededConsent(number === undefined ? undefined : countryOf(number)?.country, needs);
    if (!isEnough(consent, needed)) {
      log.info(
        { attempt: attemptId, campaign: campaignId, consent, needed },
        "a conversation is not recorded: where the person is, more must have been said before",
      );
      return false;
    }
    await privacy.talkBegins({ attemptId, file: recordingFile(name), consent });
    return true;
  };
}
