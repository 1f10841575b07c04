import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { Fault } from "../kernel/fault.ts";

/** A key that signs for a domain (RFC 6376; RFC 8463 for Ed25519). */
export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly key: KeyObject;
}

/** A header field: its name, and its value as it stands behind the colon, folded or not. */
export type HeaderField = readonly [name: string, text: string];

/** What is signed, and the field with everything but the signature. */
export interface Unsigned {
  /** For RSA to be hashed with SHA-256 by the signing; for Ed25519 the hash itself (RFC 8463 §3). */
  readonly octets: Buffer;
  readonly field: string;
}

/** Nobody may add a second one of these behind our back: they are named once more than they are there (RFC 6376 §8.15). */
const sealed = ["From", "To", "Subject", "Date", "Reply-To", "Content-Type"];

/** @throws Fault `dkim-key-unusable` */
export function readDkimKey(options: { readonly domain: string; readonly selector: string; readonly privateKey: string }): DkimKey {
  const { domain, selector, privateKey } = options;
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKey);
  } catch (cause) {
    throw new Fault("dkim-key-unusable", `The DKIM key ${selector} of ${domain} cannot be read: give a PEM private key without a passphrase.`, {
      cause,
    });
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === "ed25519") return { domain, selector, key, algorithm: "ed25519-sha256" };
  // RFC 8301 §3.2.
  if (asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= 1024) return { domain, selector, key, algorithm: "rsa-sha256" };
  throw new Fault("dkim-key-unusable", `The DKIM key ${selector} of ${domain} is neither Ed25519 nor RSA of 1024 bits and more (2048 are advised).`);
}

/** Base64 of the body's hash (RFC 6376 §3.4.3, simple). @param pieces the body, which ends in exactly one CRLF */
export function bodyHashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("base64");
}

/** Relaxed (RFC 6376 §3.4.2). */
function relaxed([name, text]: HeaderField): string {
  return `${name.toLowerCase()}:${text
    .replace(/\r\n/g, "")
    .replace(/[ \t]+/g, " ")
    .trim()}`;
}

/**
 * All that a signature wants but the signing itself.
 * @param fields every field of the header, no name twice
 * @param at epoch ms
 */
export function unsigned({ domain, selector, algorithm }: DkimKey, fields: readonly HeaderField[], bodyHash: string, at: number): Unsigned {
  const names = [...fields.map(([name]) => name), ...sealed];
  const value = [
    ` v=1; a=${algorithm}; c=relaxed/simple; d=${domain};`,
    ` s=${selector}; t=${Math.floor(at / 1000)};`,
    ` h=${names.join(":\r\n ")};`,
    ` bh=${bodyHash};`,
    " b=",
  ].join("\r\n");
  const text = `${fields.map(relaxed).join("\r\n")}\r\n${relaxed(["DKIM-Signature", value])}`;
  const octets = Buffer.from(text, "latin1");
  return { octets: algorithm === "ed25519-sha256" ? createHash("sha256").update(octets).digest() : octets, field: `DKIM-Signature:${value}` };
}

/** The field with its signature and CRLF. */
export function signedField(field: string, signature: Uint8Array): string {
  const lines =
    Buffer.from(signature)
      .toString("base64")
      .match(/.{1,72}/g) ?? [];
  return `${field}${lines.join("\r\n ")}\r\n`;
}
