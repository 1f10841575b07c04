import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and its certificate, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

const dayMs = 86_400_000;

/**
 * A certificate that signs itself, as a carrier's laboratory has it (RFC 5280 §4.1, ECDSA on P-256 by RFC 5480): node:crypto reads certificates and cannot
 * make them. Good from yesterday for a month, for one IPv4 address and for localhost.
 * @param now epoch ms
 */
export function selfSigned(host: string, now: number): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const name = sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from("Carillon lab")))));
  const algorithm = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, positive(randomBytes(12))),
    algorithm,
    name,
    sequence(time(now - dayMs), time(now + 30 * dayMs)),
    name,
    publicKey,
    tagged(0xa3, sequence(basicConstraints, alternativeNames(host))),
  );
  const signature = sign("sha256", body, createPrivateKey(privateKey));
  return { key: privateKey, cert: pem(sequence(body, algorithm, bits(signature))) };
}

/** One element in DER (X.690 §8.1). */
function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

function sequence(...content: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...content);
}

function bits(bytes: Uint8Array): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

/** The first two numbers share a byte; the others stand in groups of seven bits (X.690 §8.19). */
function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const groups = rest.flatMap((number) => {
    const group = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) group.unshift((left & 0x7f) | 0x80);
    return group;
  });
  return tagged(0x06, Buffer.from([first * 40 + second, ...groups]));
}

function positive(bytes: Buffer): Buffer {
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, "");
  return Number(digits.slice(0, 4)) < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

const basicConstraints = sequence(oid(2, 5, 29, 19), tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))));

/** RFC 5280 §4.2.1.6: dNSName is [2], iPAddress is [7]. */
function alternativeNames(host: string): Buffer {
  const address = tagged(0x87, Buffer.from(host.split(".").map(Number)));
  return sequence(oid(2, 5, 29, 17), tagged(0x04, sequence(tagged(0x82, Buffer.from("localhost")), address)));
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
