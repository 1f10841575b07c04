import { isPacedForAgents } from "../../attempt/calling-mode.ts";
import { agentScriptRefused } from "../../ivr/agent-script-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Campaign, isVoice, type VoiceCampaign } from "../../strategy/campaign.ts";
import { type ChangeFacts, checkNewSettings } from "../../strategy/new-campaign.ts";
import type { CampaignChange } from "../../strategy/ports.ts";
import { refusal } from "../../voice/amd/campaign.ts";
import { capOf, pacingAfter, pacingRefused } from "../../voice/pacing/campaign.ts";
import { messageFacts, templateFor } from "../message-campaign.ts";
import type { ApiParts, App } from "../parts.ts";
import { type ProblemPlace, placedFault } from "../problem.ts";
import {
  abandonmentSchema,
  campaignChangesSchema,
  campaignPatchSchema,
  campaignSchema,
  showAbandonment,
  showCampaign,
  showChanges,
} from "../schema/campaign.ts";
import { idParams, problemResponses } from "../schema/common.ts";

const tags = ["campaigns"];

/** What may be changed of a campaign that exists, and how it stands with abandoned people. */
export function addCampaignSettings(app: App, parts: ApiParts): void {
  const { campaigns, abandonment, publishing, log } = parts;
  app.patch(
    "/api/v1/campaigns/:id",
    {
      schema: {
        tags,
        summary: "Change a campaign, also while it runs",
        description:
          "What is left out stays as it is; but with another mode, options that it has not are dropped (only `cap` and `abandonedPauseS` stay). Every node follows within a second; calls that are up go on. A campaign that is paced for agents (progressive, predictive) needs a script in which a person who answers comes to a `queue` step.",
        params: idParams,
        body: campaignPatchSchema,
        response: { 200: campaignSchema, ...problemResponses(400, 401, 404, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const before = await find(id);
      const faults = await refusals(before, request.body);
      if (faults.length > 0) throw placedFault("campaign-invalid", faults.map((place) => `${place.pointer} ${place.message}`).join("; "), faults);
      const by = request.caller?.name ?? "";
      const { change: pacing } = isVoice(before) ? pacingAfter(before, request.body) : {};
      const changed = await campaigns.change(id, { ...request.body, ...(pacing && { pacing }) }, by);
      if (!changed) throw unknown(id);
      log.info({ campaign: id, by, change: request.body }, "campaign changed");
      return showCampaign(changed);
    },
  );

  app.get(
    "/api/v1/campaigns/:id/changes",
    {
      schema: {
        tags,
        summary: "What was changed of a campaign, when and by whom",
        params: idParams,
        response: { 200: campaignChangesSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => showChanges(await campaigns.changes((await find(request.params.id)).id)),
  );

  app.get(
    "/api/v1/campaigns/:id/abandonment",
    {
      schema: {
        tags,
        summary: "How a campaign stands with abandoned people",
        description: "Counted with the end of each call. The pacer places no call by which the cap is expected to be passed.",
        params: idParams,
        response: { 200: abandonmentSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id, pacing } = await findVoice(request.params.id);
      return showAbandonment(capOf(pacing), ...(await Promise.all([abandonment.read(id), abandonment.machines(id)])));
    },
  );

  async function refusals(before: Campaign, change: CampaignChange): Promise<ProblemPlace[]> {
    const found = checkNewSettings(before, change, await factsFor(before, change));
    const settings = found.map(({ field, message }) => ({ pointer: `/${field}`, message }));
    if (!isVoice(before)) {
      const named = (["mode", "pacing", "maxLines"] as const).filter((name) => change[name] !== undefined);
      return [
        ...settings,
        ...named.map((name) => ({ pointer: `/${name}`, message: `is of campaigns that call; ${before.name} writes by ${before.channel}` })),
      ];
    }
    const { mode, pacing } = pacingAfter(before, change);
    const amd = change.amd === undefined ? before.amd : change.amd;
    const undetected = amd ? refusal(amd, mode) : undefined;
    const faults: ProblemPlace[] = [...settings];
    if (undetected !== undefined && change.amd) faults.push({ pointer: "/amd", message: undetected });
    // Whatever has become of its script meanwhile, hours and number may be others.
    if (change.mode === undefined && change.pacing === undefined) return faults;
    const refused = pacingRefused(mode, pacing);
    if (refused !== undefined) faults.push({ pointer: "/pacing", message: refused });
    if (undetected !== undefined && !change.amd) faults.push({ pointer: "/mode", message: undetected });
    const none = isPacedForAgents(mode) ? await agentScriptRefused(publishing.store, publishing.reader, before.scriptVersionId) : undefined;
    if (none !== undefined) faults.push({ pointer: "/mode", message: `script ${before.script}: ${none}` });
    return faults;
  }

  async function factsFor(before: Campaign, { sender }: CampaignChange): Promise<ChangeFacts> {
    const { trunks, callerIdPools: pools = [], templates, senders } = parts;
    if (isVoice(before) || sender === undefined) return { trunks, pools };
    const template = await templateFor(templates, { templateVersionId: before.templateVersionId });
    return { trunks, pools, message: messageFacts(before.channel, template, senders) };
  }

  async function findVoice(id: string): Promise<VoiceCampaign> {
    const campaign = await find(id);
    if (!isVoice(campaign)) throw new Fault("campaign-channel", `Campaign ${campaign.name} calls nobody: its channel is ${campaign.channel}.`);
    return campaign;
  }

  async function find(id: string): Promise<Campaign> {
    const campaign = await campaigns.find(id);
    if (campaign === undefined) throw unknown(id);
    return campaign;
  }
}

function unknown(id: string): Fault {
  return new Fault("campaign-unknown", `There is no campaign ${id}.`);
}
