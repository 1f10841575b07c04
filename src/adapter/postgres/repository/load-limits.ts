import type pg from "pg";
import type { Clock, Timer } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf, databaseFault } from "../faults.ts";
import type { Turns } from "./copy-into.ts";

/** How long an import may stand, ms. */
export interface LoadLimits {
  /** For what somebody else holds: another import into the same list, say. */
  readonly lockMs: number;
  /** In one statement: to take millions of people off a list may take minutes. */
  readonly statementMs: number;
  /** With its transaction open and nothing heard of its process. */
  readonly idleMs: number;
}

/** Who sends a file is let go when nothing moves for two minutes: they hear of a lock before. */
export const usualLoadLimits: LoadLimits = { lockMs: 90_000, statementMs: 3_600_000, idleMs: 60_000 };

/** For the transaction that the client is in: its server keeps them, whatever becomes of this process. */
export async function limitLoad(client: pg.ClientBase, { lockMs, statementMs, idleMs }: LoadLimits): Promise<void> {
  const text =
    "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true), set_config('idle_in_transaction_session_timeout', $3, true)";
  await client.query(text, [`${lockMs}`, `${statementMs}`, `${idleMs}`]);
}

/** SQLSTATE (PostgreSQL, appendix A): lock_not_available, query_canceled, idle_in_transaction_session_timeout. */
const standing: Readonly<Record<string, (limits: LoadLimits) => string>> = {
  "55P03": ({ lockMs }) =>
    `The import has waited ${seconds(lockMs)} for something that somebody else holds in the database: another import into the same list, or a lock that was forgotten (pg_locks has it).`,
  "57014": ({ statementMs }) => `A statement of the import was ended, by somebody or because it took longer than ${seconds(statementMs)}.`,
  "25P03": ({ idleMs }) => `The database has ended the import, for it heard nothing of this process for ${seconds(idleMs)}.`,
};

/** The fault that a failed statement of an import is. One that stood too long is `import-stuck` (retryable). */
export function loadFault(error: unknown, doing: string, limits: LoadLimits): Fault {
  const stood = error instanceof Fault ? undefined : standing[codeOf(error)];
  if (stood === undefined) return databaseFault(error, doing);
  return new Fault("import-stuck", `${stood(limits)} Nothing was imported; try again.`, { cause: error, retryable: true });
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/**
 * Tells the database that an import goes on while its file comes slowly, so that a transaction of which nothing is heard is one that nobody goes on with: that of a process that
 * hangs, or was stopped.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #beat: () => Promise<unknown>;
  #timer: Timer | undefined;

  constructor(client: pg.ClientBase, turns: Turns, clock: Clock, { idleMs }: LoadLimits) {
    this.#clock = clock;
    this.#everyMs = idleMs / 3;
    this.#beat = () => turns.take(() => client.query("select 1"));
    this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    const timer = this.#clock.after(this.#everyMs, () => {
      const again = () => {
        if (this.#timer === timer) this.#wait();
      };
      // What has failed is heard of by whoever takes the next turn.
      this.#beat().then(again, () => undefined);
    });
    this.#timer = timer;
  }
}
