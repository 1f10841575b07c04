import { type AuditRecord, type AuditState, emptyAudit, followAudit } from "./audit.ts";

/** Reads the whole log, a stretch at a time, and says how far it is whole. */
export async function verifyAudit(
  read: (afterId: string, limit: number) => Promise<readonly AuditRecord[]>,
): Promise<AuditState & { readonly broken?: string }> {
  let state: AuditState = emptyAudit;
  for (;;) {
    // By the place, not by the id of the last one read: a gap is found, not stepped over.
    const records = await read(String(state.records), stretch);
    const next = followAudit(state, records);
    if (next.broken !== undefined || records.length === 0) return next;
    state = next;
  }
}

const stretch = 1000;
