/** A word that people may answer with, and what follows. */
export interface OwnKeyword {
  /** One to six words; alone, or with politeness. */
  readonly keyword: string;
  readonly answer?: string;
  /** Name of a webhook that is told of it. */
  readonly webhook?: string;
}

/** What a campaign that writes has of its own. What is left out is as for the whole account, or as its sender says. */
export interface MessageRules {
  /** Before those of the account. */
  readonly keywords?: readonly OwnKeyword[];
  /** Name of the group of agents that answers what people write back; by SMS whatever is no keyword. */
  readonly agentGroup?: string;
  /** E-mail: in place of the sender's. */
  readonly postalAddress?: string;
  readonly phone?: string;
  /** SMS: how long the network tries to deliver one (s), in place of the bind's. */
  readonly validityS?: number;
  /** E-mail: whether links in the HTML lead over our own redirect, which counts clicks. */
  readonly trackLinks?: boolean;
}

export interface MessageRulesStore {
  /** Those of the campaign; nothing where it has none. May be a few seconds old. */
  rules(campaignId: string): Promise<MessageRules>;
  /** None: it has none again. */
  setRules(campaignId: string, rules: MessageRules | undefined): Promise<void>;
}
