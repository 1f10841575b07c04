import { campaignOfReplyAddress, splitMailbox } from "../../email/address.ts";
import type { ReceiverOptions } from "../../email/inbox-options.ts";

/** RFC 5321 §4.5.1 and RFC 2142 §4: every domain that takes mail has these. */
const everywhere = ["postmaster", "abuse"];

/** Whether a mailbox is one that we gave out, or are asked to have. A return path with a mark that is not ours is taken all the same: it is kept, and changes nothing. */
export function isOurs(recipient: string, { domains, mailboxes }: Pick<ReceiverOptions, "domains" | "mailboxes">): boolean {
  const box = recipient.toLowerCase();
  if (mailboxes.some((each) => each.toLowerCase() === box)) return true;
  const { local, domain } = splitMailbox(box) ?? {};
  if (local === undefined || domain === undefined || !domains.includes(domain)) return false;
  return everywhere.includes(local) || /^bounce\+[a-z0-9.]{1,60}$/.test(local) || campaignOfReplyAddress(box) !== undefined;
}
