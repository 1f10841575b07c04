import { type Static, Type } from "typebox";

/** The HTTP side of Carillon. */
export const apiOptions = Type.Object(
  {
    host: Type.String({
      description: "Address on which the API listens. Beyond this machine give a certificate, or put a TLS proxy in front.",
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
    certificate: Type.Optional(
      Type.String({
        description:
          "Certificate chain for TLS 1.2 and newer, PEM. With it the API speaks HTTPS, and nothing else. Best given as a file, by the variable below with _FILE; another one is read at the next start.",
        minLength: 1,
        // No secret, but a file like its key: only secrets are read from files.
        secret: true,
      }),
    ),
    certificateKey: Type.Optional(
      Type.String({ description: "Private key of the certificate, PEM. Best given as a file.", minLength: 1, secret: true }),
    ),
    origins: Type.Array(
      Type.String({ pattern: "^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", hint: "write an origin such as https://desk.example.com, without a path" }),
      {
        description:
          "Where pages come from that may open the agents' WebSocket, beside those of this server itself. A program that is no browser says no origin, and is not asked for one.",
        default: [],
      },
    ),
    documentation: Type.Boolean({
      description: "Whether the API is described, to everybody, at /docs and /openapi.json. It tells what Carillon can do, nothing of what it holds.",
      default: true,
    }),
  },
  { description: "The HTTP API.", additionalProperties: false },
);

export type ApiOptions = Static<typeof apiOptions>;
