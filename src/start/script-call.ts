import type { Caller, TransferEnd, TransferRequest } from "../ivr/ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { LineCaller, type Person } from "../voice/caller-session.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import { type AddressOrder, type Ring, ringAddress } from "../voice/invite-session.ts";
import type { Dialog, Endpoint, Signalling } from "../voice/ports.ts";

/*
 * One call to one SIP address, outside every campaign: nothing is reserved, asked of the gate or written. For trying scripts only.
 */

const mediaTries = 4;
const mediaPauseMs = 1000;

export interface LoneCallParts {
  readonly signalling: Signalling;
  readonly pool: EndpointPool;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LoneCall<T> extends Omit<AddressOrder, "leg"> {
  readonly transfer: (request: TransferRequest, person: Person) => Promise<TransferEnd>;
  /** Takes the person who answered through the script. */
  readonly talk: (caller: Caller) => Promise<T>;
  /** Aborted, the call is over: whatever rings is taken back, whoever is on the line is hung up on. */
  readonly stop?: AbortSignal;
  readonly onRinging?: () => void;
}

export type LoneCallEnd<T> = { readonly answered: true; readonly talked: T } | Extract<Ring, { answered: false }>;

/**
 * Places the call and lives until nothing of it is left.
 * @throws Fault `media-unavailable`, and what `talk` threw
 */
export async function placeLoneCall<T>({ signalling, pool, clock, log }: LoneCallParts, call: LoneCall<T>): Promise<LoneCallEnd<T>> {
  const endpoint = await mediaFor({ pool, clock });
  const ringing = ringAddress(signalling, clock, { ...call, leg: signalling.nameLeg(endpoint.via) }, endpoint, {
    sent() {},
    ringing: () => call.onRinging?.(),
  });
  const withdraw = () => ringing.withdraw();
  if (call.stop?.aborted) withdraw();
  call.stop?.addEventListener("abort", withdraw, { once: true });
  const rung = await ringing.end;
  call.stop?.removeEventListener("abort", withdraw);
  if (!rung.answered) {
    await endpoint.close();
    return rung;
  }
  log.debug({ callId: rung.dialog.callId }, "answered");
  return { answered: true, talked: await converse(call, endpoint, rung.dialog, rung.sdp) };
}

/** A session for one leg. A media server that is held up may have it a moment later. @throws Fault `media-unavailable` */
export async function mediaFor({ pool, clock }: Pick<LoneCallParts, "pool" | "clock">): Promise<Endpoint> {
  for (let tried = 1; ; tried++) {
    const [endpoint] = await pool.acquire(1);
    if (endpoint) return endpoint;
    if (tried === mediaTries) throw new Fault("media-unavailable", "no FreeSWITCH has a free media session just now", { retryable: true });
    await pause(clock, mediaPauseMs);
  }
}

async function converse<T>({ talk, transfer, stop }: LoneCall<T>, endpoint: Endpoint, dialog: Dialog, sdp: string): Promise<T> {
  const hangUp = () => void dialog.end();
  stop?.addEventListener("abort", hangUp, { once: true });
  if (stop?.aborted) hangUp();
  try {
    await Promise.race([endpoint.attach(sdp), dialog.ended]);
    return await talk(new LineCaller(endpoint, dialog, transfer));
  } finally {
    stop?.removeEventListener("abort", hangUp);
    await dialog.end();
    await endpoint.close();
  }
}
