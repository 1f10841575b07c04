import type { MailEnd } from "../../email/ports.ts";

/** The server has let go of the connection, by 421 (RFC 5321 §3.8) or without a word, and has nothing of the message. */
export function isLetGo(end: MailEnd): boolean {
  return end.end === "unsent" ? end.connected : end.end === "refused" && end.code === 421 && end.stage !== "sent";
}

/** As with refused senders: fewer say nothing of everybody. */
const mostInARow = 25;

/** Whether a server takes no message now, whoever it is for: it puts them off, or the connection breaks, one after the other. */
export class RefusingAll {
  /** Since it last took one, or said no to one for good. */
  #inARow = 0;

  /** @param end of each message, as it comes @returns why the server had better be left alone for a while; that it has not taken this one is not the message's fault */
  says(end: MailEnd): string | undefined {
    if (end.end === "accepted" || (end.end === "refused" && end.code >= 500)) {
      this.#inARow = 0;
      return undefined;
    }
    const why = end.end === "refused" ? end.text : end.why;
    // It has not even heard for whom. Its disk is full (452), it is too busy (451), or closes (421).
    if (end.end === "refused" && end.stage === "mail") return why;
    this.#inARow += 1;
    return this.#inARow > mostInARow ? why : undefined;
  }
}
