import type { JsonSchema } from "../../src/api/schema/example.ts";
import { intBetween, pick, type Random } from "../../src/kernel/random.ts";

export interface Operation {
  readonly method: string;
  /** With `{name}` where parameters go. */
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly example?: unknown }[];
  /** By media type, an example that fits. */
  readonly bodies: readonly (readonly [type: string, example: unknown, schema: JsonSchema])[];
}

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Values that are at home nowhere. Texts are JSON already. */
const strange: readonly string[] = [
  ...["null", "true", "-0", "1e308", "-1e308", "9223372036854775807", "9223372036854775808", "0.1", "1e-320", '""', "[]", "{}", "[[]]", "[null]"],
  ...[
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\u202e\\u2066"',
    '"😀"',
    '"ﬀ\\u0301"',
    '"\\r\\nX-Injected: 1"',
    '"\\u2028"',
    '"%00%0d%0a"',
  ],
  ...[
    `"' or 1=1 --"`,
    '"{{7*7}}{{constructor}}"',
    '"{{ x | map: \\"constructor\\" }}"',
    '"$(id)"',
    '"../../../etc/passwd"',
    '"=cmd|calc!A1"',
    '"<script>"',
    '"NaN"',
    '"Infinity"',
  ],
  ...[
    '"+1212555010199999999999"',
    '"+"',
    '"a@b@c"',
    '"0000-00-00T99:99:99Z"',
    '"2026-02-30"',
    '"+275760-09-13T00:00:00.001Z"',
    '"America/Nowhere"',
    '"__proto__"',
    '"constructor"',
  ],
  ...['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1,"valueOf":2,"length":-1}', '{"":""}', '{"a\\u0000":1}'],
];

const long = (random: Random) => JSON.stringify("A😀".repeat(intBetween(random, 500, 9000)));

/** A value that does not belong there, as JSON. */
function stray(random: Random): string {
  const chance = random.next();
  if (chance < 0.08) return long(random);
  if (chance < 0.12) return deep(intBetween(random, 5, 3000));
  if (chance < 0.15) return `[${Array.from({ length: intBetween(random, 100, 2000) }, (_, at) => at).join(",")}]`;
  return pick(random, strange);
}

