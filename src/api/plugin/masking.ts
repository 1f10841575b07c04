import { Fault } from "../../kernel/fault.ts";
import { dots, holdsDots, masked } from "../../privacy/mask.ts";
import { hidingOf } from "../../privacy/masking.ts";
import type { ApiParts, App } from "../parts.ts";

/**
 * Hides of people what the caller's role does not see, in every answer of a route that shows people. What is no object (a stream, a file) is its route's to mask. What was hidden
 * does not come back: a change that holds the dots is refused. Must be added after what asks who somebody is.
 */
export function addMasking(app: App, { masking }: Pick<ApiParts, "masking">): void {
  app.addHook("preHandler", ({ caller, rule, body }, _reply, done) => {
    if (caller === undefined || rule?.people !== true || hidingOf(masking, caller.role).hides.size === 0) return done();
    if (holdsDots(body))
      throw new Fault("request-invalid", `The body holds ${dots}, which stands for what you do not see: it would take the place of what is there.`);
    done();
  });

  app.addHook("preSerialization", ({ caller, rule }, _reply, payload: unknown, done) =>
    done(null, caller === undefined || rule?.people !== true ? payload : masked(payload, hidingOf(masking, caller.role))),
  );
}
