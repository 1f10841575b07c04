import { Type } from "typebox";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { problemResponses } from "../schema/common.ts";
import { reloadSchema, showTrunk, trunkSchema } from "../schema/trunk.ts";

const tags = ["trunks"];

export function addTrunks(app: App, { trunkControl }: ApiParts): void {
  app.get(
    "/api/v1/trunks",
    {
      schema: {
        tags,
        summary: "All trunks, as they stand on this node",
        response: { 200: Type.Object({ items: Type.Array(trunkSchema) }), ...problemResponses(401, 429, 503) },
      },
    },
    async () => ({ items: trunkControl.all().map(showTrunk) }),
  );

  app.post(
    "/api/v1/trunks/reload",
    {
      schema: {
        tags,
        summary: "Read the configuration anew",
        description:
          "This node takes over `trunks`, `routes`, `callerIds`, `destinations` and `identity` as SIGHUP does: calls that are up go on, and what is known of trunks that are as they were stays. A configuration with faults changes nothing; `errors` has them all.",
        response: { 200: reloadSchema, ...problemResponses(401, 422, 429, 503) },
      },
    },
    async () => {
      try {
        const { changed, needsRestart } = trunkControl.reload();
        return { changed: [...changed], needsRestart: [...needsRestart] };
      } catch (error) {
        throw error instanceof Fault && error.code === "config-invalid" ? placed(error) : error;
      }
    },
  );
}

/** Each fault of a configuration begins with its place: `carillon.yaml:3:5 trunks.0.host: …`. */
function placed(fault: Fault): Fault {
  const faults: unknown = fault.detail["faults"];
  const lines = Array.isArray(faults) ? faults.map(String) : [];
  const places = lines.map((message) => ({ pointer: /(?:^|\s)([A-Za-z]\w*(?:\.\w+)*):\s/.exec(message)?.[1] ?? "", message }));
  return placedFault("config-invalid", fault.message, places, { cause: fault });
}
