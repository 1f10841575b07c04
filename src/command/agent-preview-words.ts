import { type Command, request } from "./agent-command.ts";

/** What an agent types who calls by themselves. */
export const previewCommands: Readonly<Record<string, Command>> = {
  next: {
    usage: "next [CAMPAIGN]",
    about: "look at the next person of a preview campaign",
    read: ([campaignId, ...more]) => (more.length > 0 ? undefined : request("next", { ...(campaignId && { campaignId }) })),
  },
  dial: {
    usage: "dial [CONTACT CAMPAIGN [NUMBER]]",
    about: "call the person before you, or this one",
    read: ([contactId, campaignId, number, ...more]) => {
      if (contactId === undefined) return request("dial");
      if (campaignId === undefined || more.length > 0) return undefined;
      return request("dial-contact", { contactId, campaignId, ...(number && { number }) });
    },
  },
  skip: {
    usage: "skip REASON",
    about: "do not call the person before you",
    read: ([reason, ...more]) => (reason && more.length === 0 ? request("skip", { reason }) : undefined),
  },
  dialback: {
    usage: "dialback [CALLBACK]",
    about: "call somebody back (the last callback that you took)",
    read: ([given, ...more], { callbackId = given }) => {
      if (more.length > 0) return undefined;
      return callbackId ? request("dial-callback", { callbackId: given ?? callbackId }) : { say: "You have no callback; take one first." };
    },
  },
  result: {
    usage: "result RESULT",
    about: "what the call is that you asked for, which ends it",
    read: ([result, ...more]) => (result && more.length === 0 ? request("set-result", { result }) : undefined),
  },
  pay: {
    usage: "pay CONTACT CAMPAIGN",
    about: "the page on which the person can pay",
    read: ([contactId, campaignId, ...more]) =>
      campaignId && more.length === 0 ? request("payment-page", { contactId: contactId ?? "", campaignId }) : undefined,
  },
};
