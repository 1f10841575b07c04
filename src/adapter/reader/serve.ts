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

/** Runs in a process of its own: does what is asked. Takes and gives what can be cloned (structuredClone). */
export function serveWork(functions: Readonly<Record<string, (work: never) => unknown>>): void {
  const known = new Map<string, (work: never) => unknown>(Object.entries(functions));
  process.on("message", ({ id, name, work }: Asked) => {
    void answered(id, () => known.get(name)?.(work as never)).then((answer) => process.send?.(answer));
  });
  process.on("disconnect", () => process.exit());
  // A Ctrl-C goes to the server too, which ends its readers itself when it needs them no more.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
}

/** Never rejects. */
async function answered(id: number, work: () => unknown): Promise<Answer> {
  try {
    return { id, made: await work() };
  } catch (error) {
    return error instanceof Error ? { id, fault: error.message, stack: error.stack } : { id, fault: String(error), stack: undefined };
  }
}
