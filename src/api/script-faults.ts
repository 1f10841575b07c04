import type { FastifyRequest } from "fastify";
import type { Finding } from "../ivr/finding.ts";
import type { Signature } from "../ivr/script-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { placedFault } from "./problem.ts";

/** Who asks, as releases name it: the key of the request. */
export function signatureOf({ caller }: Pick<FastifyRequest, "caller">, note: string | undefined): Signature {
  return { by: caller === undefined ? "unknown" : `${caller.kind} ${caller.name}`, ...(note !== undefined && { note }) };
}

/** Waits, and makes of what the publish engine found wrong a problem with its places: `line:column`, or `tests`. */
export async function withPlaces<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { findings, failures } = error.detail as { readonly findings?: readonly Finding[]; readonly failures?: readonly string[] };
    if (error.code === "script-invalid" && findings) throw invalid(error, findings);
    if (error.code === "script-tests-failed" && failures) {
      const places = failures.map((message) => ({ pointer: "tests", message }));
      throw placedFault(error.code, `${failures.length} of its tests failed; errors has them.`, places, { cause: error });
    }
    throw error;
  }
}

function invalid(cause: Fault, findings: readonly Finding[]): Fault {
  const errors = findings.filter(({ severity }) => severity === "error");
  const places = errors.map(({ line, column, code, message, fix }) => ({ pointer: `${line}:${column}`, message: `${code}: ${message}. ${fix}` }));
  const counted = `${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
  return placedFault("script-invalid", `The script has ${counted}; line and column are in errors.`, places, { cause });
}
