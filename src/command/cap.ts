import { type ChannelName, channelNames } from "../attempt/result.ts";
import { type FrequencyCap, type NewCap, usDebtCaps } from "../compliance/frequency.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { findCampaign } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { tableText } from "./table.ts";

export interface CapWish extends CommonOptions {
  readonly per?: "person" | "address";
  readonly most?: number;
  readonly withinH?: number;
  readonly channel?: ChannelName;
  /** Name of a campaign. */
  readonly campaign?: string;
  /** The field that says which debt it is: the rule of the United States. */
  readonly usDebt?: string;
}

/** `carillon cap add NAME --per person --most 3 --within-h 168`, `carillon cap add debts --us-debt FIELD` */
export function addCap(name: string, wish: CapWish): Promise<string> {
  return withStores(wish, async (stores) => {
    const campaignId = wish.campaign === undefined ? undefined : (await findCampaign(stores, wish.campaign)).id;
    const made = await stores.caps.add(capsOf(name, wish, campaignId));
    return `Made ${made.map((cap) => `${cap.name}: ${textOf(cap)}`).join("; ")}. It holds at once.`;
  });
}

/** @throws Fault `cap-invalid` */
function capsOf(name: string, { per = "person", most, withinH, channel, usDebt }: CapWish, campaignId: string | undefined): readonly NewCap[] {
  if (usDebt !== undefined) {
    if (most === undefined && withinH === undefined && channel === undefined) return usDebtCaps(name, usDebt, campaignId);
    throw new Fault("cap-invalid", "The rule for debts fixes --most, --within-h and --channel: leave them out.");
  }
  if (most === undefined || withinH === undefined)
    throw new Fault("cap-invalid", "Say how often within how long, such as --most 3 --within-h 168; or --us-debt FIELD.");
  const where = { ...(channel !== undefined && { channel }), ...(campaignId !== undefined && { campaignId }) };
  return [{ name, kind: "cap", per, most, windowS: Math.round(withinH * 3600), ...where }];
}

/** `carillon cap list` */
export function listCaps(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores) => {
    const caps = await allPages((page) => stores.caps.list(page));
    if (options.json) return JSON.stringify(caps, null, 2);
    if (caps.length === 0) return "There are no frequency caps: carillon cap add makes one.";
    const names = await campaignNames(stores, caps);
    const where = ({ place, campaignId }: FrequencyCap) => place ?? (campaignId === undefined ? "every campaign" : (names.get(campaignId) ?? ""));
    const rows = caps.map((cap) => [cap.name, textOf(cap), where(cap)]);
    return tableText(["NAME", "AT MOST", "IN"], rows);
  });
}

async function campaignNames(stores: Stores, caps: readonly FrequencyCap[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(caps.flatMap(({ campaignId = [] }) => campaignId))];
  return new Map(await Promise.all(ids.map(async (id) => [id, (await stores.campaigns.find(id))?.name ?? id] as const)));
}

/** `carillon cap remove NAME` */
export function removeCap(name: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const caps = await allPages((page) => stores.caps.list(page));
    const cap = caps.find((each) => each.name === name);
    if (cap === undefined || !(await stores.caps.remove(cap.id)))
      throw new Fault("cap-unknown", `There is no frequency cap "${name}"; carillon cap list shows them.`);
    return `Removed ${name}: it holds nobody back any more.`;
  });
}

/** `3 attempts in 168 h per person, by voice` */
function textOf({ kind, per, most, windowS, channel, field, source }: FrequencyCap): string {
  if (source !== undefined) return `${most} in ${windowS / 3600} h per ${per}: ${source}`;
  const what = kind === "debt-conversation" ? "conversation" : channel === "voice" ? "call" : "attempt";
  const whose = field === undefined ? per : `${per} and debt (${field})`;
  const by = channel === undefined ? channelNames.join(", ") : channel;
  return `${most} ${what}${most === 1 ? "" : "s"} in ${windowS / 3600} h per ${whose}, by ${by}`;
}
