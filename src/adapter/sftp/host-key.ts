import { createHash } from "node:crypto";

/** The fingerprint of a host key as OpenSSH shows it (`ssh-keygen -l`): SHA-256 of the key's blob (RFC 4253 §6.6), base64 without its padding. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** Why a server is not believed to be the one that is meant; undefined when it is. @param wanted fingerprints, one of which it must have; @param trustFirst whether any is taken where none is wanted */
export function hostKeyRefusal(shown: string, wanted: readonly string[], trustFirst: boolean): string | undefined {
  if (wanted.length > 0) return wanted.includes(shown) ? undefined : `it shows the key ${shown}, and must have ${wanted.join(" or ")}`;
  return trustFirst
    ? undefined
    : `it shows the key ${shown}, and nothing says that this is its own: compare it with what its operator says, and put it into hostKeys`;
}
