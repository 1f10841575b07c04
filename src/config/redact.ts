import { type Config, configSchema } from "./schema.ts";
import { isTable, type Shape } from "./shape.ts";

const hidden = "[hidden]";

/** The configuration as it may be shown or logged: secrets are replaced, also the password inside a URL. */
export function redacted(config: Config): unknown {
  return redact(configSchema, config);
}

function redact(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === "") return value;
  if (shape.secret === true) return hidden;
  if (shape.secret === "url") return redactUrl(String(value));
  const { items, properties } = shape;
  if (items !== undefined && Array.isArray(value)) return value.map((item: unknown) => redact(items, item));
  if (properties === undefined || !isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redact(properties[key] ?? { secret: true }, part)]));
}

function redactUrl(text: string): string {
  if (!URL.canParse(text)) return hidden;
  const url = new URL(text);
  if (url.password !== "") url.password = "hidden";
  // A password may also come as a parameter (libpq takes ?password=).
  if (url.search !== "") url.search = "?hidden";
  return url.toString();
}
