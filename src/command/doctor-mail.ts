import { createPublicKey, type KeyObject } from "node:crypto";
import { isLoopback } from "../config/rules.ts";
import { splitMailbox } from "../email/address.ts";
import { readDkimKey } from "../email/dkim.ts";
import type { EmailOptions, MailSenderOptions } from "../email/options.ts";
import { type Finding, fault, ok, saidBy, warning } from "./doctor-finding.ts";

/** What is asked of DNS. Rejects as node:dns does. */
export interface MailDns {
  resolveMx(name: string): Promise<readonly { readonly exchange: string }[]>;
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>;
}

/** DNS says that there is none of what was asked for. */
const absent = new Set(["ENOTFOUND", "ENODATA"]);
/** Whom everybody may take a name from, and whose names nobody looks up (RFC 2606, RFC 6761). */
const madeUp = /(?:^|\.)(?:test|example|invalid|localhost)$|(?:^|\.)example\.(?:com|net|org)$/;

/** What receiving servers look up before they believe an e-mail of ours: SPF, DKIM, DMARC, and where bounces and answers go. Nothing is sent. */
export async function examineMail(
  { senders, publicUrl = "" }: Pick<EmailOptions, "senders" | "publicUrl">,
  dns: MailDns,
): Promise<readonly Finding[]> {
  const examined = await Promise.all(senders.map((sender) => examineSender(sender, dns)));
  return [...(senders.length > 0 ? examineLinks(publicUrl) : []), ...examined.flat()];
}

/** RFC 8058 §3.1: one click is an HTTPS request. */
function examineLinks(publicUrl: string): readonly Finding[] {
  const url = URL.parse(publicUrl);
  if (url?.protocol !== "http:" || isLoopback(url.hostname)) return [];
  const seen = "is http: mail programs show no button for unsubscribing, and large providers want one";
  return [warning("email.publicUrl", seen, "Put a proxy with HTTPS in front of /u/ and /l/, and give its address.")];
}

async function examineSender(sender: MailSenderOptions, dns: MailDns): Promise<readonly Finding[]> {
  const { name, mailbox, bounceDomain, replyDomain, dkim } = sender;
  const domain = splitMailbox(mailbox)?.domain ?? bounceDomain;
  const what = `sender:${name}`;
  if (madeUp.test(domain)) return [ok(what, `${domain} is a made-up domain, which nobody looks up`)];
  const returns = [...new Set([bounceDomain, ...(replyDomain === undefined ? [] : [replyDomain])])];
  return await Promise.all([
    ...returns.map((each) => examined(`${what} MX of ${each}`, () => examineMx(what, each, dns))),
    examined(`${what} SPF`, () => examineSpf(what, bounceDomain, domain, dns)),
    ...dkim.map((key) => examined(`${what} DKIM`, () => examineDkim(what, key, dkim.length === 1, dns))),
    examined(`${what} DMARC`, () => examineDmarc(what, domain, dns)),
  ]);
}

/** DNS that does not answer says nothing of what stands in it. */
async function examined(what: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return warning(what, `DNS could not be asked: ${saidBy(error)}`, "Check this machine's DNS, and look again.");
  }
}

async function examineMx(what: string, domain: string, dns: MailDns): Promise<Finding> {
  const found = (await orNone(dns.resolveMx(domain))).filter(({ exchange }) => exchange !== "");
  const seen = `${what} MX of ${domain}`;
  if (found.length > 0) return ok(seen, found.map(({ exchange }) => exchange).join(", "));
  return warning(
    seen,
    "none: bounces, complaints and answers do not come back",
    `Add an MX record for ${domain} that names the host of email.receivers, or the one whose mailbox email.mailboxes reads.`,
  );
}

