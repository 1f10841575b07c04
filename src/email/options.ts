import { type Static, Type } from "typebox";
import { mailboxOptions, receiverOptions } from "./inbox-options.ts";

const name = {
  pattern: "^[a-z][a-z0-9_-]{0,63}$",
  hint: "use small letters, digits, _ and -, at most 64, beginning with a letter",
};
const domainName = {
  pattern: "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$",
  hint: "write a domain in small letters, such as mail.example.com; one with other letters in its ASCII form (xn--…)",
};
const rate = { minimum: 0.01, maximum: 100_000 };

/** A mail server that takes our e-mail. */
export const mailPoolOptions = Type.Object(
  {
    name: Type.String({ description: "What senders call it.", ...name }),
    host: Type.String({ description: "Name or address of the server.", minLength: 1, maxLength: 255 }),
    port: Type.Integer({ description: "587 for submission, 465 with tls: implicit, 25 for a relay.", minimum: 1, maximum: 65_535, default: 587 }),
    tls: Type.Enum(["required", "implicit", "opportunistic", "none"], {
      description:
        "required: STARTTLS with a certificate that is checked, or nothing is sent. implicit: TLS from the first octet, checked too. opportunistic: STARTTLS where it is offered, unchecked. none: in the clear.",
      default: "required",
    }),
    ca: Type.Optional(
      Type.String({ description: "Certificate of an authority of your own, as PEM text, in place of the public ones.", minLength: 1 }),
    ),
    servername: Type.Optional(
      Type.String({ description: "The name the certificate is for, when it is not the host.", minLength: 1, maxLength: 255 }),
    ),
    user: Type.Optional(Type.String({ description: "For logging in. Left out: without.", minLength: 1, maxLength: 255 })),
    password: Type.Optional(Type.String({ description: "For logging in. Best given as a file.", minLength: 1, maxLength: 1000, secret: true })),
    localName: Type.Optional(Type.String({ description: "How we introduce ourselves (EHLO). Left out: this machine's name.", ...domainName })),
    connections: Type.Integer({ description: "Connections at once, from each node.", minimum: 1, maximum: 1000, default: 5 }),
    messagesPerConnection: Type.Integer({
      description: "After so many messages a connection is made anew.",
      minimum: 1,
      maximum: 1_000_000,
      default: 500,
    }),
    maxPerSecond: Type.Optional(
      Type.Number({ description: "Messages per second, over all nodes. Left out: as fast as the server takes them.", ...rate }),
    ),
    domains: Type.Array(
      Type.Object(
        {
          domain: Type.String({ description: "Mailboxes in this domain.", ...domainName }),
          maxPerSecond: Type.Number({ description: "Messages per second to it, over all nodes.", ...rate }),
        },
        { description: "A domain that wants e-mail slowly.", additionalProperties: false },
      ),
      { description: "Domains that want e-mail slowly.", default: [] },
    ),
    connectTimeoutMs: Type.Integer({ description: "For the connection, the greeting and TLS.", minimum: 100, maximum: 300_000, default: 30_000 }),
    answerTimeoutMs: Type.Integer({
      description: "For each answer. RFC 5321 §4.5.3.2.6 wants ten minutes after the end of a message: what is given up earlier may have been taken.",
      minimum: 100,
      maximum: 3_600_000,
      default: 600_000,
    }),
  },
  { description: "A mail server that takes our e-mail.", additionalProperties: false },
);

const dkim = Type.Object(
  {
    domain: Type.String({ description: "d= of the signature; the sender's domain or one above it.", ...domainName }),
    selector: Type.String({ description: "s= of the signature: the name under which DNS has the public key.", ...name }),
    privateKey: Type.String({
      description: "An RSA (2048 bits and more) or Ed25519 key, as PEM text. Best given as a file.",
      minLength: 1,
      secret: true,
    }),
  },
  { description: "A DKIM signature (RFC 6376, RFC 8463).", additionalProperties: false },
);

