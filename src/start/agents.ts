import type { Stores } from "../adapter/postgres/stores.ts";
import type { MayCall } from "../agent/callback.ts";
import { CallbackEngine } from "../agent/callback-engine.ts";
import { DeskEngine, type DeskEngineParts } from "../agent/desk-engine.ts";
import type { CallbackView } from "../agent/ports.ts";
import { AgentWork } from "../agent/work-engine.ts";
import { messageChannels } from "../attempt/message-ports.ts";
import { isPermit, mayContact } from "../compliance/gate.ts";
import type { Config } from "../config/schema.ts";
import { isForCalls } from "../config/voice.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { isVoice } from "../strategy/campaign.ts";
import { type AccountPolicy, gatePolicyOf } from "../strategy/gate-policy.ts";
import { DeskCalls } from "../voice/desk-call.ts";
import type { CardSource } from "../voice/queue-card-session.ts";

export interface AgentsParts {
  readonly stores: Pick<Stores, "agents" | "agentContacts" | "attempts" | "callbacks" | "campaignDesks" | "campaigns" | "desks" | "templates">;
  readonly config: Pick<Config, "sms" | "email" | "drachtio" | "drachtioServers" | "freeswitch" | "trunks">;
  /** Where the account calls, as it is now. */
  readonly ways: AccountPolicy;
  /** See DeskEngineParts. */
  readonly phone?: NonNullable<DeskEngineParts["phone"]>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The agents of this node, and what they work on. */
export interface Agents {
  readonly desks: DeskEngine;
  readonly work: AgentWork;
  /** Conversations that they have. */
  readonly calls: DeskCalls;
  close(): Promise<void>;
}

export function openAgents({ stores, config, ways, phone, clock, log }: AgentsParts): Agents {
  // Whoever only writes needs no telephone to be ready.
  const desks = new DeskEngine({ desks: stores.desks, ...(phone && isForCalls(config) && { phone }), clock, log });
  const callbacks = new CallbackEngine({ callbacks: stores.callbacks, clock, log });
  const work = new AgentWork({
    contacts: stores.agentContacts,
    callbacks: stores.callbacks,
    agents: stores.agents,
    campaignDesks: stores.campaignDesks,
    templates: stores.templates,
    attempts: stores.attempts,
    sends: messageChannels.filter((channel) => config[channel].senders.length > 0),
    mayCall: (callbacks, at) => askGate(callbacks, at, { stores, ways }),
    clock,
    log,
  });
  return {
    desks,
    work,
    calls: new DeskCalls(),
    async close() {
      await Promise.all([desks.close(), callbacks.close()]);
    },
  };
}

/** What agents are shown of whoever is on the line. */
export function cardSourceOf({ agentContacts, campaignDesks }: Pick<Stores, "agentContacts" | "campaignDesks">): CardSource {
  return {
    person: (contactId) => agentContacts.person(contactId),
    history: (contactId, limit) => agentContacts.history(contactId, limit),
    campaignName: (campaignId) => agentContacts.campaignName(campaignId),
    rules: (campaignId) => campaignDesks.rules(campaignId),
  };
}

/** By the rules of the campaign from which each callback came, whatever state that is in: it is the person who asked for it. */
async function askGate(
  callbacks: readonly CallbackView[],
  at: number,
  { stores, ways }: Pick<AgentsParts, "stores" | "ways">,
): Promise<readonly MayCall[]> {
  const ids = [...new Set(callbacks.map(({ campaignId }) => campaignId))];
  const campaigns = new Map(await Promise.all(ids.map(async (id) => [id, await stores.campaigns.find(id)] as const)));
  return callbacks.map((callback) => {
    const campaign = campaigns.get(callback.campaignId);
    if (!campaign || !isVoice(campaign)) return { may: false, rule: "campaign-unknown" };
    const answer = mayContact(at, callback, gatePolicyOf(campaign, ways));
    if (isPermit(answer)) return { may: true };
    return { may: false, rule: answer.rule, ...(answer.retryAt !== undefined && { retryAt: answer.retryAt }) };
  });
}
