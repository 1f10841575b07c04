import type { ReadMail } from "./inbox-ports.ts";

/** Programs that tell of an absence without the field that RFC 3834 wants; only at the beginning, where a person's own subject would have had "Re:". */
const subjects =
  /^(?:(?:re|aw|fwd?):\s*)?(?:out of (?:the )?office\b|automatic(?:ally generated)? reply\b|auto(?:matic)?[- ]?(?:reply|response|responder|answer)\b|vacation (?:reply|response|message)\b|away from (?:the |my )?(?:office|desk)|on (?:vacation|leave|holiday)\b|i am (?:currently )?(?:out of|away)|abwesenheits?(?:notiz|nachricht|meldung)|abwesend\b|automatische (?:antwort|abwesenheit)|r[ée]ponse automatique|absence du bureau|absent du bureau|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:ufficio|sede)|automatisch antwoord|afwezig|resposta autom[áa]tica|autosvar|automatiskt svar|automaattinen vastaus|odpowied[źz] automatyczna|自動応答|自动回复)/i;
/** Mailboxes that no person writes from. */
const machines =
  /^(?:no-?reply|do-?not-?reply|noreply-.*|auto-?reply|autoresponder?|mailer-daemon|postmaster|listserv|majordomo|.*-(?:request|owner)|owner-.*)@/;

/**
 * Why a mail is taken for one that no person wrote; undefined when a person did. RFC 3834 §5 (Auto-Submitted), and what programs write beside it: a mail that is not
 * answered automatically by RFC 3834 §2 is not counted as an answer either.
 */
export function automaticBecause({ fields, returnPath, reportType, subject, from }: ReadMail): string | undefined {
  const submitted = fields["auto-submitted"]?.toLowerCase().split(";")[0]?.trim();
  if (submitted !== undefined && submitted !== "no") return `Auto-Submitted: ${submitted.slice(0, 40)}`;
  if (reportType !== undefined) return `multipart/report, ${reportType}`;
  for (const name of ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply", "x-vacation", "x-failed-recipients"]) {
    if (fields[name] !== undefined && fields[name].toLowerCase() !== "no") return name;
  }
  const precedence = fields["precedence"]?.toLowerCase();
  if (precedence !== undefined && /^(?:bulk|junk|list|auto[_-]?reply)/.test(precedence)) return `Precedence: ${precedence.slice(0, 40)}`;
  if (fields["list-id"] !== undefined || fields["list-unsubscribe"] !== undefined) return "it came over a mailing list";
  if (returnPath === "") return "it has no return path";
  if (from !== undefined && machines.test(from)) return "no person writes from its mailbox";
  if (subjects.test(subject.trim())) return "its subject is that of an automatic reply";
  return undefined;
}
