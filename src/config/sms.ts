import { keywordFaults, ownWordFaults } from "../sms/options.ts";
import type { Told } from "./part.ts";
import type { Config } from "./schema.ts";

/** What no single setting of `sms:` can show. */
export function checkSms({ sms, webhooks }: Pick<Config, "sms" | "webhooks">, fault: Told): void {
  for (const section of ["binds", "senders"] as const)
    for (const [at, { name }] of sms[section].entries())
      if (sms[section].findIndex((other) => other.name === name) < at)
        fault(["sms", section, at, "name"], `${name} stands here twice; give each its own name`);
  const binds = sms.binds.map(({ name }) => name);
  for (const [at, sender] of sms.senders.entries()) {
    const path = ["sms", "senders", at];
    for (const [place, bind] of sender.binds.entries())
      if (!binds.includes(bind)) fault([...path, "binds", place], `there is no bind ${bind} under sms.binds`);
    const wrong = wrongAddress(sender.kind, sender.address);
    if (wrong !== undefined) fault([...path, "address"], wrong);
  }
  for (const { of, at, message } of ownWordFaults(sms)) fault(["sms", of, at], message);
  for (const { at, message } of keywordFaults(sms.keywords)) fault(["sms", "keywords", at, "keyword"], message);
  for (const [at, { webhook }] of sms.keywords.entries())
    if (webhook !== undefined && !webhooks.some(({ name }) => name === webhook))
      fault(["sms", "keywords", at, "webhook"], `there is no webhook ${webhook} under webhooks`);
  if (sms.senders.length > 0 && binds.length === 0) fault(["sms", "binds"], "is empty: senders need a way to an SMSC");
}

function wrongAddress(kind: Config["sms"]["senders"][number]["kind"], address: string): string | undefined {
  if (kind === "long-code" || kind === "toll-free")
    return address.startsWith("+") ? undefined : `is no number of a ${kind}: write it in E.164 form with its +, in quotes`;
  if (kind === "short-code") return /^\d{3,8}$/.test(address) ? undefined : "is no short code: write its 3 to 8 digits, in quotes";
  return /[A-Za-z]/.test(address) ? undefined : "is a number; an alphanumeric sender has at least one letter";
}
