import { systemClock } from "../adapter/system/clock.ts";
import { whyNoAgents } from "../agent/staff.ts";
import { whyNotWritten } from "../api/message-campaign.ts";
import type { MachinesHeard } from "../api/ports.ts";
import { showCampaign as campaignShown, showProgress } from "../api/schema/campaign.ts";
import { type CallingMode, callingModeNames, isForAgents, isPacedForAgents, type PacingWishes } from "../attempt/calling-mode.ts";
import type { Config } from "../config/schema.ts";
import { agentScriptRefused } from "../ivr/agent-script-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import type { Stores } from "../main.ts";
import { ownThread } from "../start/publishing.ts";
import { safeguardsOf } from "../start/safeguards.ts";
import { sendersOf } from "../start/senders.ts";
import { type Campaign, isVoice, type VoiceCampaign } from "../strategy/campaign.ts";
import type { CampaignChange, ChangeableSettings, PastChange } from "../strategy/ports.ts";
import { refusal } from "../voice/amd/campaign.ts";
import { missedBetween, missedShare, withMissed } from "../voice/amd/holdout.ts";
import { campaignPacing, capOf, pacingAfter, pacingRefused } from "../voice/pacing/campaign.ts";
import type { Share } from "../voice/pacing/ledger.ts";
import { checkParts, isPartWord, newParts, partNames, partsText, pastParts } from "./campaign-parts.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { aboutOnePass } from "./named.ts";
import { progressText } from "./progress-text.ts";
import { showWhole, wholeAsJson } from "./strategy-campaign.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

const limits = ["maxCps", "maxLines"] as const;
const optionNames = Object.keys(campaignPacing.properties);

/** `linesPerAgent=2`, `target=0.02`: options of the mode. @throws Fault `campaign-invalid` */
export function pacingFrom(words: readonly string[] = []): PacingWishes {
  return Object.fromEntries(words.map((word) => numberFrom(word, optionNames)));
}

/** @param others what may be set besides, to texts */
function numberFrom(word: string, numbers: readonly string[], others: readonly string[] = []): readonly [string, number] {
  const [, name = "", text = ""] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (!numbers.includes(name)) {
    const known = [...numbers, ...others];
    const near = nearest(name, known);
    const meant = near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
    const form = word.includes("=") ? `There is no ${oneLine(name)} to set.` : `"${oneLine(word)}": write it as NAME=VALUE.`;
    throw new Fault("campaign-invalid", `${form} ${meant}`);
  }
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new Fault("campaign-invalid", `${name}: "${oneLine(text)}" is not a number.`);
  return [name, value];
}

/** @throws Fault `campaign-invalid` when a campaign may not have this mode with these options */
export function checkPacing(mode: CallingMode, pacing: PacingWishes): void {
  const refused = pacingRefused(mode, pacing);
  if (refused !== undefined) throw new Fault("campaign-invalid", `pacing: ${refused}`);
}

/** @throws Fault `campaign-invalid` when that script is none for it */
export async function checkScript(stores: Stores, mode: CallingMode, scriptVersionId: string): Promise<void> {
  const none = isPacedForAgents(mode) ? await agentScriptRefused(stores.scripts, ownThread, scriptVersionId) : undefined;
  if (none !== undefined) throw new Fault("campaign-invalid", `script: ${none}`);
}

export interface ChangeOptions extends CommonOptions {
  /** Options of the mode that go back to their defaults. */
  readonly unset?: readonly string[];
}

/** `carillon campaign change NAME mode=… linesPerAgent=2 maxLines=50`: written to the database, where the running servers see it within a second. */
export function changeCampaign(name: string, words: readonly string[], options: ChangeOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const campaign = await findCampaign(stores, name);
    const said = words.filter((word) => !isPartWord(word));
    const parts = newParts(campaign, words.filter(isPartWord));
    const numbers = said.length === 0 && options.unset === undefined && parts !== undefined ? {} : changeFrom(said, options.unset ?? []);
    const change = { ...numbers, ...parts };
    const after = isVoice(campaign) ? { ...campaign, mode: change.mode ?? campaign.mode } : campaign;
    if (parts !== undefined) await checkParts(stores, config, after, parts);
    const dropped = await checkChange(stores, campaign, change);
    const changed = await stores.campaigns.change(campaign.id, { ...change, ...dropped.change }, "the command line");
    if (!changed) throw unknown(name);
    const note = await noAgents(stores, changed);
    return `Campaign ${name} is changed: ${[settingsText(changed), partsText(parts)].filter((text) => text !== "").join(" ")}.${dropped.text}${note === undefined ? "" : ` ${note}`}`;
  });
}

