import type { MailEnd } from "../../email/ports.ts";

type Refused = Extract<MailEnd, { end: "refused" }>;

/** The server has let go of the connection, by 421 (RFC 5321 §3.8) or without a word, and has nothing of the message. */
export function isLetGo(end: MailEnd): boolean {
  return end.end === "unsent" ? end.connected : end.end === "refused" && end.code === 421 && end.stage !== "sent";
}

/** As with refused senders: fewer say nothing of everybody. */
const mostInARow = 25;

/** Whether a server takes no message now, whoever it is for. */
export class RefusingAll {
  /** Since it last took one, or said no to one for good. */
  #putOff = 0;

  /** @param end of each message, as it comes @returns true when this one is not to blame: it costs no try, and the server had better be left alone for a while */
  says(end: MailEnd): end is Refused {
    if (end.end === "unsent" || end.end === "unknown") return false;
    const isPutOff = end.end === "refused" && end.code < 500;
    // It has not even heard for whom. Its disk is full (452), it is too busy (451), or closes (421).
    if (isPutOff && end.stage === "mail") return true;
    this.#putOff = isPutOff ? this.#putOff + 1 : 0;
    return isPutOff && this.#putOff > mostInARow;
  }
}
