import { type Static, Type } from "typebox";

const host = (description: string, fallback?: string) =>
  Type.String({
    description,
    minLength: 1,
    maxLength: 253,
    // A host name or address and nothing else: no scheme, port, space or line break can get into a SIP or ESL line this way.
    pattern: "^([A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$",
    hint: "write a host name or an IP address, without port",
    ...(fallback === undefined ? {} : { default: fallback }),
  });

const port = (description: string, fallback: number) => Type.Integer({ description, minimum: 1, maximum: 65535, default: fallback });

const name = (description: string) =>
  Type.String({
    description,
    pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
    hint: "use letters, digits, - and _, at most 63, beginning with a letter or digit",
  });

const prefixes = (description: string) =>
  Type.Array(Type.String({ pattern: "^\\+[1-9]\\d{0,14}$", hint: 'write each as + and digits, in quotes: "+1555"' }), { description, default: [] });

const dialled = (description: string, fallback: string) =>
  Type.String({ description, pattern: "^[0-9*#]{0,16}$", hint: "write digits, * and #, at most 16, in quotes", default: fallback });

/** The drachtio-server that carries the SIP. */
export const drachtioOptions = Type.Object(
  {
    name: Type.Optional(name("What it is called in logs, /readyz and carillon server list. Needed when there are several.")),
    host: host("Where drachtio-server listens for us.", "127.0.0.1"),
    port: port("Its admin port.", 9022),
    secret: Type.String({ description: "Its admin secret, as in drachtio.conf.xml.", default: "", secret: true }),
    allowDefaultSecret: Type.Boolean({
      description: "Accept the secret that drachtio-server ships with. Only together with a host on this machine, for trying things out.",
      default: false,
    }),
    capturePort: Type.Optional(
      Type.Integer({
        description:
          "UDP port on which Carillon takes copies of drachtio-server's SIP, the port of the capture-server in its drachtio.conf.xml: 9060 in the one we ship. " +
          "Without it nobody can hang up on the second of two people who answer one call. One node to each drachtio-server.",
        minimum: 1,
        maximum: 65535,
      }),
    ),
    captureAddress: host("Address on which those copies are taken, if drachtio-server is on another machine.", "127.0.0.1"),
  },
  { description: "The drachtio-server that carries the SIP.", additionalProperties: false },
);

/** Another one beside it. */
export const drachtioServerOptions = Type.Object(
  { ...drachtioOptions.properties, name: name("What it is called in logs, /readyz and carillon server list.") },
  { description: "A further drachtio-server.", additionalProperties: false },
);

/** One FreeSWITCH that carries media. */
export const freeswitchOptions = Type.Object(
  {
    name: name("What it is called in logs, metrics and /readyz."),
    address: host("Where its event socket listens for us.", "127.0.0.1"),
    port: port("Port of its event socket.", 8021),
    password: Type.String({ description: "Password of its event socket, as in event_socket.conf.xml.", minLength: 1, secret: true }),
    allowDefaultPassword: Type.Boolean({
      description: "Accept the password that FreeSWITCH ships with. Only together with an address on this machine, for trying things out.",
      default: false,
    }),
    listenAddress: host("Address on which Carillon takes this FreeSWITCH's outbound event sockets.", "127.0.0.1"),
    advertisedAddress: Type.Optional(host("Address by which this FreeSWITCH reaches us, if it is not the listenAddress (NAT, containers).")),
    connectsFrom: Type.Optional(
      Type.String({
        description:
          "IP address from which this FreeSWITCH connects to us, if it is not the one its address leads to (NAT, containers). Others are refused.",
        pattern: "^(\\d{1,3}(\\.\\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$",
        hint: "write an IP address",
      }),
    ),
    listenPort: Type.Integer({
      description: "Port for those sockets; 0 takes any free one.",
      minimum: 0,
      maximum: 65535,
      default: 0,
    }),
    maxSessions: Type.Integer({ description: "Endpoints held on it at once, at most.", minimum: 1, maximum: 100_000, default: 1000 }),
    sessionsPerSecond: Type.Number({
      // Measured: one FreeSWITCH originates 200 sessions/s cleanly and collapses to 131 when offered 400.
      description: "New sessions per second, at most. Beyond what it can do a FreeSWITCH gets slower, not faster; 150 leaves it room.",
      minimum: 0.1,
      maximum: 10_000,
      default: 150,
    }),
  },
  { description: "One FreeSWITCH that carries media.", additionalProperties: false },
);

