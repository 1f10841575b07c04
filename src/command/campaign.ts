import { systemClock } from "../adapter/system/clock.ts";
import { messageFacts, whyNotWritten } from "../api/message-campaign.ts";
import type { ListView } from "../api/ports.ts";
import { showCampaign } from "../api/schema/campaign.ts";
import type { AnswerAction, Answering } from "../attempt/answering.ts";
import type { CallingMode } from "../attempt/calling-mode.ts";
import type { MessageChannel } from "../attempt/message-ports.ts";
import type { ChannelName } from "../attempt/result.ts";
import { defaultRetries, type Retries, type Retry } from "../attempt/treatment.ts";
import type { Config } from "../config/schema.ts";
import type { ScriptVersion } from "../ivr/script-ports.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { safeguardsOf } from "../start/safeguards.ts";
import { sendersOf } from "../start/senders.ts";
import { listedOf, whyNobody } from "../start/trunks.ts";
import { type Campaign, type CampaignOrder, isVoice, stateAfter } from "../strategy/campaign.ts";
import { type CampaignFinding, checkCampaign, checkMessageCampaign, defaultWindow, retriesOver } from "../strategy/new-campaign.ts";
import type { NewVoiceCampaign } from "../strategy/ports.ts";
import { passOrderRefused } from "../strategy/strategy-campaign.ts";
import { refusal } from "../voice/amd/campaign.ts";
import { waysOf } from "../voice/route.ts";
import { checkPacing, checkScript, findCampaign, noAgents, pacingFrom } from "./campaign-settings.ts";
import { whileStarting } from "./campaign-start.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { progressText } from "./progress-text.ts";
import { versionOf } from "./script.ts";
import { publishFile, publishText } from "./script-publish.ts";
import { orderWhole, watchWhole } from "./strategy-campaign.ts";
import { tableText } from "./table.ts";
import { openProgress } from "./terminal.ts";

export interface CreateOptions extends CommonOptions {
  readonly list: string;
  readonly maxCps: number;
  readonly defaultTimeZone: string;
  /** `busy=1800x2`: again 1800 s after the end, twice at most. */
  readonly retry?: readonly string[];
  /** Default voice: what follows is for that one. */
  readonly channel?: ChannelName;
  /** Name of a published script, or a file that is published first. */
  readonly script?: string;
  /** A version to stay on, whatever is released later. */
  readonly scriptVersion?: number;
  readonly trunk?: string;
  readonly callerId?: string;
  readonly maxLines?: number;
  readonly ringTimeoutMs?: number;
  readonly mode?: CallingMode;
  /** `linesPerAgent=2`: options of the mode. */
  readonly pacing?: readonly string[];
  readonly amd?: "b2c" | "b2b";
  readonly onMachine?: AnswerAction;
  /** 0..1 */
  readonly holdout?: number;
  /** Of the other channels: name of a published template. */
  readonly template?: string;
  readonly templateVersion?: number;
  /** Name of a configured sender. */
  readonly sender?: string;
}

const linesByDefault = 20;

/** `carillon campaign create NAME …` */
export async function createCampaign(name: string, options: CreateOptions): Promise<Campaign> {
  const { channel = "voice" } = options;
  checkOptions(options);
  return await withStores(options, async (stores, config) => {
    const list = await stores.lists.listByName(options.list);
    if (!list)
      throw new Fault(
        "list-unknown",
        `There is no list "${options.list}"; carillon lists shows them. Import one with: carillon import FILE --list ${options.list}`,
      );
    const retries = retriesOver(defaultRetries, retriesOf(options));
    const any = { name, listId: list.id, maxCps: options.maxCps, window: defaultWindow, defaultTimeZone: options.defaultTimeZone, retries };
    return channel === "voice"
      ? await createCalling(stores, config, list, any, options)
      : await createWriting(stores, config, { ...any, channel }, options);
  });
}

type Any = Pick<NewVoiceCampaign, "name" | "listId" | "maxCps" | "window" | "defaultTimeZone" | "retries">;

