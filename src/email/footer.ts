import type { EmailTemplate } from "../template/ports.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { plainTextOf } from "./plain-text.ts";
import { quickFill } from "./quick-fill.ts";

type Words = { readonly unsubscribeText: string };

function uses(template: Template | undefined, name: string): boolean {
  return template?.fields.includes(name) ?? false;
}

/** What the law wants in an e-mail and its author has left out, for the end of a part; the first lines as they are, the link last. */
function missingIn(template: Template): readonly string[] {
  return ["postal_address", "sender_phone", "unsubscribe_url"].filter((name) => !uses(template, name));
}

function withHtmlFooter(template: Template, { unsubscribeText }: Words, language?: string): Template {
  const lines = missingIn(template).map((name) =>
    name === "unsubscribe_url" ? `<a href="{unsubscribe_url}">${escaped(unsubscribeText)}</a>` : `{${name}}`,
  );
  if (lines.length === 0) return template;
  const footer = `<p style="font-size:smaller;color:#555">${lines.join("<br>")}</p>`;
  const at = template.source.toLowerCase().lastIndexOf("</body>");
  const end = at < 0 ? template.source.length : at;
  return compileTemplate(template.source.slice(0, end) + footer + template.source.slice(end), "html", language);
}

function withTextFooter(template: Template, { unsubscribeText }: Words, language?: string): Template {
  const lines = missingIn(template).map((name) =>
    name === "unsubscribe_url" ? `${unsubscribeText.replace(/[{}\\]/g, "\\$&")}: {unsubscribe_url}` : `{${name}}`,
  );
  if (lines.length === 0) return template;
  // The line that parts a signature from what is above it (RFC 3676 §4.3).
  return compileTemplate(`${template.source.trimEnd()}\n\n-- \n${lines.join("\n")}\n`, "text", language);
}

/** The text part of an author who wrote HTML only; undefined when it cannot be had from the source, and must be from what was rendered. */
function textOf(html: Template, language?: string): Template | undefined {
  try {
    const text = compileTemplate(plainTextOf(html.source), "text", language);
    return text.needed.every((name) => html.needed.includes(name)) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The template with what must stand in each part: postal address, telephone number, unsubscribe link. */
export function completed(template: EmailTemplate, words: Words): EmailTemplate {
  const { html, text, ...rest } = template;
  const whole = html && withHtmlFooter(html, words, template.language);
  const own = text && withTextFooter(text, words, template.language);
  const plain = own ?? (whole && textOf(whole, template.language));
  return { ...rest, ...(whole && { html: quickFill(whole) }), ...(plain && { text: quickFill(plain) }) };
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
