import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { Static, TSchema } from "typebox";
import { whyNoAgents } from "../../agent/staff.ts";
import { isForAgents, isPacedForAgents } from "../../attempt/calling-mode.ts";
import { type MessageChannel, messageChannels } from "../../attempt/message-ports.ts";
import { channelNames } from "../../attempt/result.ts";
import { defaultRetries } from "../../attempt/treatment.ts";
import { agentScriptRefused } from "../../ivr/agent-script-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Campaign, type CampaignOrder, isVoice } from "../../strategy/campaign.ts";
import { checkCampaign, checkMessageCampaign, defaultWindow, retriesOver } from "../../strategy/new-campaign.ts";
import type { NewMessageCampaign, NewVoiceCampaign } from "../../strategy/ports.ts";
import { refusal } from "../../voice/amd/campaign.ts";
import { pacingRefused } from "../../voice/pacing/campaign.ts";
import { startedSoon, startsLater } from "../answer-soon.ts";
import { readPage } from "../cursor.ts";
import { messageFacts, templateFor, whyNotWritten } from "../message-campaign.ts";
import type { ApiParts, App } from "../parts.ts";
import { type ProblemPlace, placedFault } from "../problem.ts";
import { attemptQuery, attemptSchema, showAttempt } from "../schema/attempt.ts";
import {
  anyCampaignSchema,
  campaignSchema,
  newCampaignSchema,
  newMessageCampaignSchema,
  newVoiceCampaignSchema,
  progressSchema,
  showCampaign,
  showProgress,
} from "../schema/campaign.ts";
import { idParams, pageOf, pageQuery, problemResponses } from "../schema/common.ts";

const tags = ["campaigns"];

const orders: Readonly<Record<CampaignOrder, string>> = {
  start: "Start a campaign that was never started",
  pause: "Place no new calls for now; calls that are up go on",
  resume: "Go on after a pause",
  stop: "Place no new calls any more; calls that are up go on to their end",
};

const isMessageChannel = (word: unknown): word is MessageChannel => messageChannels.some((channel) => channel === word);

/** A body is held against the schema of its channel alone, so that what is wrong with it is said in that one's words. */
const validatorCompiler: typeof TypeBoxValidatorCompiler = (part) => {
  if (part.httpPart !== "body") return TypeBoxValidatorCompiler(part);
  const against = (schema: TSchema) => TypeBoxValidatorCompiler({ ...part, schema });
  const [any, calls, writes] = [against(anyCampaignSchema), against(newVoiceCampaignSchema), against(newMessageCampaignSchema)];
  return (body: unknown) => {
    const channel = typeof body === "object" && body !== null && "channel" in body ? body.channel : undefined;
    if (channel !== undefined && !channelNames.some((known) => known === channel)) return any(body);
    return isMessageChannel(channel) ? writes(body) : calls(body);
  };
};

function isWriting<C extends { readonly channel?: unknown }>(campaign: C): campaign is Extract<C, { readonly channel: MessageChannel }> {
  return isMessageChannel(campaign.channel);
}

