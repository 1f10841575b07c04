import type { AttemptLog } from "../attempt/ports.ts";
import type { NodeRegistry, Orphan } from "../attempt/recovery-ports.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
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
 * How long the media server is given to say goodbye to somebody whose process died. The goodbye we ship lasts under
 * three seconds and began at the moment of death.
 */
const goodbyeMs = 4000;
const aliveCheckMs = 100;
/** Legs cleared up at once: enough to be quick, few enough for one drachtio-server. */
const atOnce = 50;

export interface Recovery {
  readonly attempts: number;
  readonly channels: number;
  /** Resolves when everything found has been cleared up. */
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
  const channels = sweep ? await media.orphans() : [];
  if (orphans.length + channels.length > 0) {
    log.warn({ attempts: orphans.length, channels: channels.length }, "clearing up after a process that died");
  }
  const deadline = clock.now() + goodbyeMs;
  const adopted = new Set(orphans.flatMap((orphan) => (orphan.peer ? [orphan.legIds.endpointId, orphan.peer.endpointId] : [])));
  const queue = [...orphans];
  const clear = async () => {
    for (let orphan = queue.shift(); orphan; orphan = queue.shift()) await clearUp(parts, orphan, deadline);
  };
  const done = Promise.all([
    ...Array.from({ length: atOnce }, clear),
    ...channels.filter(({ endpointId }) => !adopted.has(endpointId)).map((channel) => endChannel(parts, channel, deadline)),
  ]).then(() => {});
  return { attempts: orphans.length, channels: channels.length, done };
}

async function clearUp(parts: RecoveryParts, orphan: Orphan, deadline: number): Promise<void> {
  const { signalling, attempts, clock, log } = parts;
  const { transactionId, dialogId, mediaServer, endpointId } = orphan.legIds;
  try {
    if (orphan.peer && dialogId) {
      adopt(parts, orphan, dialogId, orphan.peer);
    } else {
      // Whether it was answered in the last instant is only known to drachtio-server: both are asked for.
      if (transactionId && orphan.state !== "answered") await signalling.cancelTransaction(transactionId);
      if (mediaServer && endpointId) await goodbyeOver(parts, mediaServer, endpointId, deadline);
      if (dialogId) await signalling.endDialog(dialogId);
    }
  } catch (error) {
    log.error({ err: error, attempt: orphan.attemptId }, "a leg of a dead process could not be cleared up");
  }
  await attempts.finish(orphan.attemptId, {
    at: clock.now(),
    result: "interrupted",
    reason: `the server stopped while the call was ${orphan.state}`,
  });
}

/** Two people who talk are left alone; when one hangs up, the other and both channels are released. */
function adopt(parts: RecoveryParts, orphan: Orphan, dialogId: string, peer: NonNullable<Orphan["peer"]>): void {
  const { signalling, media, log } = parts;
  const { mediaServer, endpointId } = orphan.legIds;
  log.info({ attempt: orphan.attemptId }, "taking over a conversation of a dead process");
  const release = async () => {
    await Promise.race([signalling.adopt(dialogId), signalling.adopt(peer.dialogId)]);
    await Promise.all([signalling.endDialog(dialogId), signalling.endDialog(peer.dialogId)]);
    if (!mediaServer) return;
    await Promise.all([peer.endpointId, ...(endpointId ? [endpointId] : [])].map((id) => media.kill(mediaServer, id)));
  };
  release().catch((error) => log.error({ err: error, attempt: orphan.attemptId }, "a taken-over conversation was not released"));
}

async function goodbyeOver({ media, clock }: RecoveryParts, mediaServer: string, endpointId: string, deadline: number): Promise<void> {
  while (clock.now() < deadline && (await media.alive(mediaServer, endpointId))) await pause(clock, aliveCheckMs);
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
