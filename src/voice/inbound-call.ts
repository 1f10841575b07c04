import type { AttemptLog } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { EndpointPool } from "./endpoint-pool-engine.ts";
import type { CallerHeaders } from "./identity-engine.ts";
import type { Refused } from "./inbound.ts";
import type { IncomingCall } from "./inbound-ports.ts";
import type { InboundLog } from "./number-ports.ts";
import type { Media, ReadyScript, Scripts, Signalling } from "./ports.ts";
import type { AgentLine } from "./queue-ports.ts";
import type { SecondLegs } from "./second-leg-engine.ts";
import type { Trunk } from "./trunk.ts";
import type { Trunks } from "./trunk-engine.ts";

/* What a call from outside is given. */

export interface InboundParts {
  readonly record: InboundLog;
  readonly attempts: AttemptLog;
  /** For the second legs of transfers. */
  readonly signalling: Signalling;
  readonly media: Media;
  readonly pool: EndpointPool;
  readonly scripts: Scripts;
  /** Says a text and hangs up; the usual one when left out. */
  readonly message: (text?: string) => Promise<ReadyScript>;
  readonly trunks: Trunks;
  readonly callerHeaders: CallerHeaders;
  /** As in `CallParts`. */
  readonly secondLegs: Pick<SecondLegs, "begin">;
  /** Where callers wait for agents; without it there are none. */
  readonly line?: AgentLine | undefined;
  /** Names of the caller id pools that have a number. */
  readonly poolsOf: (number: PhoneNumber) => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Inbound {
  readonly call: IncomingCall;
  readonly trunk: Trunk;
  readonly called: PhoneNumber;
  /** Undefined when the caller hides. */
  readonly caller: PhoneNumber | undefined;
  /** Called once, when it was answered or is over before that. */
  readonly settled: () => void;
}

/** What became of it. */
export type InboundEnd =
  | { readonly refused: Refused }
  | { readonly result: Result /** Name of the campaign it was for, if any. */; readonly campaign?: string };
