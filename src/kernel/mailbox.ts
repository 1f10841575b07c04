import { domainToASCII } from "node:url";

/**
 * A mailbox, `local@domain`, in the one form in which it is stored and compared: the domain in ASCII (IDNA), all of it in small letters. A server may tell the case of
 * a local part apart (RFC 5321 §2.4); none that people use does, and somebody who opted out as Ann@ must not be written to as ann@.
 */
export type Mailbox = string & { readonly brand: "Mailbox" };

/** A mailbox that mail can be sent to, or why the text is none. */
export type ReadMailbox = { readonly mailbox: Mailbox } | { readonly reason: string };

/** RFC 5321 §4.5.3.1.1 and §4.5.3.1.3 (a path of 256 octets has its two angle brackets). */
const longestLocal = 64;
const longestMailbox = 254;

/** Dot-atom (RFC 5322 §3.2.3). Quoted local parts and those outside ASCII (RFC 6531) are left out: few servers take them. */
const localShape = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** Letters, digits and hyphens (RFC 1123 §2.1), at least two labels, the last one no number: a host's own address is nobody's domain. */
const domainShape = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the text is a mailbox in the stored form already. Nothing is trimmed or repaired. */
export function isMailbox(text: string): text is Mailbox {
  const at = text.indexOf("@");
  if (text.length > longestMailbox || at < 1 || at > longestLocal) return false;
  return localShape.test(text.slice(0, at)) && domainShape.test(text.slice(at + 1));
}

/** Reads a mailbox as people write it. @param text trimmed and not empty */
export function readMailbox(text: string): ReadMailbox {
  const plain = text.replace(/^mailto:/i, "");
  if (plain.length > longestMailbox) return { reason: "too long for a mailbox" };
  if (/\p{Cc}/u.test(plain)) return { reason: "has control characters in it" };
  const [local = "", domain = "", ...more] = plain.split("@");
  if (more.length > 0) return { reason: "has more than one @; put one mailbox in the cell" };
  if (!plain.includes("@")) return { reason: "has no @" };
  if (local === "" || domain === "") return { reason: `has nothing ${local === "" ? "before" : "behind"} the @` };
  const ascii = domainToASCII(domain.replace(/\.$/, ""));
  if (!domainShape.test(ascii) || ascii.length > longestMailbox) return { reason: `“${domain.slice(0, 80)}” is no domain` };
  const small = local.toLowerCase();
  if (small.length > longestLocal) return { reason: `has more than ${longestLocal} characters before the @` };
  if (!localShape.test(small)) return { reason: "has characters before the @ that mail servers do not take" };
  const mailbox = `${small}@${ascii}`;
  return isMailbox(mailbox) ? { mailbox } : { reason: "too long for a mailbox" };
}

/** The mailbox with most of its local part hidden, for logs: ann.lee@example.com becomes a…@example.com. */
export function maskMailbox(mailbox: string): string {
  const at = mailbox.lastIndexOf("@");
  return at < 1 ? "…" : `${mailbox.slice(0, 1)}…${mailbox.slice(at)}`;
}
