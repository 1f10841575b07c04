import { messageFacts } from "../api/message-campaign.ts";
import type { AnswerAction, Answering } from "../attempt/answering.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { sendersOf } from "../start/senders.ts";
import { listedOf } from "../start/trunks.ts";
import { type Campaign, isVoice } from "../strategy/campaign.ts";
import { checkNewSettings } from "../strategy/new-campaign.ts";
import { type ChangeableSettings, type ChangedParts, changeableParts } from "../strategy/ports.ts";
import { parseWindowPart, windowText } from "../strategy/read-window.ts";
import { refusal } from "../voice/amd/campaign.ts";
import { waysOf } from "../voice/route.ts";
import { oneLine } from "./table.ts";

const partWords = ["window", "holidays", "callerId", "trunk", "ringTimeoutMs", "sender", "amd", "onMachine", "holdout"] as const;
type Said = ReadonlyMap<string, string>;

/** The words that such changes begin with, as people type them. */
export const partNames: readonly string[] = partWords;

/** `window=…`, `trunk=…`, `amd=…`: what `carillon campaign change` changes besides how fast and in which way a campaign goes. */
export function isPartWord(text: string): boolean {
  return partWords.some((word) => text.startsWith(`${word}=`));
}

/** What such words come to for a campaign; undefined where there are none. @throws Fault `campaign-invalid` */
export function newParts(before: Campaign, texts: readonly string[]): ChangedParts | undefined {
  const said: Said = new Map(texts.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]));
  if (said.size === 0) return undefined;
  const [callerId, trunk, sender, ring] = (["callerId", "trunk", "sender", "ringTimeoutMs"] as const).map((word) => said.get(word));
  if (ring !== undefined && !/^\d{1,9}$/.test(ring)) throw new Fault("campaign-invalid", `ringTimeoutMs: "${oneLine(ring)}" is not a whole number.`);
  return {
    ...newHours(before, said),
    ...(callerId !== undefined && { callerId }),
    ...(trunk !== undefined && { trunk }),
    ...(sender !== undefined && { sender }),
    ...(ring !== undefined && { ringTimeoutMs: Number(ring) }),
    ...newDetection(before, said),
  };
}

function newHours({ window: before }: Campaign, said: Said): Pick<ChangedParts, "window"> {
  const [hours, days] = [said.get("window"), said.get("holidays")];
  if (hours === undefined && days === undefined) return {};
  const { holidays: kept, ...hoursBefore } = before;
  // Days alone leave the hours, and hours the days: nobody who names weekdays means that people may be called at night.
  const wanted = hours === undefined ? {} : parseWindowPart(hours);
  if (wanted === undefined)
    throw new Fault(
      "campaign-invalid",
      `"${oneLine(hours ?? "")}" are no hours. Write window="mon-fri 09:00-18:00", or window="sat,sun 10:00-14:00".`,
    );
  const holidays = days === undefined ? (kept ?? []) : days.split(",").filter((day) => day !== "" && day !== "none");
  return { window: { ...hoursBefore, ...wanted, ...(holidays.length > 0 && { holidays }) } };
}

const onMachine: readonly AnswerAction[] = ["message", "script", "connect", "hang-up"];

/** `amd=b2c`, with `onMachine=` and `holdout=` or either alone; what is not said of the detection stays. `amd=off`. */
function newDetection(campaign: Campaign, said: Said): Pick<ChangedParts, "amd"> {
  const [profile, machine, share] = [said.get("amd"), said.get("onMachine"), said.get("holdout")];
  if (profile === undefined && machine === undefined && share === undefined) return {};
  const before = isVoice(campaign) ? campaign.amd : undefined;
  if (profile === "off" && machine === undefined && share === undefined) return { amd: null };
  const wanted = profile ?? before?.profile;
  if (wanted === undefined) throw new Fault("campaign-invalid", "amd: without it nobody hears that it is a machine. Say amd=b2c or amd=b2b, too.");
  if (wanted !== "b2c" && wanted !== "b2b") throw new Fault("campaign-invalid", `amd: "${oneLine(wanted)}" is none of b2c, b2b, off.`);
  const action = onMachine.find((known) => known === machine);
  if (machine !== undefined && action === undefined)
    throw new Fault("campaign-invalid", `onMachine: "${oneLine(machine)}" is none of ${onMachine.join(", ")}.`);
  const holdoutShare = share === undefined ? undefined : Number(share);
  if (share !== undefined && !(share.trim() !== "" && Number(share) >= 0 && Number(share) <= 1))
    throw new Fault("campaign-invalid", "holdout: a share of the machines, 0 to 1.");
  return {
    amd: {
      ...before,
      profile: wanted,
      ...(action && { actions: { ...before?.actions, machine: action } }),
      ...(holdoutShare !== undefined && { holdoutShare }),
    },
  };
}

/** @throws Fault `campaign-invalid` when a campaign may not have them */
export async function checkParts(stores: Stores, config: Config, campaign: Campaign, parts: ChangedParts): Promise<void> {
  const { trunks, routes, pools } = await listedOf(config, stores);
  const version = isVoice(campaign) || parts.sender === undefined ? undefined : await stores.templates.version(campaign.templateVersionId);
  const template = version && (await stores.templates.find(version.name, version.version));
  const found = checkNewSettings(campaign, parts, {
    trunks: waysOf(trunks, routes),
    pools: pools.map(({ name }) => name),
    ...(!isVoice(campaign) && { message: messageFacts(campaign.channel, template, sendersOf(config)) }),
  });
  if (found.length > 0) throw new Fault("campaign-invalid", found.map(({ field, message }) => `${field}: ${message}`).join("\n"));
  const unheard = parts.amd && isVoice(campaign) ? refusal(parts.amd, campaign.mode) : undefined;
  if (unheard !== undefined) throw new Fault("campaign-invalid", `amd: ${unheard}`);
}

/** `window=mon,tue 09:00-18:00 callerId=+15550100100 trunk=alpha`; empty for nothing. */
export function partsText(parts: ChangedParts = {}): string {
  const { window, amd } = parts;
  const holidays = window?.holidays === undefined ? [] : [`holidays=${window.holidays.join(",")}`];
  const hours = window === undefined ? [] : [`window=${windowText(window)}`, ...holidays];
  const plain = (["callerId", "trunk", "sender", "ringTimeoutMs"] as const).flatMap((name) =>
    parts[name] === undefined ? [] : [`${name}=${parts[name]}`],
  );
  return [...hours, ...plain, ...(amd === undefined ? [] : [amd === null ? "amd=off" : detectionText(amd)])].join(" ");
}

function detectionText({ profile, actions, holdoutShare, tuning }: Answering): string {
  const machine = actions?.machine === undefined ? "" : ` onMachine=${actions.machine}`;
  const holdout = holdoutShare === undefined ? "" : ` holdout=${holdoutShare}`;
  return `amd=${profile}${machine}${holdout}${tuning === undefined ? "" : " (with parameters of its own)"}`;
}

/** What of them was changed from `before` to `after`. */
export function pastParts(before: ChangeableSettings, after: ChangeableSettings): ChangedParts {
  // What was noted before a part could be changed has it neither before nor after; a detection that is off is in neither as well.
  const amd = (settings: ChangeableSettings) => settings.amd ?? null;
  const known = changeableParts.filter((name) => after[name] !== undefined && JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const off = amd(before) !== null && amd(after) === null ? { amd: null } : {};
  return { ...Object.fromEntries(known.map((name) => [name, after[name]])), ...off };
}
