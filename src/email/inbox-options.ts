import { type Static, Type } from "typebox";

const name = {
  pattern: "^[a-z][a-z0-9_-]{0,63}$",
  hint: "use small letters, digits, _ and -, at most 64, beginning with a letter",
};
const port = { minimum: 1, maximum: 65_535 };

/** A mailbox that is read by IMAP. */
export const mailboxOptions = Type.Object(
  {
    name: Type.String({ description: "What it is called in logs and lists. Its progress is kept under this name.", ...name }),
    host: Type.String({ description: "Name or address of the IMAP server.", minLength: 1, maxLength: 255 }),
    port: Type.Integer({ description: "993 with tls: implicit, 143 otherwise.", ...port, default: 993 }),
    tls: Type.Enum(["implicit", "required", "none"], {
      description:
        "implicit: TLS from the first octet. required: STARTTLS, or nothing is read. Certificates are checked in both. none: in the clear.",
      default: "implicit",
    }),
    ca: Type.Optional(
      Type.String({ description: "Certificate of an authority of your own, as PEM text, in place of the public ones.", minLength: 1 }),
    ),
    user: Type.String({ description: "For logging in.", minLength: 1, maxLength: 255 }),
    password: Type.String({ description: "For logging in. Best given as a file.", minLength: 1, maxLength: 1000, secret: true }),
    folder: Type.String({ description: "The folder that is read.", minLength: 1, maxLength: 255, default: "INBOX" }),
    moveTo: Type.Optional(
      Type.String({
        description: "The folder mails are moved to once they are kept. Left out: they stay, and are marked as seen.",
        minLength: 1,
        maxLength: 255,
      }),
    ),
    pollS: Type.Integer({
      description: "How often it is looked into besides, seconds, should the server tell of nothing.",
      minimum: 1,
      maximum: 3600,
      default: 60,
    }),
  },
  { description: "A mailbox that is read by IMAP.", additionalProperties: false },
);

/** Where mail servers hand over what is for us. */
export const receiverOptions = Type.Object(
  {
    name: Type.String({ description: "What it is called in logs and lists.", ...name }),
    host: Type.String({ description: "Address to listen on.", minLength: 1, maxLength: 255, default: "127.0.0.1" }),
    port: Type.Integer({ description: "Port to listen on. Mail servers of others want 25.", minimum: 0, maximum: 65_535, default: 2526 }),
    domains: Type.Array(
      Type.String({ description: "A domain, in small letters.", pattern: "^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9-]+$", maxLength: 253 }),
      {
        description:
          "The domains of return paths and reply addresses: bounce+MARK@, reply+CAMPAIGN@, postmaster@ and abuse@ are taken in each of them.",
        minItems: 1,
      },
    ),
    mailboxes: Type.Array(Type.String({ description: "A mailbox, such as service@example.com.", pattern: "^[^\\s@]+@[^\\s@]+$", maxLength: 254 }), {
      description: "Mailboxes that are taken besides.",
      default: [],
    }),
    maxOctets: Type.Integer({ description: "The longest mail that is taken.", minimum: 65_536, maximum: 104_857_600, default: 10_485_760 }),
    maxConnections: Type.Integer({ description: "Connections at once; from one address half of them.", minimum: 1, maximum: 10_000, default: 50 }),
    maxPerMinute: Type.Integer({ description: "Mails a minute from one address.", minimum: 1, maximum: 1_000_000, default: 600 }),
    certificate: Type.Optional(Type.String({ description: "For STARTTLS, as PEM text. Left out: in the clear.", minLength: 1 })),
    certificateKey: Type.Optional(Type.String({ description: "Its private key, as PEM text.", minLength: 1, secret: true })),
  },
  { description: "An SMTP server of ours, for what comes back.", additionalProperties: false },
);

export type MailboxOptions = Static<typeof mailboxOptions>;
export type ReceiverOptions = Static<typeof receiverOptions>;
