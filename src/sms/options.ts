import { type Static, Type } from "typebox";
import { customKeywordFault, wordsOf } from "../compliance/keyword.ts";
import { answerOptions } from "./answer-options.ts";
import { concatenations } from "./ports.ts";

const name = (description: string) =>
  Type.String({
    description,
    pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
    hint: "use letters, digits, - and _, at most 63, beginning with a letter or digit",
  });

/** C-octet strings of a bind (SMPP 3.4 §4.1.1) are ASCII, and end with a NUL that counts. */
const word = (description: string, mostOctets: number) =>
  Type.String({
    description,
    pattern: `^[!-~]{0,${mostOctets - 1}}$`,
    hint: `write at most ${mostOctets - 1} letters, digits and signs, without spaces`,
  });

/** A way to an SMSC. */
export const bindOptions = Type.Object(
  {
    name: name("What it is called in logs, /readyz and messages."),
    host: Type.String({
      description: "Where the SMSC listens.",
      pattern: "^([A-Za-z0-9._-]{1,253}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$",
      hint: "write a host name or an IP address, without port",
    }),
    port: Type.Integer({ description: "Its port; with TLS most often 3550.", minimum: 1, maximum: 65535, default: 2775 }),
    tls: Type.Boolean({ description: "Speak TLS. The SMSC's certificate must be good for its host.", default: false }),
    tlsServerName: Type.Optional(
      Type.String({
        description: "The name in the SMSC's certificate, if it is not the host.",
        pattern: "^[A-Za-z0-9.-]{1,253}$",
        hint: "write a host name",
      }),
    ),
    tlsAuthority: Type.Optional(
      Type.String({
        description: "Certificate of the authority that signed the SMSC's, as PEM text, if it is none that everybody trusts.",
        pattern: "^\\s*-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$",
        hint: "give the PEM text, from -----BEGIN CERTIFICATE----- on",
      }),
    ),
    systemId: word("Who we are, as the SMSC's operator says.", 16),
    // SMPP 3.4 gives a password nine octets with its NUL. Many SMSCs take longer ones.
    password: Type.String({
      description: "Password of the bind; SMPP means it to be 8 letters at most.",
      pattern: "^[!-~]{0,64}$",
      default: "",
      secret: true,
    }),
    systemType: Type.String({ description: "system_type, where the SMSC wants one.", pattern: "^[!-~]{0,12}$", default: "" }),
    addressRange: Type.String({ description: "address_range, where the SMSC wants one.", pattern: "^[!-~]{0,40}$", default: "" }),
    serviceType: Type.String({
      description: "service_type of submits, where the SMSC wants one, such as CMT.",
      pattern: "^[!-~]{0,5}$",
      hint: "write at most 5 letters, digits and signs, without spaces",
      default: "",
    }),
    destinationTon: Type.Integer({
      description:
        "dest_addr_ton of submits, where the SMSC wants another one than 1 (international). Numbers are written without their + in any case.",
      minimum: 0,
      maximum: 6,
      default: 1,
    }),
    destinationNpi: Type.Integer({
      description: "dest_addr_npi of submits, where the SMSC wants another one than 1 (ISDN).",
      minimum: 0,
      maximum: 18,
      default: 1,
    }),
    bindType: Type.Enum(["transceiver", "transmitter-receiver", "transmitter"], {
      description:
        "transceiver sends and receives on one connection; transmitter-receiver takes two for each session; transmitter never hears reports or replies.",
      default: "transceiver",
    }),
    sessions: Type.Integer({ description: "Sessions at once, on each node.", minimum: 1, maximum: 100, default: 1 }),
    window: Type.Integer({ description: "Submits without an answer on one session, at most.", minimum: 1, maximum: 10_000, default: 10 }),
    maxPerSecond: Type.Number({
      description: "Message parts per second over this bind, over all nodes, at most: as your operator allows.",
      minimum: 0.01,
      maximum: 100_000,
      default: 10,
    }),
    enquireLinkMs: Type.Integer({
      description: "After so long without a word the SMSC is asked whether it is there.",
      minimum: 1000,
      maximum: 3_600_000,
      default: 30_000,
    }),
    responseTimeoutMs: Type.Integer({
      description: "How long an answer may take. A submit without one may have been taken: it is interrupted, and never sent again.",
      minimum: 100,
      maximum: 600_000,
      default: 30_000,
    }),
    concatenation: Type.Enum([...concatenations], {
      description:
        "How long texts are told to belong together: a user data header with an 8- or 16-bit reference (udh-8, udh-16), the sar_* parameters (sar), or whole in message_payload (payload).",
      default: "udh-8",
    }),
    dataCoding0: Type.Enum(["gsm", "latin-1"], { description: "The SMSC's own alphabet: what data_coding 0 means to it.", default: "gsm" }),
    registeredDelivery: Type.Enum(["all", "failures", "none"], { description: "Which reports of delivery are asked for.", default: "all" }),
    validityS: Type.Integer({
      description: "How long the SMSC tries to deliver a message, unless the message says otherwise. 0 leaves it to the SMSC.",
      minimum: 0,
      maximum: 2_592_000,
      default: 86_400,
    }),
    messageIds: Type.Enum(["same", "decimal-receipts", "hex-receipts"], {
      description:
        "How ids of messages stand in reports: same as in the answer to the submit (leading zeros and capitals apart), in decimal where the answer was hexadecimal, or the other way round.",
      default: "same",
    }),
    unmarkedReceipts: Type.Boolean({
      description:
        "The SMSC does not mark its reports (esm_class 0, no parameters): what is written as a report is one. Only where it must be: whoever writes to you could imitate one.",
      default: false,
    }),
    receiptUtcOffsetMinutes: Type.Integer({
      description: "Reports write dates by the SMSC's own clock, without a zone: how far it is ahead of UTC.",
      minimum: -720,
      maximum: 840,
      default: 0,
    }),
    country: Type.Optional(
      Type.String({
        description:
          "Where the SMSC writes numbers without their country: of which one they are, by its two letters (ISO 3166-1). Without it contact.defaultCountry.",
        pattern: "^[A-Z]{2}$",
        hint: "write two capital letters, such as US or GB",
      }),
    ),
    destinationPrefixes: Type.Array(Type.String({ pattern: "^\\+[1-9]\\d{0,14}$", hint: 'write each as + and digits, in quotes: "+1555"' }), {
      description:
        "Numbers that go over this bind begin with one of these; an empty list takes every one. The bind with the longest fitting prefix comes first.",
      default: [],
    }),
  },
  { description: "A way to an SMSC.", additionalProperties: false },
);

