import { systemClock } from "../adapter/system/clock.ts";
import { whyNotWritten } from "../api/message-campaign.ts";
import type { TimelineEntry } from "../api/timeline-ports.ts";
import { meaningOf } from "../compliance/gate-rules.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { accountOf, whysOf } from "../start/compliance.ts";
import { sendersOf } from "../start/senders.ts";
import { listedOf, whyNobody } from "../start/trunks.ts";
import { type Campaign, type CampaignState, isVoice } from "../strategy/campaign.ts";
import { findCampaigns } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, timeCell } from "./table.ts";
import { againText, gateLines } from "./why-gate.ts";

const pageSize = 500;

const idleStates: Partial<Readonly<Record<CampaignState, string>>> = {
  draft: "has not been started: nobody is",
  paused: "is paused: nobody is",
  stopping: "is being stopped: nobody is any more",
  stopped: "was stopped: nobody is any more",
};

/** What a channel is spoken of in. */
interface Words {
  /** `called`: what is done to people. */
  readonly done: string;
  readonly waits: string;
  readonly leaving: string;
}
const ofCalls: Words = { done: "called", waits: "Waits for a free line since", leaving: "On the line now." };
const ofMessages: Words = { done: "written to", waits: "Waits for its turn since", leaving: "Leaving now." };

function wordsOf(campaign: Campaign): Words {
  return isVoice(campaign) ? ofCalls : ofMessages;
}

/** `carillon campaign why NAME CONTACT`: what happened to one person in a campaign, or in each pass of one that carries out a strategy, why nothing did, and what the gate says. */
export function whyContact(name: string, word: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const campaigns = await findCampaigns(stores, name);
    const contacts = await stores.timelines.named(campaigns[0]?.listId ?? "", word);
    if (contacts.length === 0)
      throw new Fault(
        "contact-unknown",
        `Nobody on the list of ${name} is known as "${word}". Give a client id, a number such as +15550100100, a mailbox or a contact's id.`,
      );
    const texts = [];
    const whys = whysOf(stores, await accountOf(config, stores), systemClock);
    for (const campaign of campaigns) {
      const missing = await whyNone(stores, config, campaign);
      for (const contact of contacts) {
        const why = await whys.why(campaign.id, contact);
        texts.push([await tell(stores, campaign, contact, missing), ...(why ? gateLines(why) : [])].join("\n"));
      }
    }
    return texts.join("\n\n");
  });
}

async function whyNone(stores: Stores, config: Config, campaign: Campaign): Promise<string | undefined> {
  if (!isVoice(campaign)) return await whyNotWritten(campaign, sendersOf(config), stores.messageReader);
  return campaign.state === "running" ? whyNobody(campaign, await listedOf(config, stores)) : undefined;
}

async function tell(stores: Stores, campaign: Campaign, contactId: string, missing: string | undefined): Promise<string> {
  const contact = await stores.lists.contact(contactId);
  const entries = (await whole(stores, contactId)).filter(({ campaignId }) => campaignId === undefined || campaignId === campaign.id);
  const waiting = (await stores.timelines.waiting(contactId)).find(({ campaignId }) => campaignId === campaign.id);
  const now = systemClock.now();
  const lines = entries.map((entry) => `${timeCell(entry.at)}  ${oneLine(entryText(entry, wordsOf(campaign)))}`);
  const known = contact?.clientId === undefined ? "" : `, client id ${contact.clientId}`;
  const numbers = (contact?.addresses ?? []).map(({ number, mailbox }) => number ?? mailbox).join(", ");
  return [
    oneLine(`Contact ${contactId}${known} (${numbers}) in campaign ${campaign.name}:`),
    ...lines,
    ...standing(campaign, entries, waiting?.dueAt, now, missing),
  ].join("\n");
}

async function whole(stores: Stores, contactId: string): Promise<readonly TimelineEntry[]> {
  const entries: TimelineEntry[] = [];
  for (;;) {
    const page = await stores.timelines.timeline(contactId, pageSize, entries.at(-1));
    entries.push(...page);
    if (page.length < pageSize) return entries;
  }
}

function entryText(entry: TimelineEntry, { done }: Words): string {
  switch (entry.kind) {
    case "refused": {
      return `not ${done}: ${meaningOf(entry.rule) ?? entry.rule} (${entry.rule}), ${againText(entry.retryAt)}`;
    }
    case "attempt": {
      const end = entry.result === undefined ? entry.state : `${entry.result}${entry.outcome === undefined ? "" : `, ${entry.outcome}`}`;
      const why = entry.reason === undefined || entry.reason === "" ? "" : ` (${entry.reason})`;
      const how = entry.calledNumber === undefined ? `to ${entry.address}` : `from ${entry.address}, who called ${entry.calledNumber}`;
      return `attempt ${entry.id} ${how}: ${end}${why}`;
    }
    case "suppressed": {
      const until = entry.expiresAt === undefined ? "" : ` until ${timeCell(entry.expiresAt)}`;
      const where = entry.campaignId === undefined ? "" : " in this campaign";
      return `not to be contacted any more${where}${until}, ${entry.address ?? "the person"}: ${entry.reason} (from ${entry.source}${entry.list === undefined ? "" : ` ${entry.list}`})`;
    }
  }
}

/** How the person stands now, in a line or two. `missing`: why the campaign can call nobody at all. */
function standing(
  campaign: Campaign,
  entries: readonly TimelineEntry[],
  dueAt: number | undefined,
  now: number,
  missing: string | undefined,
): readonly string[] {
  const words = wordsOf(campaign);
  const idle = idleStates[campaign.state]?.replace("nobody is", `nobody is ${words.done}`);
  const state = idle === undefined ? [] : [`Campaign ${campaign.name} ${idle}.`];
  const own = entries.filter(({ kind }) => kind !== "suppressed");
  if (campaign.state === "draft" || campaign.state === "ready") return state;
  if (dueAt !== undefined && missing !== undefined) return [...state, oneLine(missing)];
  if (dueAt !== undefined) return [...state, dueAt > now ? `Waits until ${timeCell(dueAt)}.` : `${words.waits} ${timeCell(dueAt)}.`];
  if (own.length === 0 && campaign.pass !== undefined) return [...state, "Has not come to this pass: nothing that has happened so far leads there."];
  if (own.length === 0) return [...state, "Not among the people of this campaign: put on the list after it had been started."];
  if (own.some((entry) => entry.kind === "attempt" && entry.result === undefined)) return [...state, words.leaving];
  // What was handed over is no more for us to do, but may still come to another end.
  const last = own.at(-1);
  if (last?.kind === "attempt" && last.result === "sent") return [...state, "Sent; no report of its delivery has come yet."];
  return [...state, "Nothing is left to do."];
}
