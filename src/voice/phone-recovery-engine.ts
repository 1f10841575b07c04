import { type Clock, pause } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { KeptLeg, PhoneLegs } from "./phone-store-ports.ts";
import type { Media, Signalling } from "./ports.ts";
import type { SecondLegStore } from "./second-leg-ports.ts";

export interface PhoneRecoveryParts {
  readonly legs: PhoneLegs;
  readonly secondLegs: Pick<SecondLegStore, "endLeft">;
  readonly signalling: Signalling;
  readonly media: Media;
  readonly clock: Clock;
  readonly log: Log;
}

/** FreeSWITCH says goodbye by itself to a telephone whose process died; that takes no longer. */
const goodbyeMs = 4000;
const checkMs = 250;

/**
 * Hangs up the telephones of processes that died. Who is in a conversation is left to it.
 * @returns what resolves when none is left; it never rejects. Rejects itself when the database is away
 */
export async function recoverPhones(parts: PhoneRecoveryParts): Promise<{ readonly done: Promise<void> }> {
  const { legs, secondLegs, clock, log } = parts;
  const dead = await legs.takeDead();
  if (dead.length > 0) log.warn({ telephones: dead.length }, "hanging up telephones of a process that died");
  const clear = async (leg: KeptLeg) => {
    try {
      await end(parts, leg);
      await legs.forget(leg.dialogId);
      await secondLegs.endLeft(clock.now());
    } catch (error) {
      log.error({ err: error, agent: leg.agentId }, "a telephone of a dead process could not be hung up");
    }
  };
  return { done: Promise.all(dead.map(clear)).then(() => {}) };
}

async function end(parts: PhoneRecoveryParts, leg: KeptLeg): Promise<void> {
  const { signalling, media, clock } = parts;
  const { dialogId, mediaServer, endpointId, transactionId, ringsUntil = 0 } = leg;
  if (transactionId !== undefined) await signalling.cancelTransaction(transactionId);
  else if (ringsUntil === 0) await spokenOut(parts, leg);
  // Whether it was answered in the last instant is only known to drachtio-server.
  while ((await signalling.endDialog(dialogId)) === "gone" && clock.now() < ringsUntil) await pause(clock, checkMs);
  await media.kill(mediaServer, endpointId);
}

/**
 * Until its conversation is over, or the goodbye of one that had none. Whoever hangs up is answered by drachtio-server, which forgets the dialog and tells
 * nobody: FreeSWITCH would keep the other one in silence.
 */
async function spokenOut({ signalling, media, clock }: PhoneRecoveryParts, { dialogId, mediaServer, endpointId, attemptId }: KeptLeg): Promise<void> {
  const known = new AbortController();
  const deadline = clock.now() + goodbyeMs;
  // Alone again, it waits: then the conversation is over.
  const goesOn = async () => (await media.alive(mediaServer, endpointId)) && !(await media.waits(mediaServer, endpointId));
  const parted = async () => {
    while (!known.signal.aborted && (attemptId !== undefined || clock.now() < deadline) && (await goesOn())) await pause(clock, checkMs);
  };
  await Promise.race([parted(), ...(attemptId === undefined ? [] : [signalling.adopt(dialogId, known.signal)])]);
  known.abort();
}
