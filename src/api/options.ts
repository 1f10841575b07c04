import { type Static, Type } from "typebox";

/** The HTTP side of Carillon. */
export const apiOptions = Type.Object(
  {
    host: Type.String({
      description: "Address on which the API listens. Beyond this machine put a TLS proxy in front.",
      pattern: "^([A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$",
      hint: "write a host name or an IP address, without port",
      default: "127.0.0.1",
    }),
    port: Type.Integer({ description: "Its port; 0 takes any free one.", minimum: 0, maximum: 65535, default: 8080 }),
    maxRequestsPerMinute: Type.Integer({
      description: "Requests per minute from one API key (or, without one, from one address), at most.",
      minimum: 1,
      maximum: 1_000_000,
      default: 1200,
    }),
    trustedProxies: Type.Array(
      Type.String({
        pattern: "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/[0-9]{1,3}$",
        hint: "write a network such as 10.1.2.0/24, or 10.1.2.3/32 for one address",
      }),
      {
        description:
          "Networks of the proxies in front: what these write into X-Forwarded-For is taken for the address that a request is from, in the audit log and where guessing is slowed. None, unless named here.",
        default: [],
      },
    ),
  },
  { description: "The HTTP API.", additionalProperties: false },
);

export type ApiOptions = Static<typeof apiOptions>;
