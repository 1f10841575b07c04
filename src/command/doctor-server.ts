import type { ComponentState } from "../api/ports.ts";
import { reachInTurn, textOf } from "./api-client.ts";
import { type Finding, ok, warning } from "./doctor-finding.ts";

/**
 * Whether a server runs with this configuration, and its parts as it tells them. A key that it refuses leaves what it tells everybody.
 * @param base where it would be
 */
export async function examineServer(
  base: string,
  key: string | undefined,
): Promise<{ readonly found: readonly Finding[]; readonly components?: readonly ComponentState[] }> {
  const answer = await reachInTurn(base, "readyz", "GET", key).catch(() => undefined);
  const body = answer?.body;
  if (key !== undefined && answer?.status === 401 && textOf(body, "code") === "unauthorized") {
    const { found, components } = await examineServer(base, undefined);
    const refused = warning("key", "the server does not know it, or it is over, or has been revoked", "carillon key list shows those that hold.");
    return { found: [...found, refused], ...(components && { components }) };
  }
  // Something else may listen there.
  if (typeof body !== "object" || body === null || !("components" in body) || !Array.isArray(body.components))
    return { found: [ok("server", "does not run here")] };
  return { found: [ok("server", `runs at ${base}`)], components: body.components.filter(isComponent) };
}

function isComponent(value: unknown): value is ComponentState {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" && "ready" in value;
}
