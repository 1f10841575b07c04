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

/** For whoever does not see all of a contact: their fields as they are shown to them, and what stands for a text that those do not fill. */
export interface Shown {
  readonly fields: (fields: Fields) => Fields;
  readonly instead: string;
}

/**
 * A template as one contact would get it, or why they would get nothing. Where something is hidden it is hidden from the template: what comes out of a filter could not be known again.
 * What it costs is that of what would be sent.
 */
export function previewMessage(template: MessageTemplate, fields: Fields, options: SegmentOptions, shown?: Shown): Preview | HeldBack {
  const preview = previewWhole(template, fields, options);
  if (shown === undefined) return preview;
  const seen = previewWhole(template, shown.fields(fields), options);
  // The reason may have the value in it.
  if ("held" in preview) return { held: "held" in seen ? seen.held : shown.instead, lacks: preview.lacks };
  const instead = { text: shown.instead, ...(preview.subject !== undefined && { subject: shown.instead }) };
  return { ...("held" in seen ? instead : seen), ...(preview.sms && { sms: preview.sms }) };
}

function previewWhole(template: MessageTemplate, fields: Fields, options: SegmentOptions): Preview | HeldBack {
  const filled = fillMessage(template, template.channel === "email" ? { ...fields, ...supplied } : fields);
  if ("held" in filled) return filled;
  const { channel, ...content } = filled;
  if (channel === "email" || template.channel === "email") return content;
  const text = template.transliterate ? transliterate(filled.text) : filled.text;
  return { text, sms: { ...measure(text, options), forcing: forcingUcs2(text, options.dataCoding0) } };
}
