import { fillMessage } from "../template/fill.ts";
import type { MessageTemplate } from "../template/ports.ts";
import type { SenderOptions } from "./options.ts";
import { canBeAnswered } from "./route.ts";
import { transliterate } from "./transliterate.ts";
import { namesWayOut } from "./way-out.ts";

/** The text a person gets, or why they get none. */
export type Composed = { readonly text: string } | { readonly held: string };

/** @param plain whether letters outside the GSM alphabet are to be written with those in it, whatever the template says */
export function compose(
  template: MessageTemplate | undefined,
  fields: Readonly<Record<string, string>>,
  sender: SenderOptions,
  plain: boolean,
): Composed {
  if (template?.channel !== "sms") return { held: template ? `template ${template.name} is not one for SMS` : "its template is not there any more" };
  const filled = fillMessage(template, fields);
  if ("held" in filled) return { held: filled.held };
  const text = plain || template.transliterate ? transliterate(filled.text) : filled.text;
  if (!canBeAnswered(sender) && !namesWayOut(text))
    return { held: `nobody can answer ${sender.address}, and the text names no other way to opt out: a web address, a mailbox or a number` };
  return { text };
}
