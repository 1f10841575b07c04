import type { MessageChannel } from "../attempt/message-ports.ts";
import type { ChannelName } from "../attempt/result.ts";
import { type Retries, retryRefused } from "../attempt/treatment.ts";
import { type CallingWindow, isTimeZone } from "../compliance/calling-window.ts";
import { holidayRefused } from "../compliance/holiday-calendar.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import { type Campaign, isVoice } from "./campaign.ts";
import { type ChangedParts, changeableParts, type NewMessageCampaign, type NewVoiceCampaign } from "./ports.ts";
import type { Pass } from "./strategy.ts";

/** What a campaign must know of a trunk it wants to use. */
export interface TrunkFacts {
  readonly name: string;
  /** Caller ids it may show begin with one of these (E.164 with its +); empty allows every one. */
  readonly callerIdPrefixes: readonly string[];
}

/** Something that keeps a campaign from being made. `field` is its name in what was wanted. */
export interface CampaignFinding {
  readonly field: keyof NewVoiceCampaign | keyof NewMessageCampaign;
  readonly message: string;
}

/** 47 CFR 64.1200(a)(6) and 16 CFR 310.4(b)(4)(ii): ring at least 15 seconds or four rings. */
export const minRingTimeoutMs = 15_000;
export const maxRingTimeoutMs = 120_000;

/** 47 CFR 64.1200(c)(1): 8 a.m. to 9 p.m. at the called party's location; Florida (501.059) ends at 8 p.m. The stricter of the two. */
export const defaultWindow = { startMinute: 8 * 60, endMinute: 20 * 60, weekdays: [1, 2, 3, 4, 5, 6, 7] } as const;

/** The hours of a pass, with its holidays. */
export function windowOf({ window = defaultWindow, holidays }: Pick<Pass, "window" | "holidays">): CallingWindow {
  return holidays === undefined ? window : { ...window, holidays };
}

/** What its maker wants of retries, over the defaults. `atMost` 0 turns one off. */
export function retriesOver(defaults: Retries, wanted: Retries = {}): Retries {
  return Object.fromEntries(Object.entries({ ...defaults, ...wanted }).filter(([, { atMost }]) => atMost !== 0));
}

/**
 * Everything that is wrong with a campaign that somebody wants to make; none if it may be made.
 * @param pools names under which a campaign shows several numbers in turn, in place of a caller id
 */
export function checkCampaign(campaign: NewVoiceCampaign, trunks: readonly TrunkFacts[], pools: readonly string[] = []): readonly CampaignFinding[] {
  const found: CampaignFinding[] = [];
  const trunk = trunks.find((known) => known.name === campaign.trunk);
  if (trunk === undefined) {
    const known = trunks.length === 0 ? "no trunk is configured" : `configured: ${trunks.map(({ name }) => name).join(", ")}`;
    found.push({ field: "trunk", message: `there is no trunk ${campaign.trunk}; ${known}` });
  }
  const prefixes = trunk?.callerIdPrefixes ?? [];
  if (!isPhoneNumber(campaign.callerId)) {
    const known = pools.length === 0 ? "" : `, or one of the pools ${pools.join(", ")}`;
    if (!pools.includes(campaign.callerId))
      found.push({ field: "callerId", message: `must be a number in E.164 form, such as +15550100100${known}` });
  } else if (prefixes.length > 0 && !prefixes.some((prefix) => campaign.callerId.startsWith(prefix)))
    found.push({ field: "callerId", message: `trunk ${campaign.trunk} may only show numbers that begin with ${prefixes.join(" or ")}` });
  found.push(...checkAny(campaign, "voice"));
  if (campaign.ringTimeoutMs < minRingTimeoutMs || campaign.ringTimeoutMs > maxRingTimeoutMs)
    found.push({
      field: "ringTimeoutMs",
      message: `must be from ${minRingTimeoutMs} (the law wants people to have the time to answer) to ${maxRingTimeoutMs}`,
    });
  if (!(campaign.maxLines >= 1)) found.push({ field: "maxLines", message: "must be at least 1" });
  return found;
}

/** A configured sender. */
export interface SenderFacts {
  readonly name: string;
  /** A word: nobody can answer it, and so not opt out by an answer either. */
  readonly alphanumeric?: boolean;
}

/** What a campaign that writes names, as far as it is there. */
export interface MessageFacts {
  readonly template: { readonly channel: MessageChannel; readonly namesWayOut: boolean } | undefined;
  /** Those of its channel. */
  readonly senders: readonly SenderFacts[];
}

