import type { FastifyRequest } from "fastify";
import { roles } from "../../access/role.ts";
import { Fault } from "../../kernel/fault.ts";
import { dots, holdsDots, masked } from "../../privacy/mask.ts";
import { hidingOf } from "../../privacy/masking.ts";
import type { ApiParts, App } from "../parts.ts";

/**
 * Hides of people what the caller's role does not see, in every answer of a route that shows people. What is no object (a stream, a file) is its route's to mask. What was hidden
 * does not come back: a change that holds the dots is refused. Must be added after what asks who somebody is.
 */
export function addMasking(app: App, { masking }: Pick<ApiParts, "masking">): void {
  const hidings = new Map(roles.map((role) => [role, hidingOf(masking, role)]));
  const hiddenFrom = ({ caller, rule }: FastifyRequest) => (caller === undefined || rule?.people !== true ? undefined : hidings.get(caller.role));

  app.addHook("preHandler", (request, _reply, done) => {
    const hiding = hiddenFrom(request);
    if (hiding === undefined || hiding.hides.size === 0) return done();
    if (holdsDots(request.body))
      throw new Fault("request-invalid", `The body holds ${dots}, which stands for what you do not see: it would take the place of what is there.`);
    done();
  });

  app.addHook("preSerialization", (request, _reply, payload: unknown, done) => {
    const hiding = hiddenFrom(request);
    done(null, hiding === undefined ? payload : masked(payload, hiding));
  });
}
