/** Where the mail begins that somebody answers, as mail programs write it: everything from there on is not theirs. */
const quoteBegins: readonly RegExp[] = [
  /^-{2,}[ \t]*(?:original(?:e)? (?:message|nachricht)|urspr(?:ü|ue)ngliche nachricht|message d'origine|mensaje original|messaggio originale|forwarded message|reply above|weitergeleitete nachricht)/i,
  /^_{10,}[ \t]*$/,
  /^(?:on|am|le|el|il|op|em|den|dne|w dniu)\b.{1,300}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napsal|napisał).{0,100}:[ \t]*$/i,
  /^\*?(?:from|von|de|da|van|från|fra)\*?:\*?[ \t].{0,200}@/i,
  /^(?:#{2,}|={5,})[ \t]*(?:please )?(?:reply|respond)/i,
];
/** The head of what is answered as Outlook copies it, where it leaves out the mailbox: the next lines tell it from a letter. */
const headBegins = /^\*?(?:from|von|de|da|van|från|fra)\s?:/i;
const headGoesOn =
  /^\*?(?:sent|date|to|gesendet|datum|an|envoyé|à|enviado(?: el)?|para|fecha|inviato|data|a|verzonden|aan|skickat|till|sendt|til)\s?:/i;
/** RFC 3676 §4.3; and what telephones add of themselves. */
const signatureBegins =
  /^(?:-- ?|sent from my \S.{0,60}|get outlook for \w+.{0,60}|von meinem .{1,40} gesendet|envoyé de mon .{1,40}|enviado desde mi .{1,40})$/i;
const mostLines = 2000;

/**
 * What the person wrote, without what they quote and without the signature; trimmed. May be empty. Whoever writes below what they quote marks it with ">", and so is read on; where it
 * is not marked nobody knows where it ends.
 */
export function ownText(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").split("\n", mostLines);
  const own: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const plain = line.trim().slice(0, 1000);
    if (plain.startsWith(">")) continue;
    if (signatureBegins.test(plain)) break;
    // "On Monday … \n … wrote:" is broken into two lines as often as not.
    const both = `${plain} ${lines[at + 1]?.trim().slice(0, 400) ?? ""}`;
    const isHead = headBegins.test(plain) && lines.slice(at + 1, at + 3).some((each) => headGoesOn.test(each.trim()));
    const isOne = isHead || quoteBegins.some((begins) => begins.test(plain));
    if (isOne || (quoteBegins[2]?.test(both) ?? false)) {
      const next = lines.findIndex((each, index) => index > (isOne ? at : at + 1) && each.trim() !== "");
      if (!lines[next]?.trim().startsWith(">")) break;
      at = next;
    } else own.push(line.trimEnd());
  }
  return own.join("\n").trim();
}

/**
 * The same for somebody who has to read it: without control characters, those that turn the direction of what follows, and links of HTML that are no addresses. Whoever has written
 * nothing beside what they quote is shown with that.
 */
export function personsText(text: string): string {
  const own = ownText(text);
  const words = (own === "" ? text.trim() : own).replace(/ ?\[(?:javascript|data|vbscript|file|blob):[^[\]]{0,5000}\]/gi, "");
  return words.replace(/(?![\t\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu, "");
}

/** The subject without "Re:" and the like (RFC 5322 §3.6.5). */
export function plainSubject(subject: string): string {
  return subject
    .slice(0, 300)
    .replace(/^(?:\s*(?:re|aw|sv|vs|antw|ref|fwd?|wg|tr|rv)(?:\[\d{1,3}\])?\s*:)+/i, "")
    .trim();
}
