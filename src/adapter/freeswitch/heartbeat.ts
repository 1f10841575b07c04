import type { EslEvent } from "./modesl.ts";

/** What a FreeSWITCH tells of itself every 20 s. */
export interface SaidOfItself {
  /** Sessions there that are not ours. */
  readonly others: number;
  /** What it takes at once, at most. */
  readonly maxSessions: number;
  /** Share of its CPU that is idle, 0..1. */
  readonly idleCpu: number;
}

/**
 * Reads a HEARTBEAT event (switch_core.c, send_heartbeat).
 * @param own sessions there that are ours just now
 * @returns undefined when one of the figures is missing or is none
 */
export function readHeartbeat(event: EslEvent, own: number): SaidOfItself | undefined {
  const [sessions, maxSessions, idle] = ["Session-Count", "Max-Sessions", "Idle-CPU"].map((name) => Number(event.getHeader(name) ?? Number.NaN));
  if (!isCount(sessions) || !isCount(maxSessions) || idle === undefined || !(idle >= 0 && idle <= 100)) return undefined;
  return { others: Math.max(0, sessions - own), maxSessions, idleCpu: idle / 100 };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
