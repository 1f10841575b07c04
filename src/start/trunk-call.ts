import type { SipNote } from "../attempt/ladder.ts";
import type { PromptFile } from "../ivr/ports.ts";
import { pause } from "../kernel/clock.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import { LineCaller } from "../voice/caller-session.ts";
import { type InviteOrder, ring } from "../voice/invite-session.ts";
import type { Dialog, Endpoint } from "../voice/ports.ts";
import { watchSignalling } from "../voice/trace-session.ts";
import type { Trunk } from "../voice/trunk.ts";
import type { TrunkCallEnd } from "../voice/trunk-verdict.ts";
import { type LoneCallParts, mediaFor } from "./script-call.ts";

/*
 * One call over one trunk, outside every campaign, that says what it sees. For trying trunks only.
 */

const countEveryMs = 250;
/** Time to press a key after the prompt. */
const keyWithinMs = 5000;
/** Without a key: however quick the machine at the other end, its sound is given that long to come in. */
const listenMs = 1000;

export interface TrunkCall {
  readonly trunk: Trunk;
  readonly to: PhoneNumber;
  readonly callerId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ringTimeoutMs: number;
  /** Asks whoever answers to press a key. */
  readonly prompts: readonly PromptFile[];
  /** Resolves when the INVITE may leave. */
  readonly turn?: () => Promise<void>;
  readonly stop?: AbortSignal;
  /** Is told of every step as it happens. */
  readonly show: (step: SipNote | string) => void;
}

/**
 * Places the call and lives until nothing of it is left.
 * @throws Fault `media-unavailable`
 */
export async function placeTrunkCall(parts: LoneCallParts, call: TrunkCall): Promise<TrunkCallEnd> {
  const { clock } = parts;
  const notes: SipNote[] = [];
  const note = (sip: SipNote) => {
    notes.push(sip);
    call.show(sip);
  };
  const endpoint = await mediaFor(parts);
  call.show(`media: a session on FreeSWITCH ${endpoint.mediaServer}`);
  const signalling = watchSignalling(parts.signalling, () => note);
  const order: InviteOrder = { ...call, leg: signalling.nameLeg(endpoint.via) };
  call.show(`Call-ID ${order.leg.callId}`);
  await call.turn?.();
  const ringing = ring(signalling, clock, order, endpoint, { sent() {}, ringing() {} });
  const withdraw = () => ringing.withdraw();
  if (call.stop?.aborted) withdraw();
  call.stop?.addEventListener("abort", withdraw, { once: true });
  const rung = await ringing.end;
  call.stop?.removeEventListener("abort", withdraw);
  if (!rung.answered) {
    await endpoint.close();
    return { rung, notes, packetsIn: 0, key: false };
  }
  return { rung, notes, ...(await converse(parts, call, endpoint, rung.dialog, rung.sdp)) };
}

async function converse({ clock }: LoneCallParts, { show, prompts, stop }: TrunkCall, endpoint: Endpoint, dialog: Dialog, sdp: string) {
  const hangUp = () => void dialog.end();
  stop?.addEventListener("abort", hangUp, { once: true });
  if (stop?.aborted) hangUp();
  let packetsIn = 0;
  let over = false;
  const count = async () => {
    const before = packetsIn;
    packetsIn = Math.max(packetsIn, await endpoint.packetsReceived().catch(() => 0));
    if (before === 0 && packetsIn > 0) show("media: RTP comes in");
  };
  try {
    await Promise.race([endpoint.attach(sdp), dialog.ended]);
    const counting = (async () => {
      while (!over && packetsIn === 0) {
        await count();
        await pause(clock, countEveryMs);
      }
    })();
    const line = new LineCaller(endpoint, dialog, async () => "failed");
    show("media: asking for a key");
    const request = { prompts, minDigits: 1, maxDigits: 1, firstDigitMs: keyWithinMs, interDigitMs: 1000, terminators: "", bargeIn: true };
    const collected = await line.collect(request);
    const key = collected.end === "digits";
    const gone = collected.end === "hung-up" || collected.end === "lost";
    if (!gone && packetsIn === 0) await Promise.race([pause(clock, listenMs), line.left]);
    if (!gone) await count();
    over = true;
    await counting;
    show(
      key ? "media: a key was pressed, so we are heard" : gone ? "media: the call was ended before a key was pressed" : "media: no key was pressed",
    );
    return { packetsIn, key, ...(gone && { left: true as const }) };
  } finally {
    over = true;
    stop?.removeEventListener("abort", hangUp);
    await dialog.end();
    await endpoint.close();
  }
}
