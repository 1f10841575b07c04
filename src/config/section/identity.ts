import { type Static, Type } from "typebox";

/** What calls are signed with (STIR/SHAKEN). */
export const identityOptions = Type.Object(
  {
    privateKey: Type.Optional(
      Type.String({
        description: "The EC P-256 key of your STIR certificate, as PEM text. Best given as a file, by the variable below with _FILE.",
        minLength: 1,
        secret: true,
      }),
    ),
    certificateUrl: Type.Optional(
      Type.String({
        description: "Where the certificate of that key can be fetched (x5u).",
        maxLength: 2000,
        pattern: '^https://[^\\s<>"]+$',
        hint: "write an https:// address",
      }),
    ),
    originId: Type.Optional(
      Type.String({
        description: "A UUID that stands for you in every signature (origid).",
        pattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
        hint: "make one with uuidgen",
      }),
    ),
    numbers: Type.Array(
      Type.Object(
        {
          prefix: Type.String({
            description: "Caller ids that begin with this.",
            pattern: "^\\+[1-9]\\d{0,14}$",
            hint: 'write + and digits, in quotes: "+1555"',
          }),
          attestation: Type.Enum(["A", "B", "C"], { description: "A: the number is yours. B: you know who calls. C: neither.", default: "A" }),
        },
        { description: "How sure you are of some caller ids.", additionalProperties: false },
      ),
      { description: "Caller ids that are signed; the longest prefix counts. Others are not signed.", default: [] },
    ),
  },
  { description: "What calls are signed with (STIR/SHAKEN, RFC 8224 and 8588), on trunks with signIdentity.", additionalProperties: false },
);

export type IdentityOptions = Static<typeof identityOptions>;
