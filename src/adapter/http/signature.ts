import { createHmac } from "node:crypto";

/** The headers by which a receiver knows that a request is ours, whole and not an old one sent again. */
export interface SignatureHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/**
 * Signs a request as the Standard Webhooks specification 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`, base64, version v1.
 * @param secrets `whsec_` and base64 of the key, or any other text, whose UTF-8 bytes are the key. With several each signs, so that receivers can change over
 * @param id the same for every sending of one request; a full stop in it would make the signed text ambiguous and is replaced
 * @param atMs epoch ms
 */
export function sign(secrets: string | readonly string[], id: string, atMs: number, body: string): SignatureHeaders {
  const safeId = id.replaceAll(".", "_");
  const seconds = String(Math.floor(atMs / 1000));
  const signatures = [secrets].flat().map((secret) => {
    return `v1,${createHmac("sha256", keyOf(secret)).update(`${safeId}.${seconds}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": safeId, "webhook-timestamp": seconds, "webhook-signature": signatures.join(" ") };
}

const prefix = "whsec_";

function keyOf(secret: string): Buffer {
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), "base64") : Buffer.from(secret, "utf8");
}
