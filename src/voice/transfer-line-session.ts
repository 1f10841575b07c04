import type { Log } from "../kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import { refusedBy, type Trunk } from "./trunk.ts";
import type { TrunkTries } from "./trunk-engine.ts";

/** Where the second leg of a transfer may go out. */
export interface LineParts {
  /** Takes a line on a trunk that suits; undefined when none has one. */
  readonly open: (suits: (trunk: Trunk) => boolean) => TrunkTries | undefined | Promise<TrunkTries | undefined>;
  readonly callerId: string;
  readonly log: Log;
}

/** @returns undefined when no trunk may call the number, or none has a line; said aloud */
export async function openFor(parts: LineParts, to: PhoneNumber): Promise<TrunkTries | undefined> {
  const { tries, refusals } = await tryOpen(parts, to);
  if (!tries)
    parts.log.warn(
      refusals.length > 0 ? { reason: refusals.join("; ") } : {},
      refusals.length > 0 ? "transfer refused" : "no line free for a transfer",
    );
  return tries;
}

/** Why a number cannot be called, for people. A line is taken and given back for it: only so it is known that there is one. */
export async function refusalOf(parts: LineParts, to: string): Promise<string | undefined> {
  if (!isPhoneNumber(to)) return `${to} is no number; give it as +15550100200.`;
  const { tries, refusals } = await tryOpen(parts, to);
  tries?.release();
  if (tries) return undefined;
  return refusals.length > 0 ? `${to} must not be called: ${refusals.join("; ")}.` : `No line is free to call ${to} just now.`;
}

async function tryOpen(
  { open, callerId }: LineParts,
  to: PhoneNumber,
): Promise<{ readonly tries: TrunkTries | undefined; readonly refusals: readonly string[] }> {
  const refusals = new Set<string>();
  const tries = await open((trunk) => {
    const refused = refusedBy(trunk, to, callerId);
    if (refused !== undefined) refusals.add(refused);
    return refused === undefined;
  });
  return { tries, refusals: [...refusals] };
}
