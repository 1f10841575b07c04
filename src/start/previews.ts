import type { Stores } from "../adapter/postgres/stores.ts";
import { PreviewEngine } from "../agent/preview-engine.ts";
import type { SingleCalls } from "../agent/preview-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Campaign, isVoice } from "../strategy/campaign.ts";
import type { AccountPolicy } from "../strategy/gate-policy.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";
import { SingleOrders } from "../strategy/single-engine.ts";
import { SingleCallEngine, type SingleCallParts } from "../voice/single-call-engine.ts";
import type { Agents } from "./agents.ts";
import { passPlaces } from "./strategies.ts";

export interface PreviewsParts {
  readonly stores: Pick<Stores, "agentContacts" | "campaignDesks" | "campaigns" | "desks" | "singles" | "strategies" | "strategyCampaigns">;
  readonly attempts: Pick<Stores["attempts"], "finish">;
  readonly agents: Pick<Agents, "desks">;
  readonly pass: PassEngine;
  readonly calls: SingleCalls;
  /** As for the pass engine. */
  readonly ways: AccountPolicy;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whom the agents of this node call by themselves. It is told of campaigns that are moved until it is closed. */
export function openPreviews({ stores, attempts, agents, pass, calls, ways, clock, log }: PreviewsParts): PreviewEngine {
  const orders = new SingleOrders({
    singles: stores.singles,
    orders: pass,
    campaigns: stores.campaigns,
    places: passPlaces(stores, clock),
    clock,
    account: ways,
  });
  const previews = new PreviewEngine({
    desks: agents.desks,
    store: stores.desks,
    campaignDesks: stores.campaignDesks,
    orders,
    calls,
    attempts,
    contacts: stores.agentContacts,
    previewed: () => pass.running().filter(isPreviewed),
    clock,
    log,
  });
  pass.onChange((campaign) => previews.campaignMoved(campaign.id, campaign.state === "running" && isPreviewed(campaign)));
  return previews;
}

function isPreviewed(campaign: Campaign): boolean {
  return isVoice(campaign) && campaign.mode === "preview";
}

export interface AgentCallsParts
  extends Omit<PreviewsParts, "calls" | "ways" | "attempts">,
    Pick<SingleCallParts, "attempts" | "signalling" | "media" | "pool" | "phones" | "secondLegs" | "line" | "phoneRingTimeoutMs"> {
  readonly agents: Pick<Agents, "desks" | "calls">;
  readonly ways: PreviewsParts["ways"] & Pick<SingleCallParts, "trunks" | "callerIds" | "callerHeaders">;
}

/** The same with their calls, over the campaigns' own trunks. */
export function openAgentCalls({ attempts, signalling, media, pool, phones, secondLegs, line, phoneRingTimeoutMs, ...parts }: AgentCallsParts) {
  const { stores, agents, ways, clock, log } = parts;
  const { trunks, callerIds, callerHeaders } = ways;
  const dialling = async (campaignId: string) => {
    const campaign = await stores.campaigns.find(campaignId);
    return campaign && isVoice(campaign) ? campaign : undefined;
  };
  const kept = {
    attempts,
    signalling,
    media,
    pool,
    phones,
    secondLegs,
    line,
    phoneRingTimeoutMs,
    trunks,
    callerIds,
    callerHeaders,
    deskCalls: agents.calls,
    dialling,
  };
  const singles = new SingleCallEngine({ ...kept, clock, log });
  const previews = openPreviews({ ...parts, attempts, calls: singles });
  return {
    previews,
    singles,
    async close() {
      await previews.close();
      await singles.close();
    },
  };
}