/** A number or word that messages show. */
export const senderOptions = Type.Object(
  {
    name: name("What campaigns call it."),
    address: Type.String({
      description: "The number in E.164 form with its +, the short code, or at most 11 letters and digits.",
      pattern: "^(\\+[1-9]\\d{6,14}|\\d{3,8}|[A-Za-z0-9 ._&-]{1,11})$",
      hint: 'write "+15550100123", a short code such as "55501", or at most 11 letters and digits',
    }),
    kind: Type.Enum(["long-code", "toll-free", "short-code", "alphanumeric"], {
      description: "What it is. Nobody can answer an alphanumeric one: its texts must name another way to opt out.",
    }),
    // TON and NPI as SMPP 3.4 §5.2.5 and §5.2.6 number them.
    ton: Type.Optional(
      Type.Integer({
        description: "source_addr_ton, if not 1 for long codes and toll-free numbers, 3 for short codes, 5 for words.",
        minimum: 0,
        maximum: 6,
      }),
    ),
    npi: Type.Optional(
      Type.Integer({ description: "source_addr_npi, if not 1 for long codes and toll-free numbers and 0 for others.", minimum: 0, maximum: 18 }),
    ),
    maxPerSecond: Type.Optional(
      Type.Number({
        // Carriers of the USA hold an ordinary ten-digit number to one message a second, and a toll-free one to three.
        description:
          "Message parts per second from this sender, over all nodes, at most. Without it 1 for a long code in +1, 3 for a toll-free number, for others what the bind takes.",
        minimum: 0.01,
        maximum: 100_000,
      }),
    ),
    binds: Type.Array(Type.String({ minLength: 1 }), {
      description: "Binds that may carry it, the first one first, the next ones when it is down. An empty list: all of them, in their order.",
      default: [],
    }),
  },
  { description: "A number or word that messages show.", additionalProperties: false },
);

/** Messages by SMS. */
export const smsOptions = Type.Object(
  {
    binds: Type.Array(bindOptions, { description: "The ways to SMSCs.", default: [] }),
    senders: Type.Array(senderOptions, { description: "Numbers and words that messages show.", default: [] }),
    transliterate: Type.Boolean({
      description:
        "Write letters that the GSM alphabet lacks with those it has, so that a text takes fewer parts: ê becomes e, a curly quote a straight one.",
      default: false,
    }),
    ...answerOptions,
  },
  { description: "Messages by SMS.", additionalProperties: false },
);

export type BindOptions = Static<typeof bindOptions>;
export type SenderOptions = Static<typeof senderOptions>;
export type SmsOptions = Static<typeof smsOptions>;

/** Words that cannot be one's own, or stand there twice, with their places. */
export function keywordFaults(keywords: SmsOptions["keywords"]): readonly { readonly at: number; readonly message: string }[] {
  const words = keywords.map(({ keyword }) => wordsOf(keyword).join(" "));
  return keywords.flatMap(({ keyword }, at) => {
    const unfit = customKeywordFault(keyword);
    if (unfit !== undefined) return [{ at, message: `${JSON.stringify(keyword)} ${unfit}` }];
    return words.indexOf(words[at] ?? "") < at ? [{ at, message: `${keyword} stands here twice` }] : [];
  });
}

/** Words that may not mean STOP or HELP as well, with what is wrong: they mean something already. */
export function ownWordFaults({ keywords, stopWords, helpWords }: Pick<SmsOptions, "keywords" | "stopWords" | "helpWords">): readonly {
  readonly of: "stopWords" | "helpWords";
  readonly at: number;
  readonly message: string;
}[] {
  const taken = new Set(keywords.map(({ keyword }) => wordsOf(keyword).join(" ")));
  return (["stopWords", "helpWords"] as const).flatMap((of) =>
    (of === "stopWords" ? stopWords : helpWords).flatMap((word, at) => {
      const plain = wordsOf(word).join(" ");
      const unfit =
        customKeywordFault(word, of === "stopWords" ? "stop" : "help") ?? (taken.has(plain) ? "stands here twice, or among keywords" : undefined);
      taken.add(plain);
      return unfit === undefined ? [] : [{ of, at, message: `${JSON.stringify(word)} ${unfit}` }];
    }),
  );
}