async function examineSpf(what: string, bounceDomain: string, domain: string, dns: MailDns): Promise<Finding> {
  const records = (await texts(dns, bounceDomain)).filter((text) => /^v=spf1(?: |$)/i.test(text));
  const seen = `${what} SPF`;
  const [record] = records;
  if (record === undefined)
    return warning(
      seen,
      `none for ${bounceDomain}`,
      `Add a TXT record for ${bounceDomain} that names your mail server: v=spf1 a:smtp.example.com -all.`,
    );
  // RFC 7208 §4.5.
  if (records.length > 1) return fault(seen, `${bounceDomain} has ${records.length}, so none counts`, "Make one record of them.");
  const aligned = isAligned(bounceDomain, domain) ? "" : `; it does not count for DMARC, since ${bounceDomain} is not of ${domain}: DKIM has to`;
  return ok(seen, `${bounceDomain} has ${record.slice(0, 200)}${aligned}`);
}

/** @param alone no other signature stands beside it */
async function examineDkim(what: string, options: MailSenderOptions["dkim"][number], alone: boolean, dns: MailDns): Promise<Finding> {
  const place = `${options.selector}._domainkey.${options.domain}`;
  const seen = `${what} DKIM`;
  const { key, algorithm } = readDkimKey(options);
  const ours = publicPart(key);
  const wanted = `v=DKIM1; k=${algorithm === "rsa-sha256" ? "rsa" : "ed25519"}; p=${ours}`;
  const found = (await texts(dns, place)).map(tagsOf);
  if (found.length === 0) return fault(seen, `${place} is not there: no signature holds`, `Add a TXT record for ${place}: ${wanted}`);
  const isThere = found.some((tags) => tags.get("p")?.replace(/\s/g, "") === ours);
  if (isThere && alone && algorithm === "ed25519-sha256")
    return warning(
      seen,
      `${place} has the public key of ours, and no RSA key signs beside it: servers that know RSA alone, large providers' among them, see no signature`,
      "Add a second signature with an RSA key of 2048 bits, under a selector of its own.",
    );
  if (isThere) return ok(seen, `${place} has the public key of ours`);
  return fault(seen, `${place} has another key: no signature holds`, `It has to be: ${wanted}`);
}

/** Of the domain, else of the nearest one above it (RFC 7489 §6.6.3 asks the organisation's). */
async function examineDmarc(what: string, domain: string, dns: MailDns): Promise<Finding> {
  const seen = `${what} DMARC`;
  for (let place = domain; place.includes("."); place = place.slice(place.indexOf(".") + 1)) {
    const [record] = (await texts(dns, `_dmarc.${place}`)).filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text));
    if (record !== undefined) return ok(seen, `_dmarc.${place} has ${record.slice(0, 200)}`);
  }
  return warning(
    seen,
    `none for ${domain}: large mailbox providers refuse what is sent to many without it`,
    `Add a TXT record for _dmarc.${domain}: v=DMARC1; p=none; rua=mailto:postmaster@${domain}`,
  );
}

/** The relaxed way, as far as names alone tell (RFC 7489 §3.1): the same, one above the other, or of one parent. */
function isAligned(one: string, other: string): boolean {
  const parent = (name: string) => name.slice(name.indexOf(".") + 1);
  if (one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)) return true;
  return parent(one) === parent(other) && parent(one).includes(".");
}

/** As it stands in p= (RFC 6376 §3.6.1, RFC 8463 §4): the whole of it for RSA, its 32 octets for Ed25519. */
function publicPart(key: KeyObject): string {
  const whole = createPublicKey(key).export({ type: "spki", format: "der" });
  return (key.asymmetricKeyType === "ed25519" ? whole.subarray(-32) : whole).toString("base64");
}

function tagsOf(record: string): ReadonlyMap<string, string> {
  return new Map(record.split(";").map((tag) => [tag.slice(0, Math.max(0, tag.indexOf("="))).trim(), tag.slice(tag.indexOf("=") + 1).trim()]));
}

async function texts(dns: MailDns, name: string): Promise<readonly string[]> {
  return (await orNone(dns.resolveTxt(name))).map((pieces) => pieces.join(""));
}

async function orNone<T>(asking: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof Error && "code" in error && absent.has(String(error.code))) return [];
    throw error;
  }
}
