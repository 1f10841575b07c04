import { attemptOf, markOf } from "./mark.ts";

/*
 * The addresses that an e-mail carries so that what comes back finds its attempt or campaign: Message-ID, return path (VERP), reply address.
 */

const bouncePrefix = "bounce+";
const replyPrefix = "reply+";
const campaignShape = /^reply\+([1-9]\d{0,17})$/;

/** A mailbox taken apart at its last @; undefined when there is none, or nothing on one side of it. */
export function splitMailbox(mailbox: string): { readonly local: string; readonly domain: string } | undefined {
  const at = mailbox.lastIndexOf("@");
  return at < 1 || at === mailbox.length - 1 ? undefined : { local: mailbox.slice(0, at), domain: mailbox.slice(at + 1).toLowerCase() };
}

/** `<1234.abc…@example.com>` (RFC 5322 §3.6.4): the same however often it is asked for. */
export function messageIdOf(key: string, attemptId: string, domain: string): string {
  return `<${markOf(key, "message", attemptId)}@${domain}>`;
}

/** The attempt whose Message-ID this is, with or without its angle brackets; undefined when it is none of ours. */
export function attemptOfMessageId(key: string, messageId: string): string | undefined {
  const { local } = splitMailbox(messageId.trim().replace(/^<|>$/g, "")) ?? {};
  return local === undefined ? undefined : attemptOf(key, "message", local);
}

/** Where reports of non-delivery go: `bounce+1234.abc…@example.com`. */
export function returnPathOf(key: string, attemptId: string, domain: string): string {
  return `${bouncePrefix}${markOf(key, "bounce", attemptId)}@${domain}`;
}

/** The attempt whose return path this is; undefined when it is none of ours, or made up. */
export function attemptOfReturnPath(key: string, mailbox: string): string | undefined {
  const { local } = splitMailbox(mailbox) ?? {};
  return local?.toLowerCase().startsWith(bouncePrefix) ? attemptOf(key, "bounce", local.slice(bouncePrefix.length)) : undefined;
}

/** Where a person's answers go: `reply+42@example.com`, one for each campaign. Not signed: whoever writes to it is taken for nobody else. */
export function replyAddressOf(campaignId: string, domain: string): string {
  return `${replyPrefix}${campaignId}@${domain}`;
}

/** The campaign whose reply address this is; undefined when it is none. */
export function campaignOfReplyAddress(mailbox: string): string | undefined {
  return campaignShape.exec(splitMailbox(mailbox)?.local.toLowerCase() ?? "")?.[1];
}
