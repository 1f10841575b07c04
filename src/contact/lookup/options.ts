import { type Static, Type } from "typebox";
import { lookupFallbacks, lookupKinds, lookupWords } from "./lookup.ts";

export { lookupWords };

const pointer = {
  pattern: "^(/([^~/]|~[01])*)+$",
  hint: "write the way to it as a JSON pointer (RFC 6901), such as /line/type",
};

const namePattern = "^[a-z][a-z0-9_-]{0,63}$";
const nameHint = "use small letters, digits, - and _, at most 64, beginning with a letter";

/** Look-ups that somebody wants. */
export const lookupNames = Type.Array(Type.String({ pattern: namePattern }), {
  description: "Names of look-ups that the people of the file are asked about when they are in, in the background.",
  minItems: 1,
  maxItems: 5,
  uniqueItems: true,
});

/** A server that is asked about numbers and people. */
export const lookupOptions = Type.Object(
  {
    name: Type.String({
      description: "What campaigns and mappings call it. Its answers are kept under this name: keep it.",
      pattern: namePattern,
      hint: nameHint,
    }),
    kind: Type.Enum([...lookupKinds], {
      description:
        "line-type: what a number is (mobile, landline, voip, unknown). reassigned: whether it has got another subscriber since a day (yes, no, no-data). customer: what the customer's own database says of the person (contact, do-not-contact).",
    }),
    url: Type.String({
      description:
        "Where it is asked. {number} stands for the number as E.164 with its +, {digits} for the same without, {clientId} for the customer's id of the person, {date} for the day. Redirects are not followed.",
      pattern: "^https?://[^\\s/]+\\S*$",
      hint: "write a whole URL that begins with https:// or http://",
      secret: "url",
    }),
    method: Type.Enum(["GET", "POST"], { description: "HTTP method.", default: "GET" }),
    headers: Type.Array(Type.String({ minLength: 1, pattern: "^[A-Za-z0-9-]+:[ \\t]*[\\t -~]*$", hint: 'write each as "Name: value"' }), {
      description: "Headers sent with every question, such as an authorization.",
      default: [],
      secret: true,
    }),
    body: Type.String({
      description: "What a POST says: JSON, in which the same words in braces stand for the same.",
      default: '{"number":"{number}","clientId":"{clientId}","date":"{date}"}',
    }),
    by: Type.Enum(["number", "client-id"], { description: "Of kind customer: by what the person is known there.", default: "client-id" }),
    dateField: Type.String({
      description:
        "Of kind reassigned: the field of contacts that says since when the number is theirs, or when they consented (YYYY-MM-DD). Empty, or of a contact that lacks it: the day of the last consent that is recorded of the number.",
      default: "",
    }),
    answer: Type.Optional(
      Type.String({
        ...pointer,
        description: "Where the answer stands in the JSON that comes back. Of kind customer it may be absent: only fields come back then.",
      }),
    ),
    values: Type.Array(Type.String({ pattern: "^[^=]{1,100}=[a-z-]+$", hint: "write each as THEIRS=ours, such as wireless=mobile" }), {
      description: "What their words mean in ours; case does not matter, and * stands for every other. Ours need not stand here.",
      default: [],
    }),
    notFound: Type.Optional(
      Type.Enum([...new Set(Object.values(lookupWords).flat())], { description: "What an answer 404 means. Absent: that nobody could be asked." }),
    ),
    reason: Type.Optional(Type.String({ ...pointer, description: "Where it stands why somebody is not to be contacted." })),
    fields: Type.Array(Type.String({ pattern: "^[^=]{1,100}=(/([^~/]|~[01])*)+$", hint: "write each as field=/way/to/it" }), {
      description: "What the contact gets as a field of its own, and where it stands in the answer. Texts, numbers, true and false are taken.",
      default: [],
    }),
    refuse: Type.Optional(
      Type.Array(Type.Enum([...new Set(Object.values(lookupWords).flat())]), {
        description: "With these answers nobody is contacted. Absent: of reassigned yes and no-data, of customer do-not-contact, of line-type none.",
      }),
    ),
    fallback: Type.Enum([...lookupFallbacks], {
      description:
        "Where nobody can be asked: allow, the person is contacted all the same; hold, they wait until it was asked again; refuse, they are not contacted.",
      default: "hold",
    }),
    againMin: Type.Integer({
      description: "Minutes after which a question that failed may be asked again.",
      minimum: 1,
      maximum: 10_080,
      default: 15,
    }),
    ageHours: Type.Optional(
      Type.Integer({
        description: "How many hours an answer is good. Absent: of line-type 720, of reassigned 168, of customer 24.",
        minimum: 1,
        maximum: 87_600,
      }),
    ),
    timeoutMs: Type.Integer({ description: "An answer must be there whole within this.", minimum: 100, maximum: 60_000, default: 5000 }),
    retries: Type.Integer({
      description: "How often more a question is asked that got no answer, or a 408, 429 or 5xx: after 2 s, 4 s and so on.",
      minimum: 0,
      maximum: 10,
      default: 2,
    }),
    maxConcurrent: Type.Integer({ description: "Questions of one node under way at once, at most.", minimum: 1, maximum: 1000, default: 10 }),
    maxPerSecond: Type.Number({ description: "Questions a second, of all nodes together.", minimum: 0.01, maximum: 10_000, default: 10 }),
  },
  { description: "A server that is asked about numbers and people.", additionalProperties: false },
);

export type LookupOptions = Static<typeof lookupOptions>;
