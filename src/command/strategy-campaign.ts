import { systemClock } from "../adapter/system/clock.ts";
import { showPasses, showStrategyCampaign } from "../api/schema/strategy-campaign.ts";
import { changeStrategyCampaign, makeStrategyCampaign, orderStrategyCampaign, type StrategyCampaignParts } from "../api/strategy-campaign-control.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { ownThread } from "../start/publishing.ts";
import { safeguardsOf } from "../start/safeguards.ts";
import { sendersOf } from "../start/senders.ts";
import { listedOf } from "../start/trunks.ts";
import type { CampaignOrder } from "../strategy/campaign.ts";
import type { StrategyCampaign } from "../strategy/strategy-campaign.ts";
import { waysOf } from "../voice/route.ts";
import { whileStarting } from "./campaign-start.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { progressText } from "./progress-text.ts";
import { campaignNotes, type NamedCampaign, strategyNotes } from "./strategy-notes.ts";
import { oneLine, tableText, timeCell } from "./table.ts";
import { openProgress } from "./terminal.ts";

export interface AddOptions extends CommonOptions {
  readonly list: string;
  readonly strategy: string;
  readonly strategyVersion?: number;
  readonly defaultTimeZone: string;
}

/** `carillon campaign add NAME --strategy S --list L` */
export function addStrategyCampaign(
  name: string,
  options: AddOptions,
): Promise<{ readonly made: StrategyCampaign; readonly notes: readonly string[] }> {
  return withStores(options, async (stores, config) => {
    const list = await stores.lists.listByName(options.list);
    if (!list) throw new Fault("list-unknown", `There is no list "${options.list}"; carillon lists shows them.`);
    const { strategy, strategyVersion: version, defaultTimeZone } = options;
    const wish = { name, listId: list.id, strategy, ...(version !== undefined && { version }), defaultTimeZone };
    const made = await makeStrategyCampaign(wish, await partsOf(stores, config));
    const carried = await stores.strategies.version(made.strategyVersionId);
    if (carried === undefined) return { made, notes: [] };
    const find = async (other: string): Promise<NamedCampaign> =>
      (await stores.campaigns.findByName(other)) ?? ((await stores.strategyCampaigns.findByName(other)) && { whole: true });
    return { made, notes: [...strategyNotes(carried.source, list, config), ...(await campaignNotes(carried.source, find))] };
  });
}

/** All passes at once. @returns undefined when there is no strategy campaign of that name */
export async function orderWhole(stores: Stores, config: Config, name: string, order: CampaignOrder): Promise<StrategyCampaign | undefined> {
  const campaign = await stores.strategyCampaigns.findByName(name);
  const { hindrances } = safeguardsOf(stores, config, systemClock);
  const mayRun = async (id: string) => {
    const pass = await stores.campaigns.find(id);
    if (pass) await hindrances.mayStart(pass);
  };
  if (!campaign) return undefined;
  const ordered = orderStrategyCampaign(campaign.id, order, stores, mayRun);
  if (order !== "start") return await ordered;
  const passes = () => stores.strategyCampaigns.progress(campaign.id);
  return await whileStarting(name, ordered, async () => (await passes()).find(({ progress }) => progress.starting)?.progress.starting);
}

/** `carillon campaign go-over NAME`: to the current version of its strategy, or to another one. */
export function goOver(name: string, options: CommonOptions & { readonly strategyVersion?: number }): Promise<StrategyCampaign> {
  return withStores(options, async (stores, config) => {
    const campaign = await stores.strategyCampaigns.findByName(name);
    if (!campaign)
      throw new Fault("campaign-unknown", `There is no campaign "${name}" that carries out a strategy; carillon campaign list shows them.`);
    return await changeStrategyCampaign(campaign.id, options.strategyVersion, "the command line", await partsOf(stores, config));
  });
}

/** What it is, and where everybody stands; undefined when there is no strategy campaign of that name. */
export async function showWhole(stores: Stores, name: string): Promise<string | undefined> {
  const campaign = await stores.strategyCampaigns.findByName(name);
  if (!campaign) return undefined;
  const { id, state, strategy, version } = campaign;
  const rows = (await stores.strategyCampaigns.progress(id)).map(({ pass, state: own, progress }) => {
    const { contacts, waiting, inFlight, done, results, refusals } = progress;
    const told = [...Object.entries(results), ...Object.entries(refusals).map(([rule, count]) => [`refused (${rule})`, count] as const)];
    return [pass, own, contacts, waiting, inFlight, done, told.map(([word, count]) => `${word} ${count}`).join(", ") || "-"].map(String);
  });
  const lines = [oneLine(`Campaign ${name} (${id}) is ${state}: strategy ${strategy}, version ${version}.`), ""];
  lines.push(tableText(["PASS", "STATE", "CAME", "WAIT", "NOW", "DONE", "RESULTS"], rows));
  const changes = await stores.strategyCampaigns.changes(id);
  const versions = await Promise.all(changes.map(async (change) => ({ change, version: await stores.strategies.version(change.afterVersionId) })));
  if (versions.length > 0)
    lines.push("", ...versions.map(({ change, version: to }) => oneLine(`${timeCell(change.at)} ${change.by}: version ${to?.version ?? "?"}`)));
  return lines.join("\n");
}

/** The same as the API shows it; undefined when there is no strategy campaign of that name. */
export async function wholeAsJson(stores: Stores, name: string): Promise<object | undefined> {
  const campaign = await stores.strategyCampaigns.findByName(name);
  return campaign && { ...showStrategyCampaign(campaign), passes: showPasses(await stores.strategyCampaigns.progress(campaign.id)) };
}

/** Live progress, a line for each pass, until all have ended. @returns false when there is no strategy campaign of that name */
export async function watchWhole(stores: Stores, name: string): Promise<boolean> {
  if (!(await stores.strategyCampaigns.findByName(name))) return false;
  const line = openProgress(process.stdout, () => systemClock.now());
  for (;;) {
    const campaign = await stores.strategyCampaigns.findByName(name);
    if (!campaign) break;
    const passes = await stores.strategyCampaigns.progress(campaign.id);
    // Of the channel of a pass only the words depend.
    const told = passes.map(({ pass, state, progress }) => progressText({ name: pass, state, channel: "voice" }, progress));
    line.show(`${name} ${campaign.state}: ${told.join(" | ")}`);
    if (campaign.state === "finished" || campaign.state === "stopped") break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  line.end();
  return true;
}

async function partsOf(stores: Stores, config: Config): Promise<StrategyCampaignParts> {
  const { trunks, routes, pools } = await listedOf(config, stores);
  const { strategies, strategyCampaigns, campaigns, templates, webhooks } = stores;
  const publishing = { store: stores.scripts, reader: ownThread };
  const callerIdPools = pools.map((pool) => pool.name);
  return {
    strategies,
    strategyCampaigns,
    campaigns,
    templates,
    webhooks,
    publishing,
    trunks: waysOf(trunks, routes),
    callerIdPools,
    senders: sendersOf(config),
    lookups: { options: config.lookups, store: stores.lookups },
  };
}