/** The JSON of a value with something in it that does not belong there, somewhere. */
function spoilt(value: unknown, random: Random, now: boolean): string {
  if (now && (typeof value !== "object" || value === null || random.next() < 0.15)) return stray(random);
  if (Array.isArray(value)) {
    const at = intBetween(random, 0, Math.max(0, value.length - 1));
    return `[${value.map((item, index) => spoilt(item, random, now && index === at)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    const chosen = keys.length === 0 ? undefined : pick(random, keys);
    const lost = now && random.next() < 0.15;
    const parts = Object.entries(value).flatMap(([key, item]) =>
      lost && key === chosen ? [] : [`${JSON.stringify(key)}:${spoilt(item, random, now && !lost && key === chosen)}`],
    );
    if (now && random.next() < 0.15)
      parts.push(`${pick(random, ['"__proto__"', '"more"', '"constructor"', '"\\u0000"', '"toString"'])}:${stray(random)}`);
    return `{${parts.join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Bytes that are no JSON, or that some reader takes for it. */
function broken(json: string, random: Random): Buffer {
  const bytes = Buffer.from(json);
  const at = intBetween(random, 0, Math.max(0, bytes.length - 1));
  switch (intBetween(random, 0, 6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0x00, 0xc0, 0x80]), bytes.subarray(at)]);
    case 3:
      return Buffer.from(json, "utf16le");
    case 4:
      return Buffer.from(deep(30_000));
    case 5:
      return Buffer.from(`${json}${json}`);
    default:
      return Buffer.alloc(intBetween(random, 0, 200_000), bytes.length === 0 ? 32 : bytes);
  }
}

const pathTexts = [
  "0",
  "-1",
  "99999999999999999999",
  "1e3",
  "%00",
  "%2e%2e%2f",
  "..%5c",
  "%F0%9F%98%80",
  "%ud800",
  "%",
  "a".repeat(300),
  "null",
  "'",
  "%0d%0aX:1",
  "1%20or%201",
  "__proto__",
  "constructor",
];
const types = [
  "text/csv",
  "application/yaml",
  "application/json; charset=utf-16",
  "application/xml",
  "multipart/form-data; boundary=x",
  "text/plain",
  "application/json;",
  "*/*",
  "application/x-www-form-urlencoded",
];
const strangeHeaders: readonly (readonly [string, string])[] = [
  ["idempotency-key", "a".repeat(300)],
  ["idempotency-key", "same"],
  ["idempotency-key", "\xff\xfe"],
  ["if-match", '"nothing"'],
  ["if-match", '*, "a", W/'],
  ["last-event-id", "bm8"],
  ["accept", "application/xml;q=nan"],
  ["accept-encoding", "gzip, br, zzz;q=9"],
  ["content-encoding", "gzip"],
  ["x-forwarded-for", "127.0.0.1, ' or 1"],
  ["x-http-method-override", "DELETE"],
  ["host", "evil.example"],
  ["origin", "null"],
  ["cookie", `a=${"b".repeat(2000)}; __Host-session=x`],
  ["range", "bytes=0-18446744073709551615"],
  ["expect", "200-maybe"],
  ["upgrade", "h2c"],
  ["content-type", "application/json\t"],
];

/**
 * A request as somebody sends it who wants to see what happens: one that fits the document, with something in it that does not.
 * @param known ids of things that are there
 */
export function hostile(operation: Operation, random: Random, key: string, known: readonly string[]): HostileRequest {
  const { method, parameters } = operation;
  const own = random.next();
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { example } = parameters.find((each) => each.in === "path" && each.name === name) ?? {};
    if (own < 0.25 && random.next() < 0.6) return pick(random, pathTexts);
    return encodeURIComponent(/id$/i.test(name) ? pick(random, known) : String(example ?? "x"));
  });
  const query = parameters.flatMap(({ in: place, name, example }) => {
    if (place !== "query" || random.next() < 0.4) return [];
    const text =
      random.next() < 0.35
        ? random.next() < 0.3
          ? pick(random, pathTexts)
          : encodeURIComponent(stray(random).slice(0, 3000).toWellFormed())
        : encodeURIComponent(String(example));
    return [`${encodeURIComponent(name)}=${text}`, ...(random.next() < 0.05 ? [`${name}=1`] : [])];
  });
  if (random.next() < 0.05) query.push(pick(random, ["__proto__=1", "x[y]=1", "&&&", "a=%ff", "limit=1&limit=2", "%00=1"]));
  const headers: Record<string, string> =
    random.next() < 0.03
      ? { authorization: pick(random, ["Bearer", "Basic YTpi", `Bearer ${"x".repeat(5000)}`, "Bearer \u00ff"]) }
      : { authorization: `Bearer ${key}` };
  if (random.next() < 0.12) {
    const [name, value] = pick(random, strangeHeaders);
    headers[name] = value;
  }
  const target = query.length > 0 ? `${path}?${query.join("&")}` : path;
  if (method === "get" || method === "head") return { method, path: target, headers };
  const [type, example, schema] = operation.bodies.length > 0 ? pick(random, operation.bodies) : ["application/json", {}, {}];
  headers["content-type"] ??= random.next() < 0.06 ? pick(random, types) : type;
  if (random.next() < 0.04) {
    if (random.next() < 0.5) delete headers["content-type"];
    return { method, path: target, headers };
  }
  const raw = !/json/.test(type) || schema.type === "string";
  const json = raw ? String(example) : spoilt(example, random, random.next() < 0.92);
  return { method, path: target, headers, body: random.next() < (raw ? 0.7 : 0.07) ? broken(json, random) : Buffer.from(json) };
}
