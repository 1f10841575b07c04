import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { StarterOptions } from "./repository/campaign-starter.ts";
import type { EvidenceSeals } from "./repository/evidence-key.ts";

/** How the stores of one process are opened. */
export interface StoresOptions {
  readonly url: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Shown to the server as part of the connection's name, to tell nodes apart there. */
  readonly node?: string;
  /** Connections of the hot paths, at most; the ORM has up to 4 besides. Default 8. */
  readonly poolSize?: number;
  /** See AttemptLogOptions. */
  readonly beginWindowMs?: number;
  readonly recordWindowMs?: number;
  /** See NodeRegistryOptions. */
  readonly leaseMs?: number;
  /** File for what the database does not take (opt-outs, endings); what is in it is written first. None: lost with the process. */
  readonly spoolFile?: string;
  /** Opens the key of the hashes of people. None: only where it is not sealed. */
  readonly seals?: EvidenceSeals;
  /** How campaigns over long lists are started. */
  readonly starts?: StarterOptions;
}
