import { defineEntity, p } from "@mikro-orm/core";
import { channelNames } from "../../../attempt/result.ts";
import { consentKinds, subjectKinds } from "../../../compliance/consent.ts";
import { appendOnly } from "./append-only.ts";

/** A record of the chain: a consent, a relationship of business, or a revocation. It names nobody but by a salted hash. Append-only; id, at, previous and hash are the database's. */
export const ConsentEntity = defineEntity({
  name: "Consent",
  tableName: "consent",
  properties: {
    id: p.bigint("string").primary().autoincrement(false),
    at: p.datetime(3),
    kind: p.enum(consentKinds),
    subjectKind: p.enum(subjectKinds),
    subject: p.text(),
    /** Null: every channel. */
    channel: p.enum(channelNames).nullable(),
    /** Null: every purpose. */
    purpose: p.text().nullable(),
    obtainedAt: p.datetime(3),
    /** How it came. */
    source: p.text(),
    proof: p.text().nullable(),
    expiresAt: p.datetime(3).nullable(),
    recordedBy: p.text(),
    /** The opt-out that revokes. */
    suppressionId: p.bigint("string").nullable(),
    previous: p.text(),
    hash: p.text(),
  },
  indexes: [{ name: "consent_subject_id_index", properties: ["subject", "id"] }],
  triggers: [
    {
      name: "consent_chained",
      timing: "before" as const,
      events: ["insert" as const],
      forEach: "row" as const,
      expression: "create trigger consent_chained before insert on consent for each row execute function chain_consent()",
    },
    ...appendOnly("consent"),
  ],
});

/** One row: what is hashed with the name of a person, in the clear or sealed with `secret.key`. */
export const EvidenceSaltEntity = defineEntity({
  name: "EvidenceSalt",
  tableName: "evidence_salt",
  properties: { id: p.smallint().primary().autoincrement(false), salt: p.blob().nullable(), sealed: p.text().nullable() },
  checks: [{ name: "evidence_salt_one_check", expression: "num_nonnulls(salt, sealed) = 1" }],
});

/** What a campaign wants of consents and of national lists; none where it wants nothing. */
export const CampaignSafeguardEntity = defineEntity({
  name: "CampaignSafeguard",
  tableName: "campaign_safeguard",
  properties: {
    campaignId: p.bigint("string").primary().autoincrement(false),
    /** What it contacts people for; consents are to a purpose. */
    purpose: p.text().nullable(),
    /** What it is about, where laws count by subject; null: the same as any other. */
    subject: p.text().nullable(),
    requireConsent: p.boolean().default(false),
    /** Why national do-not-call lists, and laws that want consent to calls that sell, are not for it; null: they are. */
    doNotCallExempt: p.text().nullable(),
    /** Names of the look-ups that are asked before anybody is contacted; null: none. */
    lookups: p.array().nullable(),
    /** Places whose hours hold for everybody. Null: none. */
    laws: p.array().nullable(),
    changedAt: p.datetime(3),
    changedBy: p.text(),
  },
});