/** @returns what else is to be changed with it: options that the new mode has not */
async function checkChange(
  stores: Stores,
  campaign: Campaign,
  change: CampaignChange,
): Promise<{ readonly change?: Pick<CampaignChange, "pacing">; readonly text: string }> {
  if (!isVoice(campaign)) {
    const named = (["mode", "pacing", "maxLines"] as const).filter((name) => change[name] !== undefined);
    if (named.length === 0) return { text: "" };
    throw new Fault(
      "campaign-invalid",
      `${named.join(", ")}: of campaigns that call. ${campaign.name} writes by ${campaign.channel}; its maxCps may change: maxCps=10.`,
    );
  }
  if (change.mode === undefined && change.pacing === undefined) return { text: "" };
  const { mode, pacing, dropped, change: options } = pacingAfter(campaign, change);
  checkPacing(mode, pacing);
  const amd = change.amd === undefined ? campaign.amd : change.amd;
  const undetected = amd ? refusal(amd, mode) : undefined;
  if (undetected !== undefined) throw new Fault("campaign-invalid", `mode: ${undetected}`);
  await checkScript(stores, mode, campaign.scriptVersionId);
  const text = dropped.length === 0 ? "" : ` Mode ${mode} has no ${dropped.join(", ")}: dropped.`;
  return { text, ...(options && { change: { pacing: options } }) };
}

function changeFrom(words: readonly string[], unset: readonly string[]): CampaignChange {
  const change: { mode?: CallingMode; maxCps?: number; maxLines?: number } = {};
  const pacing: Record<string, number | null> = {};
  for (const word of words) {
    if (word.startsWith("mode=")) {
      const mode = callingModeNames.find((known) => known === word.slice("mode=".length));
      if (mode === undefined) throw new Fault("campaign-invalid", `"${oneLine(word)}" is no mode. There are ${callingModeNames.join(", ")}.`);
      change.mode = mode;
      continue;
    }
    const [option, value] = numberFrom(word, ["mode", ...limits, ...optionNames], partNames);
    const limit = limits.find((known) => known === option);
    if (!limit) pacing[option] = value;
    else if (value > 0 && (limit === "maxCps" || Number.isInteger(value))) change[limit] = value;
    else throw new Fault("campaign-invalid", `${limit} must be ${limit === "maxCps" ? "more than 0" : "a whole number above 0"}.`);
  }
  for (const option of unset) {
    if (!optionNames.includes(option)) throw new Fault("campaign-invalid", `--unset ${oneLine(option)}: there are ${optionNames.join(", ")}.`);
    pacing[option] = null;
  }
  const some = Object.keys(pacing).length > 0;
  if (!some && Object.keys(change).length === 0)
    throw new Fault("campaign-invalid", "Say what is to be another: mode=progressive linesPerAgent=2, --unset target.");
  return { ...change, ...(some && { pacing }) };
}

/** `carillon campaign show NAME`: its settings, how far it is, what was changed of it, and how it stands with abandoned people. */
export function showCampaign(name: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores, config) => {
    if (options.json)
      return JSON.stringify((await wholeAsJson(stores, name)) ?? (await asJson(stores, await findCampaign(stores, name))), undefined, 2);
    const held = await pausedLines(stores, config, await findCampaigns(stores, name));
    const whole = await showWhole(stores, name);
    if (whole !== undefined) return [whole, ...held].join("\n");
    const campaign = await findCampaign(stores, name);
    const lines = [
      oneLine(
        `Campaign ${name} (${campaign.id}) is ${campaign.state}: ${settingsText(campaign)} ${partsText({ window: campaign.window })}; ${madeOf(campaign)}.`,
      ),
      ...held,
    ];
    const { id } = campaign;
    if (campaign.state !== "draft") lines.push(oneLine(progressText(campaign, await stores.campaigns.progress(id))));
    if (isVoice(campaign)) lines.push(...(await agentLines(stores, campaign)));
    const changes = await stores.campaigns.changes(id);
    if (changes.length > 0) lines.push("", ...changes.map((change) => oneLine(`${timeCell(change.at)} ${change.by}: ${pastText(change)}`)));
    return lines.join("\n");
  });
}

/** As the API shows it, with its progress beside it. */
async function asJson(stores: Stores, campaign: Campaign): Promise<object> {
  return { ...campaignShown(campaign), progress: showProgress(await stores.campaigns.progress(campaign.id)) };
}

/** Why those that are paused must not go on: the servers pause what must not run. */
async function pausedLines(stores: Stores, config: Config, campaigns: readonly Campaign[]): Promise<readonly string[]> {
  const { hindrances } = safeguardsOf(stores, config, systemClock);
  const lines: string[] = [];
  for (const campaign of campaigns) {
    const hindrance = campaign.state === "paused" ? await hindrances.hindrance(campaign) : undefined;
    if (hindrance !== undefined) lines.push(oneLine(`${campaign.name} is paused, and must not run now: ${hindrance}.`));
    const refused = isVoice(campaign) ? undefined : await whyNotWritten(campaign, sendersOf(config), stores.messageReader);
    if (refused !== undefined) lines.push(oneLine(`${campaign.name}: ${refused}`));
  }
  return lines;
}