/** Whom e-mail shows itself to be from. */
export const mailSenderOptions = Type.Object(
  {
    name: Type.String({ description: "What campaigns call it.", ...name }),
    mailbox: Type.String({
      description: "The mailbox e-mail is from, such as service@example.com.",
      maxLength: 254,
      pattern: "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}$",
      hint: "write a mailbox in plain ASCII, such as service@example.com",
    }),
    displayName: Type.Optional(Type.String({ description: "The name shown beside it.", minLength: 1, maxLength: 200 })),
    pool: Type.String({ description: "The mail pool that carries it.", ...name }),
    bounceDomain: Type.String({
      description: "Domain of the return path, bounce+MARK@DOMAIN: reports of non-delivery go there. It must lead to one of our inboxes.",
      ...domainName,
    }),
    replyDomain: Type.Optional(
      Type.String({
        description: "Domain of reply addresses, reply+CAMPAIGN@DOMAIN, one for each campaign. Left out: answers go to the mailbox it is from.",
        ...domainName,
      }),
    ),
    postalAddress: Type.String({
      description:
        "Your postal address, which every commercial e-mail must show (CAN-SPAM, 15 U.S.C. §7704(a)(5)). In templates {postal_address}; added at the end of those that do not use it.",
      minLength: 5,
      maxLength: 500,
    }),
    phone: Type.String({
      description:
        "The number to call for those who would rather talk, one for each campaign if you like. In templates {sender_phone}; added at the end of those that do not use it.",
      minLength: 3,
      maxLength: 50,
    }),
    unsubscribeText: Type.String({
      description: "What the unsubscribe link at the end says, where a template has none of its own.",
      minLength: 1,
      maxLength: 200,
      default: "Unsubscribe",
    }),
    unsubscribeScope: Type.Enum(["account", "campaign"], {
      description: "What the unsubscribe link ends: all e-mail of yours, or that of the campaign.",
      default: "account",
    }),
    dkim: Type.Array(dkim, { description: "DKIM signatures, in this order. None: the mail server signs.", default: [] }),
  },
  { description: "Whom e-mail shows itself to be from.", additionalProperties: false },
);

export const emailOptions = Type.Object(
  {
    key: Type.Optional(
      Type.String({
        description:
          "Key for what e-mail carries so that answers find their attempt: Message-ID, return path, links. Make one with openssl rand -base64 32. Links in e-mail sent before stop working when it changes.",
        minLength: 32,
        secret: true,
      }),
    ),
    publicUrl: Type.Optional(
      Type.String({
        description: "Where everybody reaches our unsubscribe page: the address of the proxy that hands /u/ on to api.port.",
        maxLength: 200,
        pattern: "^https?://[^\\s/?#]+(/[^\\s?#]*)?$",
        hint: "write https:// and a name, such as https://mail.example.com",
      }),
    ),
    unsubscribeUrl: Type.Optional(
      Type.String({
        description:
          "Your own page for unsubscribing, in place of ours: people are sent there, with the mark of the e-mail in place of {mark}, and it tells us with POST /api/v1/unsubscribes. One click in a mail program (RFC 8058) is answered by us all the same.",
        maxLength: 1000,
        pattern: "^https://[^\\s/?#]+/\\S*\\{mark\\}\\S*$",
        hint: "write an https:// address that has {mark} in it",
      }),
    ),
    pools: Type.Array(mailPoolOptions, { description: "Mail servers that take our e-mail.", default: [] }),
    senders: Type.Array(mailSenderOptions, { description: "Whom e-mail shows itself to be from.", default: [] }),
    wishSender: Type.Optional(
      Type.String({
        description: "Sender of the e-mail that scripts and agents have sent to somebody (each belongs to no campaign). Left out: the first one.",
        ...name,
      }),
    ),
    agentGroup: Type.Optional(
      Type.String({
        description:
          "Group of agents that answers what people write to a sender's mailbox or a reply address, where a campaign does not name one. Left out: it is kept, and nobody answers.",
        minLength: 1,
        maxLength: 100,
      }),
    ),
    mailboxes: Type.Array(mailboxOptions, { description: "Mailboxes that are read by IMAP.", default: [] }),
    receivers: Type.Array(receiverOptions, { description: "SMTP servers of ours, for what comes back.", default: [] }),
  },
  { description: "Sending e-mail, and what comes back.", additionalProperties: false },
);

export type MailPoolOptions = Static<typeof mailPoolOptions>;
export type MailSenderOptions = Static<typeof mailSenderOptions>;
export type EmailOptions = Static<typeof emailOptions>;
