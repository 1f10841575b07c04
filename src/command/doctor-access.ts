import { X509Certificate } from "node:crypto";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import { webParts } from "../start/web.ts";
import { type Finding, fault, ok, saidBy, warning } from "./doctor-finding.ts";

const what = "way to the API";
/** A certificate that ends is to be noticed before it does. */
const soonDays = 14;
const dayMs = 86_400_000;

/** Whether what is said to the API can be read on its way. */
export function examineAccess(config: Pick<Config, "api">, clock: Clock): readonly Finding[] {
  const { host, certificate, trustedProxies } = config.api;
  if (certificate !== undefined) return [examineCertificate(config, certificate, clock.now())];
  if (/^(localhost|::1|127(\.\d{1,3}){3})$/.test(host)) return [ok(what, `${host}: from this machine only`)];
  if (trustedProxies.length > 0) return [ok(what, `${host}: in the clear, from proxies at ${trustedProxies.join(", ")}`)];
  const advice =
    "Give api.certificate and api.certificateKey, or put a TLS proxy in front, name it under api.trustedProxies and let nobody else through.";
  return [warning(what, `${host}: in the clear, and keys and people with it`, advice)];
}

function examineCertificate(config: Pick<Config, "api">, certificate: string, now: number): Finding {
  try {
    webParts(config);
  } catch (error) {
    return fault(what, saidBy(error), "Change api.certificate and api.certificateKey; carillon serve will not start before.");
  }
  const { validFrom, validTo } = new X509Certificate(certificate);
  const days = Math.floor((Date.parse(validTo) - now) / dayMs);
  const advice = "Have it renewed, and start every node anew.";
  if (days < 0 || now < Date.parse(validFrom)) return fault(what, `HTTPS, with a certificate that holds from ${validFrom} to ${validTo}`, advice);
  const seen = `HTTPS, with a certificate that holds for ${days} more days`;
  return days < soonDays ? warning(what, seen, advice) : ok(what, seen);
}
