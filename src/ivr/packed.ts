import { knownTemplate, type Template } from "../template/template.ts";
import type { Script } from "./script.ts";

/** A script as it can be sent to another thread (structuredClone): of each template only its text and what is known of that. */
export type PackedScript = { readonly packed: unknown };

interface PackedTemplate {
  readonly template: Omit<Template, "render">;
}

/** Made with `pack` in this very program: never of what comes from anywhere else. */
export function unpack({ packed }: PackedScript): Script {
  return mapped(packed, (value) => (isPacked(value) ? knownTemplate(value.template) : undefined)) as Script;
}

export function pack(script: Script): PackedScript {
  return { packed: mapped(script, packedTemplate) };
}

function packedTemplate(value: object): PackedTemplate | undefined {
  if (!isTemplate(value)) return undefined;
  const { source, kind, fields, needed } = value;
  return { template: { source, kind, fields, needed } };
}

function isTemplate(value: object): value is Template {
  return "render" in value && typeof value.render === "function";
}

function isPacked(value: object): value is PackedTemplate {
  return "template" in value && typeof value.template === "object";
}

/** The same with every object in it replaced for which there is something else. */
function mapped(value: unknown, instead: (value: object) => object | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  const other = instead(value);
  if (other) return other;
  if (Array.isArray(value)) return value.map((item) => mapped(item, instead));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, mapped(item, instead)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, instead)]));
}
