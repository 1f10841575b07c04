import type { Ladder, SipNote } from "../attempt/ladder.ts";
import type { Orphan } from "../attempt/recovery-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Signalling } from "./ports.ts";
import { Trace } from "./trace-session.ts";

/** What is done about the legs of a process that died, as a ladder. Whoever reads it finds it behind what that process had written. */
export interface Aftermath {
  /** The same signalling; what it sends to end the legs is taken down. */
  readonly signalling: Signalling;
  readonly note: (text: string) => void;
  take(): Ladder | undefined;
}

export function aftermathOf({ legIds, peer, told }: Orphan, signalling: Signalling, clock: Clock): Aftermath {
  // That a leg was found gone is told too, where nothing had to be sent.
  const trace = new Trace(clock, clock.now());
  const { address = "", callerId = "", trunk } = told;
  const main = trace.begin({ name: trunk === undefined ? "taken over" : `trunk ${trunk}`, callId: legIds.callId ?? "", from: callerId, to: address });
  const second = peer && trace.begin({ name: "transfer", callId: callIdIn(peer.dialogId), from: callerId, to: "" }, true);
  const tell = (id: string) => {
    const leg = second !== undefined && (id === peer?.dialogId || id === peer?.transactionId) ? second : main;
    return (message: SipNote) => trace.sip(leg, message);
  };
  return {
    signalling: {
      get ready() {
        return signalling.ready;
      },
      nameLeg: (via) => signalling.nameLeg(via),
      invite: (request, watcher) => signalling.invite(request, watcher),
      endDialog: (dialogId) => signalling.endDialog(dialogId, tell(dialogId)),
      adopt: (dialogId, unwanted) => signalling.adopt(dialogId, unwanted),
      cancelTransaction: (transactionId) => signalling.cancelTransaction(transactionId, tell(transactionId)),
    },
    note: (text) => trace.media("taken-over", text),
    take: () => trace.take(),
  };
}

/** Of an id such as `second/4f2a…;from-tag=…`. */
function callIdIn(dialogId: string): string {
  return dialogId.replace(/^[^/;]*\//, "").replace(/;.*$/, "");
}
