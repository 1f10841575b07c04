import { createSecureContext } from "node:tls";
import type { ApiParts } from "../api/parts.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";

type WebParts = Pick<ApiParts, "maxRequestsPerMinute" | "trustedProxies" | "origins" | "documentation" | "tls">;

/** How the API meets the network, as the configuration has it. @throws Fault `api-certificate` */
export function webParts({ api }: Pick<Config, "api">): WebParts {
  const { maxRequestsPerMinute, trustedProxies, origins, documentation, certificate, certificateKey } = api;
  const parts = { maxRequestsPerMinute, trustedProxies, origins, documentation };
  if (certificate === undefined || certificateKey === undefined) return parts;
  const tls = { cert: certificate, key: certificateKey };
  try {
    createSecureContext(tls);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault("api-certificate", `api.certificate and api.certificateKey are no certificate and its key, both PEM: ${reason}.`, {
      cause: error,
    });
  }
  return { ...parts, tls };
}