export function addCampaigns(app: App, parts: ApiParts): void {
  const { campaigns, attempts, control } = parts;

  app.post(
    "/api/v1/campaigns",
    {
      validatorCompiler,
      schema: {
        tags,
        summary: "Make a campaign",
        description:
          "It is a draft until it is started. With a `channel` of sms or email it writes: it has a template and a sender in place of script, trunk, caller id and lines. Names are unique, so a request that is sent twice makes one campaign: the second gets 409 and the id of the first in `errors`.",
        body: newCampaignSchema,
        response: { 201: campaignSchema, ...problemResponses(400, 401, 409, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const faults: ProblemPlace[] = [];
      if ((await parts.lists.list(body.listId)) === undefined)
        faults.push({ pointer: "/listId", message: `there is no list ${body.listId}; GET /api/v1/lists has them` });
      const campaign = isWriting(body) ? await writing(body, faults) : await calling(body, faults);
      if (faults.length > 0) throw placedFault("campaign-invalid", faults.map((place) => `${place.pointer} ${place.message}`).join("; "), faults);
      const made = await create(campaign);
      return reply.code(201).header("location", `/api/v1/campaigns/${made.id}`).send(showCampaign(made));
    },
  );

  app.get(
    "/api/v1/campaigns",
    {
      schema: {
        tags,
        summary: "All campaigns",
        querystring: pageQuery,
        response: { 200: pageOf(campaignSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async (request) => {
      const page = await readPage(request.query, (rows) => campaigns.list(rows));
      return { ...page, items: page.items.map(showCampaign) };
    },
  );

  app.get(
    "/api/v1/campaigns/:id",
    { schema: { tags, summary: "One campaign", params: idParams, response: { 200: campaignSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async (request) => showCampaign(await find(request.params.id)),
  );

  for (const order of Object.keys(orders) as CampaignOrder[]) {
    app.post(
      `/api/v1/campaigns/:id/${order}`,
      {
        // To stop calling must always be possible: however busy we are, however much was asked before.
        config: order === "pause" || order === "stop" ? { urgent: true, rateLimit: false } : {},
        schema: {
          tags,
          summary: orders[order],
          ...(order === "start" && { description: startsLater("/progress") }),
          params: idParams,
          response: { 200: campaignSchema, ...(order === "start" && { 202: campaignSchema }), ...problemResponses(400, 401, 404, 409, 429, 503) },
        },
      },
      async ({ params: { id } }, reply) => {
        if (order !== "start") return showCampaign(await control.order(id, order));
        const started = await startedSoon({ campaignId: id }, control.order(id, order), parts);
        return reply.code(started ? 200 : 202).send(showCampaign(started ?? (await find(id))));
      },
    );
  }

  app.get(
    "/api/v1/campaigns/:id/progress",
    { schema: { tags, summary: "How far it is", params: idParams, response: { 200: progressSchema, ...problemResponses(400, 401, 404, 429, 503) } } },
    async (request) => {
      const campaign = await find(request.params.id);
      return showProgress(await campaigns.progress(campaign.id), await whyNobody(campaign));
    },
  );

  app.get(
    "/api/v1/campaigns/:id/attempts",
    {
      schema: {
        tags: ["attempts"],
        summary: "The attempts of a campaign",
        params: idParams,
        querystring: attemptQuery,
        response: { 200: pageOf(attemptSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { result, contactId, direction } = request.query;
      const filter = {
        ...(result === undefined ? {} : { result }),
        ...(contactId === undefined ? {} : { contactId }),
        ...(direction === "inbound" && { inbound: true }),
      };
      const page = await readPage(request.query, (rows) => attempts.attempts(id, filter, rows));
      // Of a campaign with attempts nobody needs to ask whether it is there.
      if (page.items.length === 0) await find(id);
      return { ...page, items: page.items.map(showAttempt) };
    },
  );

  async function whyNobody(campaign: Campaign): Promise<string | undefined> {
    if (!isVoice(campaign)) return await whyNotWritten(campaign, parts.senders, parts.messages);
    if (campaign.state !== "running") return undefined;
    const { id, trunk, callerId, mode } = campaign;
    const missing = parts.noWay(trunk, callerId);
    if (missing !== undefined || !isForAgents(mode)) return missing;
    return whyNoAgents(id, await parts.agents.directory.staffOf(id), isPacedForAgents(mode));
  }

  async function find(id: string): Promise<Campaign> {
    const campaign = await campaigns.find(id);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${id}.`);
    return campaign;
  }

  async function calling({ script, scriptVersionId, ...body }: Static<typeof newVoiceCampaignSchema>, faults: ProblemPlace[]) {
    const versionId = await findScript(script, scriptVersionId, faults);
    const campaign: NewVoiceCampaign = {
      window: defaultWindow,
      ringTimeoutMs: parts.defaultRingTimeoutMs,
      ...body,
      retries: retriesOver(defaultRetries, body.retries),
      scriptVersionId: versionId ?? "",
      scriptPinned: script === undefined,
    };
    faults.push(...checkCampaign(campaign, parts.trunks, parts.callerIdPools).map(({ field, message }) => ({ pointer: `/${field}`, message })));
    const { mode = "ivr", pacing = {} } = campaign;
    const refused = campaign.amd && refusal(campaign.amd, mode);
    if (refused !== undefined) faults.push({ pointer: "/amd", message: refused });
    const unpaced = pacingRefused(mode, pacing);
    if (unpaced !== undefined) faults.push({ pointer: "/pacing", message: unpaced });
    if (versionId !== undefined && isPacedForAgents(mode)) {
      const { store, reader } = parts.publishing;
      const none = await agentScriptRefused(store, reader, versionId);
      if (none !== undefined) faults.push({ pointer: script === undefined ? "/scriptVersionId" : "/script", message: none });
    }
    return campaign;
  }

  async function writing({ template, templateVersionId, ...body }: Static<typeof newMessageCampaignSchema>, faults: ProblemPlace[]) {
    const both = (template === undefined) === (templateVersionId === undefined);
    const version = both ? undefined : await templateFor(parts.templates, { template, templateVersionId });
    if (both)
      faults.push({ pointer: "/template", message: "give either template (its current version is taken, whichever that is) or templateVersionId" });
    else if (version === undefined && template !== undefined) faults.push({ pointer: "/template", message: `there is no template ${template}` });
    else if (version === undefined) faults.push({ pointer: "/templateVersionId", message: `there is no template version ${templateVersionId}` });
    const campaign: NewMessageCampaign = {
      window: defaultWindow,
      ...body,
      retries: retriesOver(defaultRetries, body.retries),
      templateVersionId: version?.id ?? "",
      templatePinned: template === undefined,
    };
    const found = checkMessageCampaign(campaign, messageFacts(body.channel, version, parts.senders));
    faults.push(...found.map(({ field, message }) => ({ pointer: `/${field}`, message })));
    return campaign;
  }

  async function findScript(script: string | undefined, versionId: string | undefined, faults: ProblemPlace[]): Promise<string | undefined> {
    if ((script === undefined) === (versionId === undefined)) {
      faults.push({ pointer: "/script", message: "give either script (its current version is taken, whichever that is) or scriptVersionId" });
      return undefined;
    }
    const version = script === undefined ? await parts.publishing.store.find(versionId ?? "") : await parts.publishing.store.current(script);
    if (version === undefined) {
      const place =
        script === undefined
          ? { pointer: "/scriptVersionId", message: `there is no script version ${versionId}` }
          : { pointer: "/script", message: `there is no script ${script}` };
      faults.push(place);
    }
    return version?.id;
  }

  async function create(campaign: NewVoiceCampaign | NewMessageCampaign): Promise<Campaign> {
    const exists = (other: Campaign) =>
      placedFault("campaign-exists", `A campaign named ${campaign.name} exists already.`, [
        { pointer: "/name", message: `is the name of campaign ${other.id}` },
      ]);
    const before = await campaigns.findByName(campaign.name);
    if (before !== undefined) throw exists(before);
    try {
      return isWriting(campaign) ? await campaigns.create(campaign) : await campaigns.create(campaign);
    } catch (error) {
      // Two requests at once: the other one was first.
      const other = await campaigns.findByName(campaign.name);
      throw other === undefined ? error : exists(other);
    }
  }
}
