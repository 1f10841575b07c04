import type { AgentDirectory } from "../agent/ports.ts";
import type { MessageChannel } from "../attempt/message-ports.ts";
import type { MessageRulesStore } from "../attempt/message-rules-ports.ts";

/** What campaigns that write have of their own, and what it may name. */
export interface MessageRulesParts {
  readonly store: MessageRulesStore;
  /** Names of the configured webhooks. */
  readonly webhooks: readonly string[];
  readonly linkable: boolean;
}

/** What rules are held against. */
export interface MessageRulesFacts {
  readonly channel: MessageChannel;
  /** Names of the configured webhooks. */
  readonly webhooks: readonly string[];
  /** Whether a group of agents has that name. */
  readonly hasGroup: (name: string) => Promise<boolean>;
  /** Whether there is an address for links, and a key to sign them with. */
  readonly linkable: boolean;
}

/** Groups at once, at most. */
const mostAsked = 500;

/** What the rules of a campaign on this channel are held against. */
export function rulesFacts(
  channel: MessageChannel,
  { webhooks, linkable }: Omit<MessageRulesParts, "store">,
  directory: Pick<AgentDirectory, "groups">,
): MessageRulesFacts {
  const hasGroup = async (name: string) => {
    for (let groups = await directory.groups({ limit: mostAsked }); ; ) {
      if (groups.some((group) => group.name === name)) return true;
      const last = groups.at(-1);
      if (!last || groups.length < mostAsked) return false;
      groups = await directory.groups({ limit: mostAsked, afterId: last.id });
    }
  };
  return { channel, webhooks, hasGroup, linkable };
}
