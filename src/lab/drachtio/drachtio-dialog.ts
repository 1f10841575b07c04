import type { DialogState } from "../sip/dialog-state.ts";
import type { SuccessRepeater } from "../sip/success-repeater.ts";
import type { AppConnection } from "./app-connection.ts";

/** One dialog as the server keeps it. It outlives the connection of the app that made it (measured, reference "After the app died"). */
export interface DrachtioDialog {
  /** `<Call-ID>;from-tag=<caller's From tag>`, for both sides. */
  readonly id: string;
  readonly state: DialogState;
  /** Who is told of requests; when it is gone, they are answered 481 (client-controller.cpp, route_request_inside_dialog). */
  readonly owner: AppConnection;
  /** Our Contact value. */
  readonly contact: string;
  /** Transaction id of the INVITE that made it. */
  readonly inviteTransactionId: string;
  /** CSeq number the app's next ACK belongs to; undefined when no 2xx waits for one. */
  ackCseq: number | undefined;
  /** The ACK sent last, for repeated 2xx. */
  lastAck: { readonly cseq: number; readonly text: string } | undefined;
  /** Whether the INVITE that made it has been acknowledged by the far side (only where we were called). */
  ackedOnce: boolean;
  /** The INVITE had been cancelled when its 2xx came: the app's ACK is followed by a BYE. */
  byeAfterAck: boolean;
  /** Repeats our 2xx until its ACK comes. */
  repeater: SuccessRepeater | undefined;
}

/** The server's dialogs, found by id and by the tags of a request from the network. */
export class DialogTable {
  /** Told of each dialog that goes. */
  onRemoved: (dialog: DrachtioDialog) => void = () => {};
  private readonly dialogs = new Map<string, DrachtioDialog>();

  get size(): number {
    return this.dialogs.size;
  }

  get(id: string): DrachtioDialog | undefined {
    return this.dialogs.get(id);
  }

  /** The dialog a request of the far side belongs to: `localTag` is its To tag, `remoteTag` its From tag. */
  find(callId: string, localTag: string, remoteTag: string): DrachtioDialog | undefined {
    for (const callerTag of [localTag, remoteTag]) {
      const dialog = this.dialogs.get(dialogIdOf(callId, callerTag));
      if (dialog?.state.localTag === localTag && dialog.state.remoteTag === remoteTag) return dialog;
    }
    return undefined;
  }

  add(dialog: DrachtioDialog): void {
    this.dialogs.set(dialog.id, dialog);
  }

  remove(dialog: DrachtioDialog): void {
    dialog.repeater?.stop();
    dialog.repeater = undefined;
    if (this.dialogs.get(dialog.id) !== dialog) return;
    this.dialogs.delete(dialog.id);
    this.onRemoved(dialog);
  }

  clear(): void {
    for (const dialog of [...this.dialogs.values()]) this.remove(dialog);
  }
}

export function dialogIdOf(callId: string, callerTag: string): string {
  return `${callId};from-tag=${callerTag}`;
}
