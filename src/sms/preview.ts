import { fillMessage, type HeldBack, suppliedFields } from "../template/fill.ts";
import type { MessageTemplate } from "../template/ports.ts";
import type { Fields } from "../template/template.ts";
import { type Extent, forcingUcs2, measure, type SegmentOptions } from "./segment.ts";
import { transliterate } from "./transliterate.ts";

/** What one contact would read. */
export interface Preview {
  readonly text?: string;
  readonly subject?: string;
  readonly html?: string;
  /** SMS: what it costs, and because of which characters. */
  readonly sms?: Extent & { readonly forcing: readonly string[] };
}

/** Stands for what is filled in when an e-mail is sent. */
const supplied: Fields = Object.fromEntries(suppliedFields.map((name) => [name, `[${name}]`]));

/** A template as one contact would get it, or why they would get nothing. */
export function previewMessage(template: MessageTemplate, fields: Fields, options: SegmentOptions): Preview | HeldBack {
  const filled = fillMessage(template, template.channel === "email" ? { ...fields, ...supplied } : fields);
  if ("held" in filled) return filled;
  const { channel, ...content } = filled;
  if (channel === "email" || template.channel === "email") return content;
  const text = template.transliterate ? transliterate(filled.text) : filled.text;
  return { text, sms: { ...measure(text, options), forcing: forcingUcs2(text, options.dataCoding0) } };
}
