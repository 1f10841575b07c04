import { Fault } from "../kernel/fault.ts";
import { liquidFor, type RenderGlobals } from "./liquid.ts";
import { localeOf } from "./locale.ts";
import { scan, type TemplateKind } from "./scan.ts";

export type { TemplateKind } from "./scan.ts";

/** The values a template is filled with, by field name. */
export type Fields = Readonly<Record<string, string>>;

/** A template that has been read and can be rendered any number of times. */
export interface Template {
  readonly source: string;
  readonly kind: TemplateKind;
  /** Every field it mentions. */
  readonly fields: readonly string[];
  /** The fields without which it cannot be rendered. */
  readonly needed: readonly string[];
  /**
   * The text for one contact.
   * @throws Fault `template-field-missing` (detail `fields`), `template-value` when one is no number or date and should be, `template-too-long`, `template-render`
   */
  render(fields: Fields): string;
}

/** Longest result in characters: a spoken prompt of 2,000 characters lasts over two minutes; an e-mail may be a megabyte. */
const maxLength: Readonly<Record<TemplateKind, number>> = { prompt: 2_000, text: 20_000, line: 1_000, html: 1_000_000 };

// Control characters say nothing to a person and much to a terminal, a header or a speech engine.
const controls = /(?![\t\n\r])[\p{Cc}\u2028\u2029]/gu;

/** A value as it may appear in this kind of text. */
function cleaned(value: string, kind: TemplateKind): string {
  const printable = value.replace(controls, " ");
  return kind === "line" || kind === "prompt" ? printable.replace(/\s+/g, " ") : printable;
}

function finished(text: string, kind: TemplateKind): string {
  return kind === "prompt" || kind === "line" ? text.replace(/\s+/g, " ").trim() : text;
}

function checkLength(text: string, kind: TemplateKind): string {
  if (text.length <= maxLength[kind]) return text;
  throw new Fault("template-too-long", `the text is ${text.length} characters long; ${maxLength[kind]} are allowed here`);
}

/**
 * Reads a template.
 * @param language how money and dates are written for contacts whose own language is not known; en-US when left out
 * @throws Fault `template-syntax` with `line` and `column` (from 1, within the source) in its detail
 */
export function compileTemplate(source: string, kind: TemplateKind, language?: string): Template {
  const scanned = scan(source, kind);
  if (scanned.constant) {
    const text = checkLength(finished(source, kind), kind);
    return { source, kind, fields: [], needed: [], render: () => text };
  }
  const liquid = liquidFor(kind);
  let parsed: ReturnType<typeof liquid.parse>;
  try {
    parsed = liquid.parse(scanned.liquid);
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/, line:.*$/s, "") : String(error);
    throw new Fault("template-syntax", `the text cannot be read: ${message}`, { cause: error, detail: { line: 1, column: 1 } });
  }

  const render = (fields: Fields): string => {
    const missing = scanned.needed.filter((field) => !Object.hasOwn(fields, field));
    if (missing.length > 0) throw new Fault("template-field-missing", `the contact has no ${missing.join(", ")}`, { detail: { fields: missing } });
    const scope: Record<string, string> = Object.create(null);
    // An optional field that is absent is empty: `if` and `default` see no difference between the two.
    for (const field of scanned.fields) scope[field] = Object.hasOwn(fields, field) ? cleaned(fields[field] ?? "", kind) : "";
    let text: string;
    try {
      const globals: RenderGlobals = { locale: () => localeOf(fields, language) };
      text = String(liquid.renderSync(parsed, scope, { globals }));
    } catch (error) {
      const filtered = error instanceof Error && "originalError" in error ? error.originalError : undefined;
      if (filtered instanceof Fault) throw filtered;
      throw new Fault("template-render", `the text cannot be rendered: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    return checkLength(finished(text, kind), kind);
  };
  return { source, kind, fields: scanned.fields, needed: scanned.needed, render };
}

/** A template that was read elsewhere without a fault; here it is read when it is first rendered. */
export function knownTemplate(known: Omit<Template, "render">): Template {
  let read: Template | undefined;
  return {
    ...known,
    render(fields) {
      read ??= compileTemplate(known.source, known.kind);
      return read.render(fields);
    },
  };
}
