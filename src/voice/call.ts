import type { AttemptLog, Order } from "../attempt/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Detection } from "./amd/campaign.ts";
import type { CallerIds } from "./caller-id-engine.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import type { CallerHeaders } from "./identity-engine.ts";
import type { Endpoint, ReadyScript, Signalling } from "./ports.ts";
import type { AgentCall, AgentLine } from "./queue-ports.ts";
import type { SecondLegs } from "./second-leg-engine.ts";
import type { TrunkTries } from "./trunk-engine.ts";

/* What a call session is given. */

export interface CallParts {
  readonly attempts: AttemptLog;
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly callerIds: CallerIds;
  readonly callerHeaders: CallerHeaders;
  /** Keeps what transfers take of trunks. */
  readonly secondLegs: Pick<SecondLegs, "begin">;
  /** Where people wait for agents; without it there are none. */
  readonly line?: AgentLine | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Call {
  readonly order: Order;
  readonly script: ReadyScript;
  readonly tries: TrunkTries;
  /** Shared by all tries. */
  readonly ringTimeoutMs: number;
  /** Should its server go away before the call leaves, another is taken. */
  readonly endpoint: Endpoint;
  /** Without it whoever answers is taken for a person, at once. */
  readonly detection?: Detection | undefined;
  /** What is different when it is placed for agents. */
  readonly agentCall?: AgentCall | undefined;
  /** Called once, when somebody or something has answered. */
  readonly answered?: (() => void) | undefined;
  /** Resolves when the campaign may place another call. */
  readonly ownTurn: () => Promise<void>;
  /** When that will be, as far as it is known (epoch ms). */
  readonly leavesAt: () => number;
  /** Called once, when the network has said the first word on this call, or it is over before that. */
  readonly settled: () => void;
}
