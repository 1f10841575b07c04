import type { ProblemCode } from "./operations.ts";

/** One place of a request that is wrong. */
export interface ProblemPlace {
  /** JSON Pointer (RFC 6901) into the body; `query`, `path` or `header` followed by one; or `line:column` of a document. */
  readonly pointer: string;
  readonly message: string;
}

/** A refusal (a problem document, RFC 9457), or an answer that is none of ours. */
export class CarillonProblem extends Error {
  /** Of HTTP. */
  readonly status: number;
  /** What programs look at: it is stable. `unknown` when what answered is no Carillon, such as a proxy on the way. */
  readonly code: ProblemCode | "unknown";
  readonly title: string;
  readonly errors: readonly ProblemPlace[];
  /** When it may be tried again, in ms from then; undefined where the server does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(operation: string, { status, headers }: Pick<Response, "status" | "headers">, body: unknown) {
    const detail = textOf(body, "detail") ?? `${status}, and no problem document: is a Carillon there?`;
    super(`${operation}: ${detail}`);
    this.name = "CarillonProblem";
    this.status = status;
    this.code = (textOf(body, "code") as ProblemCode | undefined) ?? "unknown";
    this.title = textOf(body, "title") ?? "";
    this.errors = placesOf(body);
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  }
}

function propertyOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
}

function textOf(body: unknown, name: string): string | undefined {
  const value = propertyOf(body, name);
  return typeof value === "string" ? value : undefined;
}

function placesOf(body: unknown): readonly ProblemPlace[] {
  const errors = propertyOf(body, "errors");
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) => ({ pointer: textOf(error, "pointer") ?? "", message: textOf(error, "message") ?? "" }));
}
