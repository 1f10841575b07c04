import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { listedOf } from "../start/trunks.ts";
import { type Campaign, isVoice } from "../strategy/campaign.ts";
import { checkNewSettings } from "../strategy/new-campaign.ts";
import type { CampaignChange, ChangeableSettings } from "../strategy/ports.ts";
import { parseWindow, windowText } from "../strategy/read-window.ts";
import { waysOf } from "../voice/route.ts";
import { oneLine } from "./table.ts";

type NewSettings = Pick<CampaignChange, "window" | "callerId">;

const words = ["window", "holidays", "callerId"] as const;

/** `window=…`, `holidays=…`, `callerId=…`: settings of `carillon campaign change` that are no numbers. */
export function isSettingWord(text: string): boolean {
  return words.some((word) => text.startsWith(`${word}=`));
}

/** What such words come to for a campaign; undefined where there are none. @throws Fault `campaign-invalid` */
export function newSettings({ window: before }: Campaign, texts: readonly string[]): NewSettings | undefined {
  const said = new Map(texts.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]));
  if (said.size === 0) return undefined;
  const [hours, days, callerId] = words.map((word) => said.get(word));
  const { holidays: kept, ...hoursBefore } = before;
  const wanted = hours === undefined ? hoursBefore : parseWindow(hours);
  if (wanted === undefined)
    throw new Fault(
      "campaign-invalid",
      `"${oneLine(hours ?? "")}" are no hours. Write window="mon-fri 09:00-18:00", or window="sat,sun 10:00-14:00".`,
    );
  const holidays = days === undefined ? (kept ?? []) : days.split(",").filter((day) => day !== "" && day !== "none");
  const window = hours === undefined && days === undefined ? undefined : { ...wanted, ...(holidays.length > 0 && { holidays }) };
  return { ...(window && { window }), ...(callerId !== undefined && { callerId }) };
}

/** @throws Fault `campaign-invalid` when a campaign may not have them */
export async function checkSettings(stores: Stores, config: Config, campaign: Campaign, settings: NewSettings): Promise<void> {
  if (settings.callerId !== undefined && !isVoice(campaign))
    throw new Fault("campaign-invalid", `callerId: of campaigns that call. ${campaign.name} writes by ${campaign.channel}.`);
  const { trunks, routes, pools } = await listedOf(config, stores);
  const [found] = checkNewSettings(
    campaign,
    settings,
    waysOf(trunks, routes),
    pools.map(({ name }) => name),
  );
  if (found) throw new Fault("campaign-invalid", `${found.field}: ${found.message}`);
}

/** `window=mon,tue 09:00-18:00 callerId=+15550100100`; empty for nothing. */
export function newSettingsText({ window, callerId }: NewSettings = {}): string {
  const holidays = window?.holidays === undefined ? [] : [`holidays=${window.holidays.join(",")}`];
  const hours = window === undefined ? [] : [`window=${windowText(window)}`, ...holidays];
  return [...hours, ...(callerId === undefined ? [] : [`callerId=${callerId}`])].join(" ");
}

/** What of them was changed from `before` to `after`. */
export function pastSettings(before: ChangeableSettings, after: ChangeableSettings): NewSettings {
  return {
    ...(after.window && JSON.stringify(before.window) !== JSON.stringify(after.window) && { window: after.window }),
    ...(after.callerId !== undefined && before.callerId !== after.callerId && { callerId: after.callerId }),
  };
}
