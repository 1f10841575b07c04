import { type Static, Type } from "typebox";
import { channelNames } from "../../attempt/result.ts";
import { type ConsentRecord, consentKinds } from "../../compliance/consent.ts";
import { nationalListKinds } from "../../compliance/do-not-call.ts";
import { loadModes, type Suppression, type SuppressionList, type Whom } from "../../compliance/suppression.ts";
import { Fault } from "../../kernel/fault.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const number = Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", description: "E.164.", examples: ["+12125550100"] });
const mailbox = Type.String({ minLength: 3, maxLength: 254, description: "In small letters.", examples: ["ann@example.com"] });
const clientId = Type.String({ minLength: 1, maxLength: 200, description: "The customer's own id of the person." });
/** By what somebody is known: exactly one of them. */
export const whomFields = { number: Type.Optional(number), mailbox: Type.Optional(mailbox), clientId: Type.Optional(clientId) };
const channel = Type.Enum([...channelNames]);
const reason = Type.String({ minLength: 1, maxLength: 500, description: "Why, for people." });
const time = Type.String({ maxLength: 40, description: "RFC 3339.", examples: ["2026-12-31T00:00:00Z"] });

export type WhomFields = { readonly number?: string; readonly mailbox?: string; readonly clientId?: string };

/** @throws Fault `suppression-invalid` */
export function whomOf({ number, mailbox, clientId }: WhomFields): Whom {
  const named = allOf({
    ...(number !== undefined && { number }),
    ...(mailbox !== undefined && { mailbox }),
    ...(clientId !== undefined && { clientId }),
  });
  const [whom] = named;
  if (whom === undefined || named.length > 1) throw new Fault("suppression-invalid", "Say whom: one of number, mailbox and clientId.");
  return whom;
}

export function allOf({ number, mailbox, clientId }: WhomFields): readonly Whom[] {
  return [
    ...(number === undefined ? [] : [{ kind: "number" as const, value: number }]),
    ...(mailbox === undefined ? [] : [{ kind: "mailbox" as const, value: mailbox }]),
    ...(clientId === undefined ? [] : [{ kind: "client-id" as const, value: clientId }]),
  ];
}

function showWhom({ kind, value }: Whom): WhomFields {
  return kind === "number" ? { number: value } : kind === "mailbox" ? { mailbox: value } : { clientId: value };
}

/** @throws Fault `suppression-invalid` */
export function momentOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Fault("suppression-invalid", `${text} is no time; write it as 2026-12-31T00:00:00Z.`);
  return at;
}

export const newListSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    mandatory: Type.Optional(Type.Boolean({ description: "Whether every campaign heeds it; true if not given. Otherwise those that name it." })),
    channels: Type.Optional(Type.Array(channel, { maxItems: 3, description: "Default: those of a national list, else every one." })),
    reason,
    kind: Type.Optional(
      Type.Enum([...nationalListKinds], {
        description: "Which national do-not-call list it is. Such a list has a legal age, and consent stands against it.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const suppressionListSchema = Type.Object({
  id: idSchema,
  name: Type.String(),
  kind: Type.Optional(Type.String()),
  mandatory: Type.Boolean(),
  channels: Type.Array(channel),
  reason: Type.String(),
  entries: Type.Integer({ description: "Those that nobody has ended." }),
  createdAt: timeSchema,
  createdBy: Type.String(),
  loaded: Type.Optional(
    Type.Object({
      at: timeSchema,
      dated: Type.Optional(Type.String({ description: "The day its data is of." })),
      file: Type.Optional(Type.String()),
      mode: Type.Enum([...loadModes]),
    }),
  ),
});

export function showSuppressionList({ createdAt, loaded, channels, ...list }: SuppressionList): Static<typeof suppressionListSchema> {
  return { ...list, channels: [...channels], createdAt: timeText(createdAt), ...(loaded && { loaded: { ...loaded, at: timeText(loaded.at) } }) };
}

export const loadQuery = Type.Object(
  {
    mode: Type.Enum([...loadModes], { description: "`replace` also ends what the file has no more." }),
    file: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Its name, for people." })),
    dated: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "The day its data is of; today if not given." })),
    country: Type.Optional(
      Type.String({
        pattern: "^[A-Z]{2}$",
        description: "The country of numbers that are written without one. Default: that of a national list, else contact.defaultCountry.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const loadReportSchema = Type.Object({
  read: Type.Integer({ description: "Rows." }),
  rejected: Type.Integer({ description: "Rows that could not be used." }),
  added: Type.Integer({ description: "Entries that were not there before." }),
  ended: Type.Integer({ description: "Entries that the file has no more." }),
  entries: Type.Integer({ description: "What the list holds now." }),
  rejections: Type.Array(Type.Object({ row: Type.Integer(), line: Type.Integer(), column: Type.String(), reason: Type.String() }), {
    description: "The first 100 rows that could not be used, and why.",
  }),
});

export const newSuppressionSchema = Type.Object(
  {
    ...whomFields,
    list: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: "Name or id of the list it goes on; without one it holds for every campaign." }),
    ),
    campaignId: Type.Optional(idSchema),
    channel: Type.Optional(channel),
    reason,
    expiresAt: Type.Optional(time),
  },
  { additionalProperties: false },
);