/** Who takes its calls, and how it stands with abandoned people. */
async function agentLines(stores: Stores, campaign: VoiceCampaign): Promise<readonly string[]> {
  const note = await noAgents(stores, campaign);
  const lines = note === undefined ? [] : [note];
  const [{ day, month }, heard] = await Promise.all([stores.abandonment.read(campaign.id), stores.abandonment.machines(campaign.id)]);
  if (!isForAgents(campaign.mode) && month.answers === 0) return lines;
  const cap = capOf(campaign.pacing);
  const measured = heard.holdout.heldOut > 0;
  const rate = missedShare(heard.holdout);
  const row = (within: string, counted: Share, machines: number) => shareRow(within, counted, cap, measured ? rate * machines : undefined);
  const rows = [row("24 hours", day, heard.day), row("30 days", month, heard.month)];
  const columns = ["WITHIN", "PEOPLE ANSWERED", "ABANDONED", ...(measured ? ["TAKEN FOR MACHINES"] : []), "SHARE", `HEADROOM TO ${percent(cap)}`];
  return [...lines, "", tableText(columns, rows), ...(measured ? [holdoutText(heard)] : [])];
}

/** @param missed people who are thought to have been taken for machines; undefined when nothing is measured */
function shareRow(within: string, counted: Share, cap: number, missed: number | undefined): readonly string[] {
  const { answers, abandoned } = withMissed(counted, missed ?? 0);
  const headroom = Math.floor(cap * answers - abandoned + 1e-9);
  const thought = missed === undefined ? [] : [`~${missed.toFixed(1)}`];
  return [
    within,
    String(counted.answers),
    String(counted.abandoned),
    ...thought,
    answers === 0 ? "-" : percent(abandoned / answers),
    String(headroom),
  ];
}

function holdoutText({ month, holdout }: MachinesHeard): string {
  const { heldOut, people, machines } = holdout;
  const [low = 0, high = 1] = missedBetween(holdout) ?? [];
  const judged = people + machines;
  const found =
    judged === 0
      ? "none of them is judged yet"
      : `${people} of the ${judged} that are judged were people (${percent(low)} to ${percent(high)} with 95 % confidence)`;
  return `Of the machines of 30 days ${heldOut} went to agents: ${found}. So ${percent(missedShare(holdout))} of the ${month} others count as people who were abandoned.`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function settingsText({ mode, pacing = {}, maxCps, maxLines }: ChangeableSettings): string {
  const own = Object.entries(pacing).map(([option, value]) => `${option}=${value}`);
  return [
    ...(mode === undefined ? [] : [`mode ${mode}`]),
    ...own,
    `maxCps=${maxCps}`,
    ...(maxLines === undefined ? [] : [`maxLines=${maxLines}`]),
  ].join(" ");
}

function pastText({ before, after }: PastChange): string {
  return [settingsText(after), partsText(pastParts(before, after))].filter((text) => text !== "").join(" ");
}

/** What it is made of: `script hello, over alpha, shows +15550100100`, `sms, template reminder, from main`. */
function madeOf(campaign: Campaign): string {
  if (isVoice(campaign)) return `script ${campaign.script}, over ${campaign.trunk}, shows ${campaign.callerId}`;
  return `${campaign.channel}, template ${campaign.template}${campaign.templatePinned ? " (stays on its version)" : ""}, from ${campaign.sender}`;
}

/** Why no agent takes its calls; undefined when somebody may, or none has to. */
export async function noAgents(stores: Stores, campaign: Campaign): Promise<string | undefined> {
  if (!isVoice(campaign)) return undefined;
  const { id, mode } = campaign;
  return isForAgents(mode) ? whyNoAgents(id, await stores.agents.staffOf(id), isPacedForAgents(mode)) : undefined;
}

/** @throws Fault `campaign-unknown`, which names the passes of one that carries out a strategy */
export async function findCampaign(stores: Stores, name: string): Promise<Campaign> {
  const [campaign, ...more] = await findCampaigns(stores, name);
  if (!campaign) throw unknown(name);
  if (campaign.name === name) return campaign;
  const passes = [campaign, ...more].map((each) => each.name);
  throw new Fault("campaign-unknown", aboutOnePass(name, passes));
}

/** The campaign of that name, or those of the passes of one that carries out a strategy, in their order. @throws Fault `campaign-unknown` */
export async function findCampaigns(stores: Stores, name: string): Promise<readonly Campaign[]> {
  const campaign = await stores.campaigns.findByName(name);
  if (campaign) return [campaign];
  const whole = await stores.strategyCampaigns.findByName(name);
  const ids = whole === undefined ? [] : await stores.strategyCampaigns.progress(whole.id);
  const passes = await Promise.all(ids.map(async ({ campaignId }) => (await stores.campaigns.find(campaignId)) ?? []));
  if (passes.flat().length === 0) throw unknown(name);
  return passes.flat();
}

function unknown(name: string): Fault {
  return new Fault("campaign-unknown", `There is no campaign "${name}"; carillon campaign list shows them.`);
}
