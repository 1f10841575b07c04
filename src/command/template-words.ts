import type { ListReport } from "../sms/list-check.ts";
import { type Extent, forcingUcs2, type SegmentOptions } from "../sms/segment.ts";
import type { MessageTemplate } from "../template/ports.ts";
import { oneLine, tableText, terminalText } from "./table.ts";
import { counted } from "./terminal.ts";

/** `2 segments: 171 septets of GSM 03.38` */
export function sizeText({ segments, units, encoding, forcing = [] }: Extent & { readonly forcing?: readonly string[] }): string {
  const what = encoding === "gsm" ? `${units} septets of GSM 03.38` : `${units} units of UCS-2, because of ${forcing.map(characterText).join(" ")}`;
  return `${counted(segments, "segment")}: ${what}`;
}

/** What a template comes to over a list, for a terminal. */
export function reportText(report: ListReport, template: MessageTemplate, list: string, { dataCoding0 }: SegmentOptions): string {
  const { contacts, ready, unreachable, held, lacks, worst, sms } = report;
  const lines = [`${template.name} to the ${counted(contacts, "contact")} of list ${list}: ${ready} would get it.`];
  if (unreachable > 0) lines.push(`${unreachable} have no ${template.channel === "sms" ? "number that takes messages" : "mailbox"}.`);
  if (held.contacts > 0) {
    lines.push(`${held.contacts} would get nothing:`);
    const rows = held.first.map(({ contactId, clientId, reason }) => [contactId, clientId ?? "", reason]);
    lines.push(tableText(["CONTACT", "CLIENT", "REASON"], rows));
    const more = held.contacts - held.first.length;
    if (more > 0) lines.push(`… and ${more} more`);
  }
  if (lacks.length > 0) lines.push(`Missing fields: ${lacks.map(({ field, contacts: lacking }) => `${field} (${lacking})`).join(", ")}`);
  if (sms) {
    const each = Object.entries(sms.bySegments).map(([segments, people]) => `${people} of ${counted(Number(segments), "segment")}`);
    lines.push(`${counted(sms.segments, "segment")} in all${each.length > 0 ? `: ${each.join(", ")}` : ""}.`);
    const { contacts: wide, characters } = sms.ucs2;
    if (wide > 0) {
      lines.push(`${wide} go out in UCS-2, because of:`);
      lines.push(...characters.map(({ character, contacts: people }) => `  ${characterText(character)} in ${counted(people, "message")}`));
      if (template.channel === "sms" && !template.transliterate)
        lines.push("`transliterate: true` in the template writes letters like these with others, where there are any.");
    } else if (ready > 0) lines.push("All of them fit into GSM 03.38.");
  }
  if (worst) {
    const { segments, units, encoding, text, clientId, contactId } = worst;
    const size =
      segments === undefined || units === undefined || encoding === undefined
        ? counted(text.length, "character")
        : sizeText({ segments, units, encoding, forcing: forcingUcs2(text, dataCoding0) });
    lines.push(`The longest is that of contact ${contactId}${clientId === undefined ? "" : ` (client ${oneLine(clientId)})`}, ${size}`);
    if (sms) lines.push(terminalText(text));
  }
  return lines.join("\n");
}

/** “ë” (U+00EB) */
function characterText(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `“${terminalText(character)}” (U+${code})`;
}
