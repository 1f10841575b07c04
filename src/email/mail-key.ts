import { createHash } from "node:crypto";
import type { ReadMail } from "./inbox-ports.ts";

/**
 * The same for a mail that is handed over twice, also by another way: a server that did not hear our 250 sends it again. Not the Message-ID alone: nobody keeps a sender
 * from using one twice, and an opt-out must not be taken for a mail that was there already. Not the octets: each server on the way adds lines.
 */
export function mailKey({ messageId, from, subject, text, deliveryStatus, feedbackReport, returned, fields }: ReadMail): string {
  const parts = [messageId, from, fields["date"], subject, text, deliveryStatus, feedbackReport, returned];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
