import type { FastifyError, FastifyReply } from "fastify";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { App } from "../parts.ts";
import { type ProblemPlace, placedFault, toProblem } from "../problem.ts";
import { idPattern } from "../schema/common.ts";
import { numberPattern } from "../schema/number.ts";
import { securityHeaders } from "./protection.ts";

export const problemType = "application/problem+json; charset=utf-8";

/** Who asks is not known, may not, or asks too often: that is looked for in a log. */
const noticed = new Set([401, 403, 429]);
/** And what does not fit its form, which may be somebody who tries. */
const told = new Set([...noticed, 400, 413, 415]);

/** Makes every error a problem document, and logs those that are ours. */
export function addProblems(app: App, log: Log): void {
  app.setErrorHandler<FastifyError | Fault>((error, request, reply) => {
    const fault = error instanceof Fault ? (unkeepable(error) ?? error) : fromFastify(error);
    const problem = toProblem(fault);
    const facts = { method: request.method, route: request.routeOptions.url, code: fault.code };
    if (problem.status >= 500)
      log.error({ ...facts, error: fault.message, stack: (fault.cause instanceof Error ? fault.cause : fault).stack }, "a request failed");
    else if (told.has(problem.status)) {
      const { ip: address, caller, headers } = request;
      // Who sends no key at all has mistaken the door; who sends a wrong one may be trying.
      const harmless = problem.status === 401 && headers.authorization === undefined;
      // Without its words: they may hold what somebody sent.
      log[noticed.has(problem.status) && !harmless ? "warn" : "info"](
        { ...facts, status: problem.status, address, caller: caller?.name, role: caller?.role },
        "a request was refused",
      );
    }
    if (problem.code === "unauthorized") reply.header("www-authenticate", 'Bearer realm="carillon"');
    const { retryAfterS } = fault.detail;
    if (typeof retryAfterS === "number") reply.header("retry-after", String(retryAfterS));
    else if (problem.status === 503) reply.header("retry-after", "5");
    // Serialized here: a response schema is for the document, not for problems.
    return reply.code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
  });

  app.setNotFoundHandler((request) => {
    throw new Fault("route-unknown", `There is no ${request.method} ${request.url.split("?")[0]}; /docs lists what there is.`);
  });
}

/** Of a path that cannot be read or taken apart, which Fastify answers before there is a route, a key or a hook. */
export function answerBadPath(_error: FastifyError, _request: unknown, reply: FastifyReply): void {
  const problem = toProblem(new Fault("request-invalid", "The path of the request cannot be read, or a part of it is too long."));
  void reply.headers(securityHeaders).code(problem.status).type(problemType).serializer(JSON.stringify).send(problem);
}

/** What Fastify found wrong before a route was asked, in our codes. */
function fromFastify(error: FastifyError): Fault {
  if (error.validation !== undefined) {
    const places = error.validation.flatMap((finding) => placesOf(error.validationContext ?? "body", finding));
    return placedFault("request-invalid", places.map((place) => `${place.pointer} ${place.message}`).join("; "), places);
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new Fault("media-type", "Send application/json, or text/csv for a list, application/yaml for a script, or audio/wav for a prompt.");
  const status = error.statusCode ?? 500;
  if (status === 413)
    return new Fault(
      "request-too-large",
      "A JSON body may have 64 KiB, a script 512 KiB and a recording 16 MiB; a list is sent as text/csv and may have any size.",
    );
  // Fastify's own 4xx messages speak of the request only.
  if (status >= 400 && status < 500) return new Fault("request-invalid", error.message);
  return toFault(error, "internal");
}

/** Values that PostgreSQL has no room for (appendix A: 22021, 22P05: characters; 22003: numbers; 22007, 22008: times; 22P02: halves of characters in JSON). */
const noRoom = new Set(["22021", "22P05", "22003", "22007", "22008", "22P02"]);

/** Of a request with a text, a number or a time that fits its schema and that no database can keep: whose fault it is. */
function unkeepable(fault: Fault): Fault | undefined {
  for (let at: unknown = fault.cause; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && noRoom.has(at.code))
      return new Fault(
        "request-invalid",
        "A value in the request cannot be kept: a text with NUL or half a character, or a number or time out of all range.",
        { cause: fault },
      );
  }
  return undefined;
}

interface Finding {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly params?: Record<string, unknown>;
  readonly message?: string;
}

/** What a pattern wants, for people. */
const patternWords: Readonly<Record<string, string>> = {
  [idPattern]: "must be an id: digits, such as 42",
  [numberPattern]: "must be a number in E.164 form, such as +12125550100",
};

/** Where a part of a request does not fit its schema, and how. @param part body, querystring, headers or params */
export function placesOf(part: string, finding: Finding): readonly ProblemPlace[] {
  const base = `${part === "body" ? "" : part === "querystring" ? "query" : part === "headers" ? "header" : "path"}${finding.instancePath ?? ""}`;
  const named = (names: unknown, message: string) =>
    Array.isArray(names) ? names.map((name) => ({ pointer: `${base}/${String(name)}`, message })) : [];
  switch (finding.keyword) {
    case "required":
      return named(finding.params?.["requiredProperties"], "is missing");
    case "additionalProperties":
      return named(finding.params?.["additionalProperties"], "is not known here");
    // Follows each additionalProperties, and says nothing more.
    case "boolean":
      return [];
    case "enum": {
      const allowed = finding.params?.["allowedValues"];
      return [{ pointer: base, message: `must be one of ${Array.isArray(allowed) ? allowed.join(", ") : "the allowed values"}` }];
    }
    case "pattern":
      return [{ pointer: base, message: patternWords[String(finding.params?.["pattern"])] ?? finding.message ?? "is wrong" }];
    default:
      return [{ pointer: base, message: finding.message ?? "is wrong" }];
  }
}