async function createCalling(stores: Stores, config: Config, list: ListView, any: Any, options: CreateOptions): Promise<Campaign> {
  const { mode = "ivr" } = options;
  const pacing = pacingFrom(options.pacing);
  checkPacing(mode, pacing);
  const wishes = {
    ...any,
    scriptPinned: options.scriptVersion !== undefined,
    trunk: options.trunk ?? "",
    callerId: options.callerId ?? "",
    maxLines: options.maxLines ?? linesByDefault,
    ringTimeoutMs: options.ringTimeoutMs ?? config.voice.ringTimeoutMs,
    mode,
    ...(options.pacing && { pacing }),
    ...answeringOf(options, mode),
  };
  // Before the script: publishing one has its effect on other campaigns, also when this one cannot be made.
  const { trunks, routes, pools } = await listedOf(config, stores);
  const poolNames = pools.map((pool) => pool.name);
  await checkFree(stores, any.name, checkCampaign({ ...wishes, scriptVersionId: "" }, waysOf(trunks, routes), poolNames));
  const version = await scriptFor(stores, config, list, options);
  await checkScript(stores, mode, version.id);
  return stores.campaigns.create({ ...wishes, scriptVersionId: version.id });
}

async function createWriting(
  stores: Stores,
  config: Config,
  any: Any & { readonly channel: MessageChannel },
  { template = "", templateVersion, sender = "" }: CreateOptions,
): Promise<Campaign> {
  const version = await stores.templates.find(template, templateVersion);
  if (!version) {
    const which = templateVersion === undefined ? `template "${template}"` : `version ${templateVersion} of template "${template}"`;
    throw new Fault("campaign-invalid", `template: there is no ${which}; carillon template list shows them.`);
  }
  const campaign = { ...any, templateVersionId: version.id, templatePinned: templateVersion !== undefined, sender };
  await checkFree(stores, any.name, checkMessageCampaign(campaign, messageFacts(any.channel, version, sendersOf(config))));
  return stores.campaigns.create(campaign);
}

async function checkFree(stores: Stores, name: string, findings: readonly CampaignFinding[]): Promise<void> {
  if (findings.length > 0) throw new Fault("campaign-invalid", findings.map(({ field, message }) => `${field}: ${message}`).join("\n"));
  if (await stores.campaigns.findByName(name)) throw new Fault("campaign-exists", `A campaign named ${name} exists already.`);
}

const ofCalls = [
  "script",
  "scriptVersion",
  "trunk",
  "callerId",
  "maxLines",
  "ringTimeoutMs",
  "mode",
  "pacing",
  "amd",
  "onMachine",
  "holdout",
] as const;
const ofMessages = ["template", "templateVersion", "sender"] as const;

/** @throws Fault `campaign-invalid` when what the channel needs is not there, or something is that it does not have */
function checkOptions(options: CreateOptions): void {
  const { channel = "voice" } = options;
  const [needed, strange] = channel === "voice" ? [["script", "trunk", "callerId"] as const, ofMessages] : [["template", "sender"] as const, ofCalls];
  const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const missing = needed.filter((name) => options[name] === undefined);
  const wrong = strange.filter((name) => options[name] !== undefined);
  const faults = [
    ...(missing.length > 0 ? [`${missing.map(flag).join(", ")}: a campaign by ${channel} needs that.`] : []),
    ...(wrong.length > 0 ? [`${wrong.map(flag).join(", ")}: a campaign by ${channel} has no such thing.`] : []),
  ];
  if (faults.length > 0) throw new Fault("campaign-invalid", faults.join("\n"));
}

function answeringOf({ amd: profile, onMachine, holdout }: CreateOptions, mode: CallingMode): { readonly amd?: Answering } {
  if (profile === undefined) {
    const [alone] = [...(onMachine === undefined ? [] : ["--on-machine"]), ...(holdout === undefined ? [] : ["--holdout"])];
    if (alone === undefined) return {};
    throw new Fault("campaign-invalid", `amd: ${alone} goes with --amd, without which nobody hears that it is a machine.`);
  }
  if (holdout !== undefined && !(holdout >= 0 && holdout <= 1))
    throw new Fault("campaign-invalid", "amd: --holdout is a share of the machines, 0 to 1.");
  const amd: Answering = { profile, ...(onMachine && { actions: { machine: onMachine } }), ...(holdout !== undefined && { holdoutShare: holdout }) };
  const refused = refusal(amd, mode);
  if (refused !== undefined) throw new Fault("campaign-invalid", `amd: ${refused}`);
  return { amd };
}

function retriesOf({ retry = [] }: CreateOptions): Retries {
  return Object.fromEntries(
    retry.map((text): [string, Retry] => {
      const [, result, afterS, atMost] = /^([a-z-]+)=(\d+)x(\d+)$/.exec(text) ?? [];
      if (result === undefined)
        throw new Fault(
          "campaign-invalid",
          `retries: "${text}" is not RESULT=SECONDSxTIMES, such as busy=1800x2 (again after half an hour, twice at most).`,
        );
      return [result, { afterS: Number(afterS), atMost: Number(atMost) }];
    }),
  );
}

