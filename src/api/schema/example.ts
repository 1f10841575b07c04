/** A JSON schema (2020-12) as far as ours go. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** What texts of that name are like, for the document; of other names, and where it does not fit, one of `texts`. */
const named: Readonly<Record<string, string>> = {
  name: "spring-reminders",
  campaign: "spring-reminders",
  list: "customers",
  clientId: "C-1042",
  address: "+12125550142",
  number: "+12125550142",
  mailbox: "ada@example.com",
  from: "+12125550100",
  to: "+12125550142",
  callerId: "+12125550100",
  timeZone: "America/New_York",
  defaultTimeZone: "America/New_York",
  language: "en-US",
  currency: "USD",
  country: "US",
  reason: "asked on the phone",
  note: "calls back on Monday",
  text: "Your appointment is on Monday at 9:00.",
  url: "https://crm.example.com/carillon",
  trunk: "carrier-a",
  script: "payment-reminder",
  template: "payment-reminder",
  strategy: "dunning",
  pass: "first-sms",
  group: "collections",
  code: "promise-to-pay",
  label: "Promise to pay",
  next: "YWZ0ZXI6NDI",
  detail: "There is no list 42.",
  pointer: "/name",
  message: "is missing",
  title: "There is no such list",
  type: "urn:carillon:problem:list-unknown",
  host: "sip.example.com",
};

/** Tried in this order where a text has a pattern, a length or a name that nothing is known of. */
const texts = [
  ...["text", "42", "2026-03-02T15:04:05.000Z", "2026-03-02", "09:00", "+12125550142", "ada@example.com", "https://crm.example.com/carillon"],
  ...["America/New_York", "USD", "US", "en-US", "payment-reminder", "payment_reminder", "192.0.2.10", "sip:ada@example.com", "1", "09:00-18:00"],
  ...[
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "a text of some length, as people write it when they have something to say",
    "12:00:00",
    "INV",
    "hold/please-wait.wav",
  ],
];

/**
 * Something that fits a schema, for people to look at: its own example where it has one, and put together from its parts otherwise.
 * @param name of the property, for texts
 */
export function exampleOf(schema: JsonSchema, name = ""): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(choice, name);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, name)));
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "object":
      return objectExample(schema);
    case "array":
      return schema.items === undefined ? [] : Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => exampleOf(schema.items ?? {}, name));
    case "integer":
      return Math.min(schema.maximum ?? 1, Math.ceil(schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1));
    case "number":
      return Math.min(schema.maximum ?? 1, schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1);
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return textExample(schema, name);
    default:
      return schema.properties ? objectExample(schema) : {};
  }
}

function objectExample({ properties = {}, patternProperties = {}, additionalProperties }: JsonSchema): Record<string, unknown> {
  const known = Object.entries(properties).map(([key, property]) => [key, exampleOf(property, key)]);
  const [free] = Object.values(patternProperties);
  const value = free ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
  const [pattern = ""] = Object.keys(patternProperties);
  const key = ["first_name", "42"].find((text) => new RegExp(pattern, "u").test(text));
  const more = value !== undefined && key !== undefined && known.length === 0 ? [[key, exampleOf(value, key)]] : [];
  return Object.fromEntries([...known, ...more]);
}

function textExample({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema, name: string): string {
  const own = Object.hasOwn(named, name) ? named[name] : undefined;
  const form = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength && (form === undefined || form.test(text));
  const found = [
    ...(own === undefined ? [] : [own]),
    ...(/(At|Since|Until)$/.test(name) ? ["2026-03-02T15:04:05.000Z"] : []),
    ...(/Id$/.test(name) ? ["42"] : []),
    ...texts,
  ].find(fits);
  return found ?? "x".repeat(Math.max(1, minLength));
}