/** One way out to the telephone network. */
export const trunkOptions = Type.Object(
  {
    name: name("What campaigns call it."),
    host: host("The carrier's SIP host."),
    port: Type.Optional(
      Type.Integer({
        description:
          "The carrier's SIP port. Without it a host name is looked up as RFC 3263 says (SRV), and where the DNS has nothing of the kind, or the host is an address, it is 5060, with TLS 5061.",
        minimum: 1,
        maximum: 65535,
      }),
    ),
    transport: Type.Enum(["udp", "tcp", "tls"], { description: "SIP transport.", default: "udp" }),
    codecs: Type.Array(Type.Enum(["PCMU", "PCMA"]), {
      description: "What is offered to the carrier, best first. An empty list offers what FreeSWITCH does: with the profile we ship PCMU, then PCMA.",
      default: [],
    }),
    username: Type.Optional(Type.String({ description: "For digest authentication.", minLength: 1, pattern: "^[^\\r\\n]+$" })),
    password: Type.Optional(Type.String({ description: "For digest authentication.", minLength: 1, secret: true })),
    maxCps: Type.Number({
      description: "New calls per second on this trunk, over all campaigns, at most: as your carrier allows.",
      minimum: 0.1,
      maximum: 10_000,
      default: 10,
    }),
    maxChannels: Type.Integer({
      description: "Calls at once on this trunk, over all campaigns, at most.",
      minimum: 1,
      maximum: 100_000,
      default: 100,
    }),
    assertedIdentity: Type.Optional(
      Type.String({
        description: "Send a P-Asserted-Identity header: caller-id for the number shown, or always one number in E.164 form.",
        pattern: "^(caller-id|\\+[1-9]\\d{6,14})$",
        hint: 'write caller-id, or + and digits in quotes: "+15550100123"',
      }),
    ),
    diversion: Type.Optional(
      Type.String({
        description: "Send a Diversion header with this number, on whose behalf calls are made.",
        pattern: "^\\+[1-9]\\d{6,14}$",
        hint: 'write + and digits, in quotes: "+15550100123"',
      }),
    ),
    signIdentity: Type.Boolean({
      description: "Sign calls (STIR/SHAKEN) with the key under identity:. Leave it false where the carrier signs.",
      default: false,
    }),
    keepAliveMs: Type.Integer({
      description: "An OPTIONS is sent this often to see whether the carrier is there; 0 for never. Calls are not placed on a trunk that is down.",
      minimum: 0,
      maximum: 3_600_000,
      default: 30_000,
    }),
    downAfter: Type.Integer({
      description: "OPTIONS in a row without a good answer after which the trunk is down.",
      minimum: 1,
      maximum: 100,
      default: 3,
    }),
    upAfter: Type.Integer({ description: "OPTIONS in a row that are answered after which it is up again.", minimum: 1, maximum: 100, default: 2 }),
    register: Type.Boolean({
      description: "Register with the carrier, with username and password. Calls are placed only while it is registered.",
      default: false,
    }),
    registerExpiresS: Type.Integer({
      description: "How long a registration is asked for; it is refreshed before it ends.",
      minimum: 30,
      maximum: 86_400,
      default: 600,
    }),
    callerIdPrefixes: prefixes("Caller ids this trunk may show begin with one of these; an empty list allows every one."),
    destinationPrefixes: prefixes(
      "Numbers this trunk may call begin with one of these; an empty list allows every one. The guard against toll fraud.",
    ),
    numberFormat: Type.Enum(["e164", "digits", "national"], {
      description:
        "How numbers stand in the Request-URI and From: e164 is +442079460123, digits is 442079460123, national is 02079460123 for numbers of the trunk's countryCode and 00 before those of other countries.",
      default: "e164",
    }),
    countryCode: Type.Optional(
      Type.String({
        description: "Calling code of the trunk's country, for numberFormat national.",
        pattern: "^[1-9]\\d{0,2}$",
        hint: 'write digits alone, in quotes: "44"',
      }),
    ),
    nationalPrefix: dialled("What stands before a number of that country: 0 in most, nothing in North America.", "0"),
    internationalPrefix: dialled("What stands before the calling code of another country: 00 in most, 011 in North America.", "00"),
    dialPrefix: dialled("What the carrier wants before every number that is called, whatever the format.", ""),
    inbound: Type.Boolean({
      description: "Take calls that come in by this trunk, to numbers of yours (carillon number). Others are refused with 403.",
      default: false,
    }),
    inboundFrom: Type.Array(
      Type.String({
        pattern: "^(\\d{1,3}(\\.\\d{1,3}){3}(/([0-9]|[12]\\d|3[0-2]))?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/([0-9]|[1-9]\\d|1[01]\\d|12[0-8]))?)$",
        hint: 'write IP addresses or networks, in quotes: "203.0.113.0/28"',
      }),
      {
        description:
          "Where those calls come from, as IP addresses and networks, when it is not where calls are sent. An empty list means the addresses of host.",
        default: [],
      },
    ),
  },
  { description: "One way out to the telephone network.", additionalProperties: false },
);

