import type { AttemptLog } from "../attempt/ports.ts";
import type { NodeRegistry, Orphan } from "../attempt/recovery-ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Aftermath, aftermathOf } from "./aftermath.ts";
import type { Media, Signalling } from "./ports.ts";

export interface RecoveryParts {
  readonly registry: NodeRegistry;
  readonly attempts: AttemptLog;
  readonly signalling: Signalling;
  readonly media: Media;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
}

/**
 * How long the media server is given to say goodbye to somebody whose process died. The goodbye we ship lasts three
 * and a half seconds and began at the moment of death.
 */
const goodbyeMs = 4000;
const aliveCheckMs = 100;
/** How often a conversation that was taken over, or a leg that can only be ended once it is answered, is looked at. */
const legCheckMs = 250;
/** Legs cleared up at once: enough to be quick, few enough for one drachtio-server. */
const atOnce = 50;

/** An orphan, and the ladder of what is done about it. */
interface Found {
  readonly orphan: Orphan;
  readonly aftermath: Aftermath;
}

export interface Recovery {
  readonly attempts: number;
  readonly channels: number;
  /** Resolves when everything found has been cleared up, conversations that were taken over included. Never rejects. */
  readonly done: Promise<void>;
}

/**
 * Clears up after a dead process: rings nobody on, ends every leg after its goodbye, leaves connected people talking and
 * ends both of their legs when one of them hangs up. What was in flight becomes `interrupted` and is never repeated.
 * Resolves as soon as it is known what there is to clear up.
 * @param sweep whether channels of this node's earlier life are looked for too: only before this life has opened any
 */
export async function recover(parts: RecoveryParts, sweep: boolean): Promise<Recovery> {
  const { registry, media, clock, node, log } = parts;
  const orphans = await registry.takeOrphans(node, clock.now());
  const found = orphans.map((orphan): Found => ({ orphan, aftermath: aftermathOf(orphan, parts.signalling, clock) }));
  const over = ({ aftermath: { signalling } }: Found): RecoveryParts => ({ ...parts, signalling });
  const channels = sweep ? await media.orphans() : [];
  if (orphans.length + channels.length > 0) {
    log.warn({ attempts: orphans.length, channels: channels.length }, "clearing up after a process that died");
  }
  const deadline = clock.now() + goodbyeMs;
  const owned = new Set(orphans.flatMap(({ legIds, peer }) => [legIds.endpointId, peer?.endpointId]));
  const clear = async () => {
    // Nobody's telephone rings on while others are waited for.
    await inLanes(found, (each) => silence(over(each), each.orphan));
    await Promise.all([
      inLanes(
        found.filter(({ orphan }) => !lasts(orphan)),
        (each) => clearUp(parts, each, () => release(over(each), each, deadline)),
      ),
      ...found.filter(({ orphan }) => lasts(orphan)).map((each) => clearUp(parts, each, () => takeOver(over(each), each, deadline))),
      inLanes(
        channels.filter(({ endpointId }) => !owned.has(endpointId)),
        (channel) => endChannel(parts, channel, deadline),
      ),
    ]);
  };
  return { attempts: orphans.length, channels: channels.length, done: clear() };
}

/** Whether it may take long until its legs are over. */
function lasts({ peer, ringsUntil }: Orphan): boolean {
  return peer !== undefined || ringsUntil !== undefined;
}

/**
 * Ends whatever of an attempt still rings. Whether it was answered in the last instant is only known to drachtio-server,
 * so its dialog is ended later all the same.
 */
async function silence({ signalling, log }: RecoveryParts, { attemptId, state, legIds, peer }: Orphan): Promise<void> {
  try {
    await Promise.all([
      state !== "answered" && legIds.transactionId ? signalling.cancelTransaction(legIds.transactionId) : undefined,
      peer?.transactionId ? signalling.cancelTransaction(peer.transactionId) : undefined,
    ]);
  } catch (error) {
    log.error({ err: error, attempt: attemptId }, "the ringing of a dead process could not be canceled");
  }
}

/** Whatever becomes of the legs, the attempt is ended: it stays in flight for as long as somebody is on the line. */
async function clearUp({ attempts, clock, log }: RecoveryParts, { orphan, aftermath }: Found, legs: () => Promise<void>): Promise<void> {
  const { attemptId, state, peer } = orphan;
  try {
    await legs();
  } catch (error) {
    log.error({ err: error, attempt: attemptId }, "a leg of a dead process could not be cleared up");
  }
  try {
    const ladder = aftermath.take();
    const reason = `the server stopped while the call was ${state}`;
    // Whoever was alone with us got no agent: where one was promised, that is abandonment.
    const live = state === "answered" && !peer ? ("abandoned" as const) : undefined;
    await attempts.finish(attemptId, { at: clock.now(), result: "interrupted", reason, ...(live && { live }), ...(ladder && { ladder }) });
  } catch (error) {
    log.error({ err: error, attempt: attemptId }, "an interrupted attempt could not be ended in the database");
  }
}

