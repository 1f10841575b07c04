/** `fault`: it does not work. `warning`: it works, and will not for ever or not well. */
export type Grade = "ok" | "warning" | "fault";

/** What one look came to. */
export interface Finding {
  /** `database`, `freeswitch:media-1`. */
  readonly what: string;
  readonly grade: Grade;
  /** What was seen, on one line. */
  readonly seen: string;
  /** What to do about it; always there when it is no `ok`. */
  readonly advice?: string;
}

export function ok(what: string, seen: string): Finding {
  return { what, grade: "ok", seen };
}

export function warning(what: string, seen: string, advice: string): Finding {
  return { what, grade: "warning", seen, advice };
}

export function fault(what: string, seen: string, advice: string): Finding {
  return { what, grade: "fault", seen, advice };
}

/** What an error says, on one line. Of several tries to connect, each (Node gives such errors no message of their own). */
export function saidBy(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return [...new Set(error.errors.map(saidBy))].join("; ");
  return error instanceof Error ? error.message : String(error);
}
