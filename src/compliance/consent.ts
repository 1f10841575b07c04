import { type ChannelName, channelNames } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { checkWhom, type Whom } from "./suppression.ts";

/** `relationship`: they are a customer, or have asked (16 CFR 310.2(q), 47 CFR 64.1200(f)(5)); it stands against national lists, and is no consent. */
export const consentKinds = ["consent", "relationship", "revocation"] as const;
export type ConsentKind = (typeof consentKinds)[number];

export const subjectKinds = ["number", "mailbox", "client-id"] as const satisfies readonly Whom["kind"][];

/** What is to be recorded. */
export interface NewConsent {
  readonly kind: ConsentKind;
  readonly whom: Whom;
  /** Absent: every one. */
  readonly channel?: ChannelName;
  /** What they agreed to be contacted for, such as `marketing`; absent only in a revocation: of every purpose. */
  readonly purpose?: string;
  /** Epoch ms. */
  readonly obtainedAt: number;
  /** How it came: a form, a call, a letter. */
  readonly source: string;
  /** Their words, or where the proof is kept. */
  readonly proof?: string;
  /** Epoch ms. */
  readonly expiresAt?: number;
}

/** A record of the chain. Whom it is about is a salted hash: evidence outlives what is known of the person. */
export interface ConsentRecord extends Omit<NewConsent, "whom"> {
  /** Its place in the chain, from 1, without gaps. */
  readonly id: string;
  readonly at: number;
  readonly subjectKind: Whom["kind"];
  /** 64 hex digits. */
  readonly subject: string;
  readonly recordedBy: string;
  readonly suppressionId?: string;
  readonly previous: string;
  readonly hash: string;
}

/** What the first record has for the hash before it. */
export const noHash = "0".repeat(64);

const longestPurpose = 60;
const longestSource = 200;
const longestProof = 2000;

/** @param now epoch ms @throws Fault `consent-invalid`, `suppression-invalid` */
export function checkConsent({ kind, whom, channel, purpose, obtainedAt, source, proof, expiresAt }: NewConsent, now: number): void {
  checkWhom(whom);
  if (!consentKinds.includes(kind)) throw invalid(`There is no kind ${kind}; there are ${consentKinds.join(", ")}.`);
  if (channel !== undefined && !channelNames.includes(channel))
    throw invalid(`There is no channel ${channel}; there are ${channelNames.join(", ")}.`);
  if (purpose === undefined && kind !== "revocation") throw invalid("Say what they agreed to: a purpose, such as marketing.");
  if (purpose !== undefined) checkPurpose(purpose);
  if (!isText(source, longestSource)) throw invalid(`Say how it came, in 1 to ${longestSource} characters: a form, a call, a letter.`);
  if (proof !== undefined && !isText(proof, longestProof))
    throw invalid(`The proof has 1 to ${longestProof} characters: their words, or where it is kept.`);
  if (!Number.isSafeInteger(obtainedAt) || obtainedAt > now) throw invalid("It was obtained in the future; give the time at which they said it.");
  if (expiresAt !== undefined && !(expiresAt > obtainedAt)) throw invalid("It ends before it was obtained.");
}

/** @throws Fault `consent-invalid` */
export function checkPurpose(purpose: string): void {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(purpose) || purpose.length > longestPurpose)
    throw invalid(`A purpose is a word of small letters, digits and hyphens, of at most ${longestPurpose}, such as marketing.`);
}

function isText(text: string, longest: number): boolean {
  return text.trim() !== "" && text.length <= longest && !text.includes("\0") && text.isWellFormed();
}

function invalid(message: string): Fault {
  return new Fault("consent-invalid", message);
}

/** What the hash of a record covers: as PostgreSQL writes a JSON array of it. */
export function chainText(record: ConsentRecord): string {
  const time = (at: number | undefined) => (at === undefined ? undefined : String(at));
  const { id, previous, at, kind, subjectKind, subject, channel, purpose, obtainedAt, source, proof, expiresAt, recordedBy, suppressionId } = record;
  const values = [
    id,
    previous,
    time(at),
    kind,
    subjectKind,
    subject,
    channel,
    purpose,
    time(obtainedAt),
    source,
    proof,
    time(expiresAt),
    recordedBy,
    suppressionId,
  ];
  return `[${values.map((value) => JSON.stringify(value ?? null)).join(", ")}]`;
}

/** How far a chain was found whole. */
export interface ChainState {
  readonly records: number;
  /** Of the last of them. */
  readonly hash: string;
}

export const emptyChain: ChainState = { records: 0, hash: noHash };

/**
 * Whether the next record continues the chain.
 * @param hashOf SHA-256, hex
 * @returns the chain with it, or what is broken
 */
export function linkOn(chain: ChainState, record: ConsentRecord, hashOf: (text: string) => string): ChainState | string {
  const place = chain.records + 1;
  if (record.id !== String(place)) return `record ${place} is missing: record ${record.id} comes after record ${chain.records}`;
  if (record.previous !== chain.hash) return `record ${place} does not continue record ${chain.records}: one of them was put in place of another`;
  if (hashOf(chainText(record)) !== record.hash) return `record ${place} was changed after it was written`;
  return { records: place, hash: record.hash };
}
