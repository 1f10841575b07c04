import type { ReadMail } from "./inbox-ports.ts";
import { plainSubject } from "./reply.ts";

/** In ASCII, and nothing in it that could end a header line: it is written into ours. */
const safeId = /^<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>$/;
/** The first tells which correspondence it is, the last what is answered. */
const mostIds = 20;

/** Message-IDs of a mail's References for whoever answers it (RFC 5322 §3.6.4): those that it goes back to, the oldest first, and its own. */
export function threadOf({ references, messageId }: Pick<ReadMail, "references" | "messageId">): readonly string[] {
  const ids = [...references.toReversed(), ...(messageId === undefined ? [] : [messageId])].filter((id) => safeId.test(id));
  const [first, ...rest] = new Set(ids);
  return first === undefined ? [] : [first, ...rest.slice(-(mostIds - 1))];
}

/** The subject of an answer: what is answered, with one "Re:". */
export function answerSubject(subject: string): string {
  return `Re: ${plainSubject(subject)}`.trim();
}