/** Ends the leg of somebody who is alone, after the goodbye; who picked up when nobody was there any more hears none, and is not kept. */
async function release(parts: RecoveryParts, { orphan, aftermath }: Found, deadline: number): Promise<void> {
  const { media } = parts;
  const { dialogId, mediaServer, endpointId } = orphan.legIds;
  const late = await pickedUpLate(parts, orphan);
  if (!late && mediaServer && endpointId) await goodbyeOver(parts, mediaServer, endpointId, deadline);
  if (!late && dialogId && !(await hangUp(parts, dialogId, orphan.ringsUntil))) aftermath.note("its leg was gone already");
  if (mediaServer && endpointId) await media.kill(mediaServer, endpointId);
}

/**
 * Ends a leg that was answered after its process had died. Its channel was never connected to it and can no longer be: FreeSWITCH takes
 * no other address than the one it was told (switch_rtp.c, SWITCH_RTP_FLAG_AUTOADJ), so the goodbye is spoken to nobody.
 * @returns false when there is no such leg yet; an answer may still cross the CANCEL
 */
async function pickedUpLate({ signalling, media, log }: RecoveryParts, { attemptId, state, legIds }: Orphan): Promise<boolean> {
  const { dialogId, mediaServer, endpointId } = legIds;
  if (state === "answered" || !dialogId || !mediaServer || !endpointId) return false;
  // The answer may not have been written down any more.
  if (await media.hasPlayed(mediaServer, endpointId)) return false;
  if ((await signalling.endDialog(dialogId)) === "gone") return false;
  log.info({ attempt: attemptId }, "hung up on somebody who had picked up after the process died");
  return true;
}

/**
 * A leg whose transaction was never stored cannot be canceled: it is waited for until it has been answered, or rings no more.
 * @returns false when there was nothing to end
 */
async function hangUp({ signalling, clock }: RecoveryParts, dialogId: string, ringsUntil = 0): Promise<boolean> {
  while ((await signalling.endDialog(dialogId)) === "gone") {
    if (clock.now() >= ringsUntil) return false;
    await pause(clock, legCheckMs);
  }
  return true;
}

/**
 * A person for whom somebody else had been called. If the two talk they are left alone; when one hangs up, the other and
 * both channels are released. If they do not, or not any more, one of the four is gone soon: nobody needs to know which.
 */
async function takeOver(parts: RecoveryParts, found: Found, deadline: number): Promise<void> {
  const { orphan, aftermath } = found;
  const { signalling, media, clock, log } = parts;
  const { dialogId, mediaServer, endpointId } = orphan.legIds;
  const { peer } = orphan;
  const peerServer = peer?.mediaServer ?? mediaServer;
  if (peer && dialogId && mediaServer && peerServer && endpointId) {
    log.info({ attempt: orphan.attemptId }, "taking over a conversation of a dead process");
    aftermath.note("left to talk, if they do");
    const over = new AbortController();
    const closed = async (server: string, id: string) => {
      while (!over.signal.aborted && (await media.alive(server, id))) await pause(clock, legCheckMs);
    };
    const hungUp = (id: string) => signalling.adopt(id, over.signal);
    await Promise.race([hungUp(dialogId), hungUp(peer.dialogId), closed(mediaServer, endpointId), closed(peerServer, peer.endpointId)]);
    over.abort();
  }
  await Promise.all([peer && hangUp(parts, peer.dialogId, peer.ringsUntil), release(parts, found, deadline)]);
  if (peer && peerServer) await media.kill(peerServer, peer.endpointId);
}

async function goodbyeOver({ media, clock }: RecoveryParts, mediaServer: string, endpointId: string, deadline: number): Promise<void> {
  while (clock.now() < deadline && (await media.alive(mediaServer, endpointId))) {
    // Whose partner hung up while nobody looked hears nothing and is told nothing.
    if (await media.waits(mediaServer, endpointId)) return;
    await pause(clock, aliveCheckMs);
  }
}

async function endChannel(
  parts: RecoveryParts,
  channel: { readonly mediaServer: string; readonly endpointId: string },
  deadline: number,
): Promise<void> {
  const { media, log } = parts;
  try {
    await goodbyeOver(parts, channel.mediaServer, channel.endpointId, deadline);
    if (await media.alive(channel.mediaServer, channel.endpointId)) await media.kill(channel.mediaServer, channel.endpointId);
  } catch (error) {
    log.error({ err: error, endpoint: channel.endpointId }, "a channel of a dead process could not be ended");
  }
}

/** Works through a list, so many at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
