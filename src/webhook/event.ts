/** What can be told to webhooks and over the stream, by type, and when it is. */
export const eventTypes = {
  "attempt.ended": "An attempt on any channel has ended, with its result.",
  "attempt.changed": "What became of an ended attempt is known better: a message was delivered after all, or bounced.",
  "suppression.added":
    "Somebody may not be contacted any more: an opt-out of any channel, or an entry that was made by hand. One for each address and client id.",
  "campaign.changed": "A campaign, or a pass of a strategy, is in another state.",
  "event.received": "Something that happened outside was reported, such as a payment.",
  "message.received": "Somebody wrote, by SMS or e-mail, and it is known what it was taken for.",
  "disposition.given": "An agent said what came of a conversation.",
  "callback.missed": "A callback was due a quarter of an hour ago, and nobody has taken it.",
  "strategy.webhook": "A strategy has this webhook told about somebody, as its treatment says.",
  "component.down": "A part that Carillon depends on is away: a trunk, a bind, a FreeSWITCH, a drachtio-server. One for each node.",
  "component.up": "It is there again.",
  "webhook.disabled": "A webhook took nothing for so long that it is told nothing any more.",
  "webhook.test": "Somebody had a webhook tried.",
} as const;

export type EventType = keyof typeof eventTypes;

export const eventTypeNames = Object.keys(eventTypes) as readonly EventType[];

/** Those that a webhook may be told of: it is tried whether it wants to or not. */
export const subscribableNames = eventTypeNames.filter((name) => name !== "webhook.test");

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}
