import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";

/** How the API meets the network, as the configuration has it. */
export function webParts({
  api: { maxRequestsPerMinute, trustedProxies, origins, documentation, certificate, certificateKey },
}: Pick<Config, "api">): Pick<ApiParts, "maxRequestsPerMinute" | "trustedProxies" | "origins" | "documentation" | "tls"> {
  const tls = certificate === undefined || certificateKey === undefined ? undefined : { cert: certificate, key: certificateKey };
  return { maxRequestsPerMinute, trustedProxies, origins, documentation, ...(tls && { tls }) };
}
