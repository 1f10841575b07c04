import type { CallingMode, PacingWishes } from "../attempt/calling-mode.ts";
import type { Order } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { Detection } from "./amd/campaign.ts";
import type { AgentCall } from "./queue-ports.ts";

/** A call that was placed because somebody will have time for whoever answers. */
export interface PacedCall {
  /** Where agents talk with them. */
  readonly agentCall?: AgentCall;
  /** Somebody, or something, has answered. */
  answered(): void;
  /** It is over, or was never placed: then without a result. */
  ended(result: Result | undefined): void;
}

/** How many calls of one campaign are placed, by who will have time for whoever answers. */
export interface CallPacing {
  /**
   * Calls to place now. Asked only when every call that was decided on before has its order, or will have none: nothing is decided twice.
   * @param room what lines, trunks and rates allow; a whole number
   */
  decide(room: number): number;
  /** An order was pulled for a call that was decided on. */
  placed(order: Order): PacedCall;
}

/** A campaign, as far as it matters for how many calls are placed. */
export interface PacedCampaign {
  readonly campaignId: string;
  readonly mode?: CallingMode;
  readonly pacing?: PacingWishes;
  readonly listId?: string;
  readonly detection?: Detection;
}

/** The pacing of all campaigns that do not simply dial as fast as they may. */
export interface CallPacings {
  /**
   * Takes a campaign up, or follows what was changed of it.
   * @param wake called whenever it is worth asking again; it is asked once a second in any case
   */
  follow(campaign: PacedCampaign, wake: () => void): CallPacing;
  /** The campaign is not dialled any more, and its last call is over. */
  leave(campaignId: string): void;
}
