import type { Told } from "./part.ts";
import type { Config } from "./schema.ts";

/** What no single setting of `email:` can show. */
export function checkEmail({ email }: Pick<Config, "email">, fault: Told): void {
  const { key, publicUrl, pools, senders, wishSender, mailboxes, receivers } = email;
  for (const section of ["pools", "senders", "mailboxes", "receivers"] as const)
    for (const [at, { name }] of email[section].entries())
      if (email[section].findIndex((other) => other.name === name) < at)
        fault(["email", section, at, "name"], `${name} stands here twice; give each its own name`);
  for (const [at, { user, password, tls, host, domains }] of pools.entries()) {
    const path = ["email", "pools", at];
    if (user !== undefined && password === undefined) fault([...path, "password"], "is missing: there is a user to log in");
    if (user === undefined && password !== undefined) fault([...path, "user"], "is missing: there is a password");
    if (user !== undefined && !isHere(host) && (tls === "none" || tls === "opportunistic"))
      fault([...path, "tls"], `is ${tls}, and the password would be told to anybody in between; write required or implicit`);
    for (const [place, { domain }] of domains.entries())
      if (domains.findIndex((other) => other.domain === domain) < place) fault([...path, "domains", place, "domain"], `${domain} stands here twice`);
  }
  for (const [at, sender] of senders.entries()) {
    const path = ["email", "senders", at];
    if (!pools.some(({ name }) => name === sender.pool)) fault([...path, "pool"], `there is no pool ${sender.pool} under email.pools`);
    for (const field of ["postalAddress", "phone", "displayName", "unsubscribeText"] as const)
      if (/(?!\n)\p{Cc}/u.test(sender[field] ?? "")) fault([...path, field], "must not contain control characters");
    const domain = sender.mailbox.slice(sender.mailbox.lastIndexOf("@") + 1).toLowerCase();
    for (const [place, { domain: signing }] of sender.dkim.entries())
      if (domain !== signing && !domain.endsWith(`.${signing}`))
        fault(
          [...path, "dkim", place, "domain"],
          `${signing} is not the domain of ${sender.mailbox} or one above it: the signature would not count (DMARC)`,
        );
  }
  if (wishSender !== undefined && !senders.some(({ name }) => name === wishSender))
    fault(["email", "wishSender"], `there is no sender ${wishSender} under email.senders`);
  for (const [at, { tls, host }] of mailboxes.entries())
    if (tls === "none" && !isHere(host))
      fault(["email", "mailboxes", at, "tls"], "is none, and the password would be told to anybody in between; write implicit or required");
  for (const [at, { name, certificate, certificateKey }] of receivers.entries()) {
    const path = ["email", "receivers", at];
    if (mailboxes.some((mailbox) => mailbox.name === name))
      fault([...path, "name"], `${name} is the name of a mailbox, too; give each inbox its own`);
    if ((certificate === undefined) !== (certificateKey === undefined))
      fault([...path, certificate === undefined ? "certificate" : "certificateKey"], "is missing: a certificate and its key belong together");
  }
  if ([...senders, ...mailboxes, ...receivers].length > 0 && key === undefined)
    fault(["email", "key"], "is missing: without it no answer finds its e-mail; make one with openssl rand -base64 32");
  if (senders.length > 0 && publicUrl === undefined) fault(["email", "publicUrl"], "is missing: every e-mail carries a link for unsubscribing");
}

/** This machine: nobody is in between. */
function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
