import { type Trunk, userPart } from "./trunk.ts";

/** How sure we may say to be of a caller id (ATIS-1000074 §5.2.3): A, it is ours; B, we know who calls; C, neither. */
export type Attestation = "A" | "B" | "C";

/** Which numbers are signed for, and as what. */
export interface IdentityPolicy {
  /** Where verifiers find our certificate: the `x5u` of RFC 8225 §4. */
  readonly certificateUrl: string;
  /** A UUID that stands for us in every signature: the `origid` of RFC 8588 §4. */
  readonly originId: string;
  /** By the beginning of the caller id; the longest prefix counts. What none fits is not signed. */
  readonly numbers: readonly { readonly prefix: string; readonly attestation: Attestation }[];
}

/** The two parts of a PASSporT, in the order in which RFC 8225 §9 wants their members: by name. */
export interface Passport {
  readonly header: { readonly alg: "ES256"; readonly ppt: "shaken"; readonly typ: "passport"; readonly x5u: string };
  readonly payload: {
    readonly attest: Attestation;
    readonly dest: { readonly tn: readonly string[] };
    /** Seconds. */
    readonly iat: number;
    readonly orig: { readonly tn: string };
    readonly origid: string;
  };
}

/** The attestation of a caller id; undefined when it is not to be signed. */
export function attestationOf(callerId: string, { numbers }: IdentityPolicy): Attestation | undefined {
  const fitting = numbers.filter(({ prefix }) => callerId.startsWith(prefix));
  return fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0]?.attestation;
}

/** The PASSporT of one call (RFC 8588), undefined when its caller id is not to be signed. Numbers in E.164 form; without their + in it (RFC 8224 §8.3). */
export function passportOf(to: string, callerId: string, policy: IdentityPolicy, now: number): Passport | undefined {
  const attest = attestationOf(callerId, policy);
  if (!attest) return undefined;
  const digits = (number: string) => number.replace(/\D/g, "");
  return {
    header: { alg: "ES256", ppt: "shaken", typ: "passport", x5u: policy.certificateUrl },
    payload: { attest, dest: { tn: [digits(to)] }, iat: Math.floor(now / 1000), orig: { tn: digits(callerId) }, origid: policy.originId },
  };
}

/** The Identity header (RFC 8224 §4), and the Date that it is judged by (§4.1). */
export function identityHeaders(token: string, { certificateUrl }: IdentityPolicy, now: number): Readonly<Record<string, string>> {
  return { Identity: `${token};info=<${certificateUrl}>;alg=ES256;ppt=shaken`, Date: new Date(now).toUTCString() };
}

/** What a carrier wants to be told of who calls: P-Asserted-Identity (RFC 3325 §9.1) and Diversion (RFC 5806 §4). */
export function callerHeaders(trunk: Trunk, callerId: string): Readonly<Record<string, string>> {
  const { assertedIdentity, diversion } = trunk;
  const address = (number: string) => `<sip:${userPart(trunk, number)}>`;
  return {
    ...(assertedIdentity !== undefined && { "P-Asserted-Identity": address(assertedIdentity === "caller-id" ? callerId : assertedIdentity) }),
    ...(diversion !== undefined && { Diversion: `${address(diversion)};reason=unconditional;counter=1` }),
  };
}