/** Numbers that campaigns show in turn. */
export const callerIdOptions = Type.Object(
  {
    name: name("What campaigns call it, in place of a caller id."),
    numbers: Type.Array(
      Type.Object(
        {
          number: Type.String({
            description: "A number of yours.",
            pattern: "^\\+[1-9]\\d{6,14}$",
            hint: 'write + and digits, in quotes: "+15550100123"',
          }),
          localTo: prefixes("Numbers for which it is a local one begin with one of these. The number with the longest matching prefix is shown."),
        },
        { description: "A number of yours.", additionalProperties: false },
      ),
      { description: "Its numbers. Those that fit equally well are shown in turn.", default: [] },
    ),
    dailyCap: Type.Optional(
      Type.Integer({ description: "Calls on which one number is shown in a day (UTC), at most, over all nodes.", minimum: 1, maximum: 1_000_000 }),
    ),
    quarantineAfter: Type.Integer({
      description: "So many calls in a row that are answered 608 (rejected as unwanted, RFC 8688) and a number rests.",
      minimum: 1,
      maximum: 1000,
      default: 3,
    }),
    quarantineHours: Type.Number({ description: "How long it rests.", minimum: 0.1, maximum: 8760, default: 24 }),
  },
  { description: "Numbers that campaigns show in turn.", additionalProperties: false },
);

/** Several trunks that campaigns use under one name. */
export const routeOptions = Type.Object(
  {
    name: name("What campaigns call it, in place of a trunk. No trunk may have the same name."),
    maxTries: Type.Integer({
      description:
        "INVITEs for one attempt, at most, each over another trunk. The next trunk is tried only when nobody can have noticed the one before.",
      minimum: 1,
      maximum: 10,
      default: 3,
    }),
    trunks: Type.Array(
      Type.Object(
        {
          name: name("A trunk's name."),
          origin: Type.Enum(["file", "api"], {
            description: "api: the trunk is not under trunks: but added over the API. The route does without it while it is not there.",
            default: "file",
          }),
          priority: Type.Integer({
            description: "Trunks of the lowest number take the calls; the next ones when none of these is up and has room.",
            minimum: 1,
            maximum: 100,
            default: 1,
          }),
          weight: Type.Integer({ description: "Share of the calls among the trunks of one priority.", minimum: 1, maximum: 1000, default: 1 }),
        },
        { description: "A trunk's place in a route.", additionalProperties: false },
      ),
      { description: "Its trunks.", default: [] },
    ),
  },
  { description: "Several trunks that campaigns use under one name.", additionalProperties: false },
);

export type CallerIdOptions = Static<typeof callerIdOptions>;
export type DrachtioOptions = Static<typeof drachtioOptions>;
export type FreeswitchOptions = Static<typeof freeswitchOptions>;
export type TrunkOptions = Static<typeof trunkOptions>;