/** `carillon campaign list`: all of them, the oldest first. */
export function listCampaigns(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ campaigns, lists }) => {
    const all = await allPages((page) => campaigns.list(page));
    if (options.json) return JSON.stringify(all.map(showCampaign), undefined, 2);
    const names = new Map((await allPages((page) => lists.lists(page))).map(({ id, name }) => [id, name]));
    const rows = all.map((campaign) => {
      const { id, name, state, listId, channel } = campaign;
      const way = isVoice(campaign) ? [campaign.trunk, campaign.callerId] : [campaign.template, campaign.sender];
      return [id, name, channel, isVoice(campaign) ? campaign.mode : "-", state, names.get(listId) ?? listId, ...way];
    });
    return rows.length === 0
      ? "There are no campaigns. carillon campaign create makes one."
      : tableText(["ID", "CAMPAIGN", "CHANNEL", "MODE", "STATE", "LIST", "TRUNK OR TEMPLATE", "FROM"], rows);
  });
}

interface Ordered extends Pick<Campaign, "name" | "state"> {
  readonly note: string | undefined;
}

/**
 * `carillon campaign start|pause|resume|stop NAME`: written to the database, where the running server sees it within a second.
 * @returns also why nobody will be called, if that is so
 */
export function orderCampaign(name: string, order: CampaignOrder, options: CommonOptions): Promise<Ordered> {
  return withStores(options, async (stores, config) => {
    const whole = await orderWhole(stores, config, name, order);
    if (whole) return { ...whole, note: undefined };
    const campaign = await findCampaign(stores, name);
    const refused = passOrderRefused(campaign, order);
    if (refused !== undefined) throw new Fault("campaign-state", refused);
    const next = stateAfter(campaign.state, order);
    if (!next) throw new Fault("campaign-state", `Campaign ${name} is ${campaign.state}; it cannot be told to ${order}.`);
    if (next === "running") await safeguardsOf(stores, config, systemClock).hindrances.mayStart(campaign);
    const moved = stores.campaigns.move(campaign.id, campaign.state, next);
    const starting = async () => (await stores.campaigns.progress(campaign.id)).starting;
    if (!(order === "start" ? await whileStarting(name, moved, starting) : await moved)) {
      throw new Fault("campaign-state", `Campaign ${name} was changed by somebody else just now; look at it and try again.`, { retryable: true });
    }
    return { ...campaign, state: next, note: next === "running" ? await noAgents(stores, campaign) : undefined };
  });
}

/** `carillon campaign watch NAME`: live progress until the campaign has ended. */
export function watchCampaign(name: string, options: CommonOptions): Promise<void> {
  return withStores(options, async (stores, config) => {
    if (await watchWhole(stores, name)) return;
    const { id } = await findCampaign(stores, name);
    const line = openProgress(process.stdout, () => systemClock.now());
    for (;;) {
      const campaign = await findCampaign(stores, name);
      const note = await whyNone(stores, config, campaign);
      line.show(progressText(campaign, await stores.campaigns.progress(id), note));
      if (campaign.state === "finished" || campaign.state === "stopped") break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    line.end();
  });
}

/** Why nobody is called or written to though it runs, or why the server paused it, for people. */
async function whyNone(stores: Stores, config: Config, campaign: Campaign): Promise<string | undefined> {
  if (!isVoice(campaign)) return await whyNotWritten(campaign, sendersOf(config), stores.messageReader);
  if (campaign.state !== "running") return undefined;
  return whyNobody(campaign, await listedOf(config, stores)) ?? (await noAgents(stores, campaign));
}

/** The version that the campaign begins with: of a file that is published for its list, or of a script that has been published. */
async function scriptFor(stores: Stores, config: Config, list: ListView, { script = "", scriptVersion }: CreateOptions): Promise<ScriptVersion> {
  if (!/[./\\]/.test(script)) return versionOf(stores, script, scriptVersion);
  if (scriptVersion !== undefined)
    throw new Fault("campaign-invalid", "scriptVersion: --script-version goes with the name of a published script, not with a file.");
  const end = await publishFile(stores, config, script, { list });
  // Others follow it too, and run the new text from now on: not to be done in silence.
  if (end.published.released && end.users.some(({ running, pinned }) => running && pinned === undefined)) console.log(publishText(end));
  return end.published;
}
