import { Type } from "typebox";

const key = { pattern: "^[A-Za-z0-9+/]{43}=$", hint: "make one with openssl rand -base64 32" };

/** What secrets in the database are sealed with. */
export const secretOptions = Type.Object(
  {
    key: Type.Optional(
      Type.String({
        ...key,
        description:
          "Key of 32 bytes in base64, with which passwords of trunks that are added over the API are sealed in the database (AES-256-GCM). Make one with openssl rand -base64 32. The same on every node; keep it apart from backups of the database. Best given as a file, by the variable below with _FILE.",
        secret: true,
      }),
    ),
    previousKeys: Type.Array(Type.String(key), {
      description: "Keys that are read with, and not sealed with: for the time of a change of the key.",
      default: [],
      secret: true,
    }),
  },
  { description: "What passwords in the database are sealed with.", additionalProperties: false },
);
