import { type Static, Type } from "typebox";

/** Agents' telephones. */
export const phoneOptions = Type.Object(
  {
    hosts: Type.Array(
      Type.String({
        pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$|^[0-9.]+/\\d{1,2}$|^[0-9A-Fa-f:]+(/\\d{1,3})?$",
        hint: "write a host name, an address, or a network such as 192.168.0.0/16",
      }),
      {
        // Whoever may change an agent's telephone could otherwise have us call any gateway there is, at somebody's expense.
        description:
          "Where the SIP URIs of agents' telephones may point: host names, addresses, networks. None: no URI is called. Numbers are held to their trunk, and devices that register to their password.",
        default: [],
      },
    ),
    ringTimeoutMs: Type.Integer({
      description: "How long a telephone rings that is kept on the line from the agent's login on.",
      minimum: 5000,
      maximum: 120_000,
      default: 30_000,
    }),
    realm: Type.String({
      description: "Whom devices register with: the realm of their passwords, and the host of the number that calls them.",
      pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]{0,98}[A-Za-z0-9])?$",
      hint: "write a host name",
      default: "carillon",
    }),
    digest: Type.Enum(["MD5", "SHA-256", "SHA-512-256"], {
      description:
        "How devices prove that they know their password (RFC 8760). SHA-256 is better, and many telephones do not know it; fewer still know SHA-512-256.",
      default: "MD5",
    }),
    minExpiresS: Type.Integer({
      description: "Devices may not want to register more often than this (423).",
      minimum: 10,
      maximum: 3600,
      default: 60,
    }),
    maxExpiresS: Type.Integer({
      description: "For how long a registration holds, at most.",
      minimum: 60,
      maximum: 86_400,
      default: 3600,
    }),
  },
  { description: "Agents' telephones.", additionalProperties: false },
);

export type PhoneOptions = Static<typeof phoneOptions>;
