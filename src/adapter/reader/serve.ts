/** What a reader is asked: a function of its own, and what that is given. */
export interface Asked {
  readonly id: number;
  readonly name: string;
  readonly work: unknown;
}

/** What it answers. */
export type Answer =
  | { readonly id: number; readonly made: unknown }
  | { readonly id: number; readonly fault: string; readonly stack: string | undefined };

/** Runs in a process of its own: does what is asked, one after the other. Takes and gives what can be cloned (structuredClone). */
export function serveWork(functions: Readonly<Record<string, (work: never) => unknown>>): void {
  const known = new Map<string, (work: never) => unknown>(Object.entries(functions));
  process.on("message", ({ id, name, work }: Asked) => {
    process.send?.(answered(id, () => known.get(name)?.(work as never)));
  });
  process.on("disconnect", () => process.exit());
  // A Ctrl-C goes to the server too, which ends its readers itself when it needs them no more.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
}

function answered(id: number, work: () => unknown): Answer {
  try {
    return { id, made: work() };
  } catch (error) {
    return error instanceof Error ? { id, fault: error.message, stack: error.stack } : { id, fault: String(error), stack: undefined };
  }
}
