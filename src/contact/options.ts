import { type Static, Type } from "typebox";

/** Lists. */
export const contactOptions = Type.Object(
  {
    defaultCountry: Type.String({
      description: "The country of telephone numbers that are written without one, by its two letters (ISO 3166-1).",
      pattern: "^[A-Z]{2}$",
      hint: "write two capital letters, such as US or GB",
      default: "US",
    }),
  },
  { description: "Contact lists.", additionalProperties: false },
);

/** What comes into a folder by itself, or is put there. */
export const feedOptions = Type.Object(
  {
    name: Type.String({
      description: "What `carillon feed` and the API call it. Its runs are known by it: keep it.",
      pattern: "^[a-z][a-z0-9_-]{0,63}$",
      hint: "use small letters, digits, - and _, at most 64, beginning with a letter",
    }),
    folder: Type.String({
      description:
        "The folder: a whole path on this machine, or with `host` one on the SFTP server, from where it lets the user begin. `done` and `failed` are made in it.",
      minLength: 1,
      maxLength: 1000,
    }),
    host: Type.Optional(Type.String({ description: "SFTP server. Absent: the folder is on this machine.", minLength: 1, maxLength: 253 })),
    port: Type.Integer({ description: "Its port.", minimum: 1, maximum: 65_535, default: 22 }),
    user: Type.String({ description: "Who we are there.", default: "" }),
    password: Type.Optional(Type.String({ description: "With which password.", minLength: 1, secret: true })),
    privateKey: Type.Optional(
      Type.String({
        description: "Or with which key, as OpenSSH or PEM writes it. Best given as a file, by the variable below with _FILE.",
        minLength: 1,
        secret: true,
      }),
    ),
    passphrase: Type.Optional(Type.String({ description: "What the key is locked with.", minLength: 1, secret: true })),
    hostKeys: Type.Array(
      Type.String({ pattern: "^SHA256:[A-Za-z0-9+/]{43}$", hint: "write each as ssh-keygen -lf shows it: SHA256: and 43 characters" }),
      {
        description:
          "The keys of the server, one of which it must have: ssh-keyscan HOST | ssh-keygen -lf - shows them; compare them with what its operator says.",
        default: [],
      },
    ),
    trustFirstHostKey: Type.Boolean({
      description:
        "Without `hostKeys`: the key that the server shows first is taken for its own, and no other one from then on. Whoever sits in between that time reads everything.",
      default: false,
    }),
    timeoutMs: Type.Integer({
      description: "An SFTP server that says nothing for so long is given up.",
      minimum: 1000,
      maximum: 600_000,
      default: 30_000,
    }),
    files: Type.String({
      description:
        "Which files are taken: `*` stands for any characters and `?` for one; case does not matter. Never those whose names begin with a dot, or end with what stands for half a file (.part, .tmp, .filepart, ~).",
      pattern: "^[^/\\\\]{1,200}$",
      hint: "write a name with * and ?, without a folder",
      default: "*",
    }),
    does: Type.Enum(["import", "suppress", "export"], {
      description:
        "import: files go into `list`. suppress: into `suppressionList`. export: the calling list of `campaign` with its results is put into the folder.",
      default: "import",
    }),
    everyS: Type.Integer({ description: "It is looked so many seconds after the last look.", minimum: 5, maximum: 86_400, default: 60 }),
    at: Type.Optional(
      Type.String({
        description: "Instead, at a time of day: daily 06:00, mon-fri 06:00, monthly 15 06:00, monthly last 06:00.",
        pattern: "^(daily|monthly +(\\d{1,2}|last)|[A-Za-z]{3}[A-Za-z, -]*) +([01]\\d|2[0-3]):[0-5]\\d$",
        hint: "write it as daily 06:00, mon-fri 06:00, monthly 15 06:00 or monthly last 06:00",
      }),
    ),
    zone: Type.String({ description: "Whose time of day that is (IANA).", default: "UTC", minLength: 1, maxLength: 100 }),
    quietS: Type.Integer({
      description: "A file is taken when its length and its time have not changed for so many seconds: what is still being written waits.",
      minimum: 0,
      maximum: 3600,
      default: 30,
    }),
    maxMb: Type.Integer({ description: "A longer file is not taken, but put with the failed.", minimum: 1, maximum: 1_000_000, default: 4096 }),
    maxTries: Type.Integer({
      description: "So often is a file tried whose trouble may pass; then it is put with the failed.",
      minimum: 1,
      maximum: 100,
      default: 5,
    }),
    list: Type.Optional(Type.String({ description: "The list that files are imported into.", minLength: 1, maxLength: 200 })),
    mode: Type.Enum(["append", "update", "replace"], {
      description:
        "Who is on the list already: append, they are duplicates; update, they get what the file says; replace, that too, and whoever is not in the file leaves. Of a suppression list append adds to it, and both others make it what the file says.",
      default: "update",
    }),
    mapping: Type.Optional(Type.String({ description: "Name of a mapping that is kept (`carillon mapping keep`).", minLength: 1, maxLength: 100 })),
    enter: Type.Boolean({ description: "Who is new on the list comes into the campaigns that run on it.", default: false }),
    startCampaign: Type.Optional(
      Type.String({
        description: "A campaign, by its name, that is started when a file has gone in. One that runs already goes on.",
        minLength: 1,
        maxLength: 200,
      }),
    ),
    lookups: Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$", hint: "write the names that stand under lookups" }), {
      description: "Look-ups that the people who come in are asked about, by their names under `lookups`; those of the mapping besides.",
      default: [],
      maxItems: 5,
    }),
    startUnasked: Type.Boolean({
      description: "Whether `startCampaign` is started at once; otherwise when everybody who came in is looked up, or the run was canceled.",
      default: false,
    }),
    suppressionList: Type.Optional(Type.String({ description: "The suppression list that files are loaded into.", minLength: 1, maxLength: 200 })),
    campaign: Type.Optional(
      Type.String({ description: "The campaign, by its name, whose calling list is put into the folder.", minLength: 1, maxLength: 200 }),
    ),
    fields: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      description: "Fields of the people that stand beside their results.",
      default: [],
    }),
    format: Type.Enum(["csv", "xlsx", "json"], { description: "How the calling list is written.", default: "csv" }),
  },
  { description: "Files that come into a folder and are taken in, or are put there.", additionalProperties: false },
);

export type FeedOptions = Static<typeof feedOptions>;
