import type { MessageState } from "../../../sms/ports.ts";
import type { KeptReceipt } from "../../../sms/store-ports.ts";

export const keptColumns = "id::text, via, remote_id, reference, state, error, to_address, from_address, at, done_at";

/** A report that fits nothing, as the table has it. */
export interface KeptRow {
  readonly id: string;
  readonly via: string;
  readonly remote_id: string | null;
  readonly reference: number | null;
  readonly state: MessageState;
  readonly error: string | null;
  readonly to_address: string;
  readonly from_address: string;
  readonly at: Date;
  readonly done_at: Date | null;
}

export function toKept(row: KeptRow): KeptReceipt {
  return {
    id: row.id,
    bind: row.via,
    ...(row.remote_id !== null && { remoteId: row.remote_id }),
    ...(row.reference !== null && { reference: row.reference }),
    state: row.state,
    ...(row.error !== null && { error: row.error }),
    to: row.to_address,
    from: row.from_address,
    at: row.at.getTime(),
    ...(row.done_at !== null && { doneAt: row.done_at.getTime() }),
  };
}