export const suppressionSchema = Type.Object({
  id: idSchema,
  ...whomFields,
  campaignId: Type.Optional(Type.String({ description: "Absent: every campaign." })),
  channels: Type.Array(channel, { description: "None: every one." }),
  reason: Type.String(),
  source: Type.String({ description: "attempt, agent, mail, admin, list, or moved: an opt-out, to an address that the person got later" }),
  attemptId: Type.Optional(idSchema),
  list: Type.Optional(Type.String({ description: "Name of its list." })),
  mandatory: Type.Optional(Type.Boolean({ description: "Whether every campaign heeds that list." })),
  createdAt: timeSchema,
  recordedBy: Type.Optional(Type.String()),
  expiresAt: Type.Optional(Type.String({ description: "Past when it has ended; absent when it has no end." })),
  endedBy: Type.Optional(Type.String()),
  endedReason: Type.Optional(Type.String()),
});

export function showSuppression({ whom, channels, createdAt, expiresAt, ...suppression }: Suppression): Static<typeof suppressionSchema> {
  return {
    ...suppression,
    ...showWhom(whom),
    channels: [...channels],
    createdAt: timeText(createdAt),
    ...(expiresAt !== undefined && { expiresAt: timeText(expiresAt) }),
  };
}

export const reasonSchema = Type.Object({ reason }, { additionalProperties: false });

export const newConsentSchema = Type.Object(
  {
    kind: Type.Enum([...consentKinds], {
      description:
        "`relationship`: they are a customer, or have asked; it stands against national lists, and is no consent. `revocation` takes back.",
    }),
    ...whomFields,
    channel: Type.Optional(channel),
    purpose: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        description: "A word; may be absent only in a revocation, of every purpose.",
        examples: ["marketing"],
      }),
    ),
    obtainedAt: time,
    source: Type.String({ minLength: 1, maxLength: 200, description: "How it came: a form, a call, a letter." }),
    proof: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: "Their words, or where the proof is kept." })),
    expiresAt: Type.Optional(time),
  },
  { additionalProperties: false },
);

const consentKind = Type.Enum([...consentKinds], { description: "Of rows that do not say; `consent` if not given." });

/** What holds for rows of a file that do not say otherwise. */
export const consentLoadQuery = Type.Object(
  {
    kind: Type.Optional(consentKind),
    purpose: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: "Of rows that name none." })),
    channel: Type.Optional(channel),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "How those came whose row does not say." })),
    obtainedAt: Type.Optional(Type.String({ maxLength: 40, description: "When those were obtained whose row does not say; RFC 3339." })),
    country: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$", description: "The country of numbers that are written without one." })),
  },
  { additionalProperties: false },
);

export const consentLoadReportSchema = Type.Object({
  read: Type.Integer({ description: "Rows." }),
  rejected: Type.Integer({ description: "Rows that could not be used." }),
  recorded: Type.Integer({ description: "New records of the chain." }),
  known: Type.Integer({ description: "Those that the chain had already, word by word." }),
  last: Type.Optional(Type.Object({ id: Type.String(), hash: Type.String() }, { description: "The last of the new records." })),
  rejections: Type.Array(Type.Object({ row: Type.Integer(), line: Type.Integer(), column: Type.String(), reason: Type.String() }), {
    description: "The first 100 rows that could not be used, and why.",
  }),
});

export const consentSchema = Type.Object({
  id: Type.String({ description: "Its place in the chain, from 1." }),
  at: timeSchema,
  kind: Type.Enum([...consentKinds]),
  subjectKind: Type.String(),
  subject: Type.String({ description: "Whom it is about: a salted SHA-256, hex." }),
  channel: Type.Optional(channel),
  purpose: Type.Optional(Type.String()),
  obtainedAt: timeSchema,
  source: Type.String(),
  proof: Type.Optional(Type.String()),
  expiresAt: Type.Optional(timeSchema),
  recordedBy: Type.String(),
  suppressionId: Type.Optional(Type.String({ description: "The opt-out by which it was revoked." })),
  previous: Type.String({ description: "Hash of the record before." }),
  hash: Type.String(),
});

export function showConsent({ at, obtainedAt, expiresAt, ...record }: ConsentRecord): Static<typeof consentSchema> {
  return { ...record, at: timeText(at), obtainedAt: timeText(obtainedAt), ...(expiresAt !== undefined && { expiresAt: timeText(expiresAt) }) };
}

const safeguardFields = {
  purpose: Type.Optional(
    Type.String({ minLength: 1, maxLength: 60, description: "What it contacts people for: consents are to a purpose.", examples: ["marketing"] }),
  ),
  subject: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 60,
      description:
        "What it is about. Laws that allow so many contacts on one subject count campaigns with different subjects apart; absent: it counts with every other.",
      examples: ["account-upgrade"],
    }),
  ),
  requireConsent: Type.Boolean({ description: "Whether it contacts only people who agreed to the purpose." }),
  doNotCallExempt: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: "Why national do-not-call lists, and laws that want consent to calls that sell, are not for it; absent: they are.",
    }),
  ),
  suppressionLists: Type.Array(Type.String(), { maxItems: 100, description: "Names of the lists it heeds beside those that are mandatory." }),
  laws: Type.Optional(
    Type.Array(Type.String({ pattern: "^[A-Z]{2}(-[A-Z]{2})?$" }), {
      maxItems: 60,
      description:
        "Places whose hours by law hold for everybody in the campaign, wherever they are, besides those of where they are: countries, and states of the United States.",
      examples: [["US-FL"]],
    }),
  ),
  lookups: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 5,
      description: "Names of the look-ups that are asked before anybody is contacted; absent: none.",
    }),
  ),
};

export const newSafeguardSchema = Type.Object(safeguardFields, { additionalProperties: false });

export const safeguardSchema = Type.Object({
  ...safeguardFields,
  hindrance: Type.Optional(Type.String({ description: "Why it must not run now, by a national list that is too old or missing." })),
});