/** Everything that is wrong with a campaign that somebody wants to write with; none if it may be made. That its template is there is for the caller to see. */
export function checkMessageCampaign(campaign: NewMessageCampaign, { template, senders }: MessageFacts): readonly CampaignFinding[] {
  const { channel } = campaign;
  const found: CampaignFinding[] = [];
  if (template !== undefined && template.channel !== channel)
    found.push({ field: "channel", message: `is ${channel}, and the template is for ${template.channel}` });
  const sender = senders.find(({ name }) => name === campaign.sender);
  if (sender === undefined) {
    const known =
      senders.length === 0 ? `none is configured; put one under ${channel}.senders` : `configured: ${senders.map(({ name }) => name).join(", ")}`;
    found.push({ field: "sender", message: `there is no sender ${campaign.sender} for ${channel}; ${known}` });
  } else if (sender.alphanumeric && template?.channel === channel && !template.namesWayOut)
    found.push({
      field: "sender",
      message: `nobody can answer ${sender.name}, which is a word: its template must name another way to opt out, such as a web address or a number`,
    });
  return [...found, ...checkAny(campaign, channel)];
}

/** What there is that a change may name. */
export interface ChangeFacts {
  readonly trunks: readonly TrunkFacts[];
  /** Names of pools of caller ids. */
  readonly pools: readonly string[];
  /** Those of the campaign's channel, and its template. */
  readonly message?: MessageFacts;
}

/** Everything that is wrong with other parts for a campaign that exists. */
export function checkNewSettings(
  before: Campaign,
  { amd, ...change }: ChangedParts,
  { trunks, pools, message }: ChangeFacts,
): readonly CampaignFinding[] {
  const wanted: ChangedParts = { ...change, ...(amd !== undefined && { amd }) };
  const named = changeableParts.filter((field) => wanted[field] !== undefined);
  if (before.pass !== undefined)
    return named.map((field) => ({ field, message: "is said by the strategy: publish another version of it, and let the campaign go over to that" }));
  const strange = named.filter((field) => field !== "window" && (field === "sender") === isVoice(before));
  if (strange.length > 0)
    return strange.map((field) => ({
      field,
      message: isVoice(before)
        ? `is of campaigns that write; ${before.name} calls`
        : `is of campaigns that call; ${before.name} writes by ${before.channel}`,
    }));
  const { sender = isVoice(before) ? "" : before.sender, window = before.window } = change;
  if (!isVoice(before)) {
    const after = { ...before, window, sender };
    return (change.sender === undefined || !message ? checkAny(after, before.channel) : checkMessageCampaign(after, message)).filter(isNamed);
  }
  // Whether a number may be shown depends on the trunk over which.
  const found = checkCampaign({ ...before, ...change }, trunks, pools);
  return found.filter((finding) => isNamed(finding) || (finding.field === "callerId" && change.trunk !== undefined));

  function isNamed({ field }: CampaignFinding): boolean {
    return named.some((each) => each === field);
  }
}

/** What holds for campaigns of every channel. */
function checkAny(campaign: NewVoiceCampaign | NewMessageCampaign, channel: ChannelName): readonly CampaignFinding[] {
  const found: CampaignFinding[] = [];
  if (!isTimeZone(campaign.defaultTimeZone))
    found.push({ field: "defaultTimeZone", message: "must be a zone of the IANA database, such as America/Chicago" });

  const { startMinute, endMinute, weekdays } = campaign.window;
  if (startMinute < 0 || endMinute > 1440 || startMinute >= endMinute)
    found.push({ field: "window", message: "startMinute must come before endMinute, both within the day (0 to 1440)" });
  if (weekdays.length === 0 || weekdays.some((day) => !Number.isInteger(day) || day < 1 || day > 7) || new Set(weekdays).size < weekdays.length)
    found.push({ field: "window", message: "weekdays must name at least one day, each once: 1 is Monday, 7 is Sunday" });
  for (const refused of (campaign.window.holidays ?? []).flatMap((text) => holidayRefused(text) ?? []))
    found.push({ field: "window", message: `holidays: ${refused}` });
  if (!(campaign.maxCps > 0)) found.push({ field: "maxCps", message: "must be more than 0" });
  for (const [result, retry] of Object.entries(campaign.retries ?? {})) {
    const refused = retryRefused(result, retry, channel);
    if (refused !== undefined) found.push({ field: "retries", message: refused });
  }
  return found;
}
