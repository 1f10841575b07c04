import { Readable } from "node:stream";
import type SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Mail, MailEnd, SmtpStage } from "../../email/ports.ts";

const enhancedShape = /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/;

/**
 * A message that knows whether it has been read: the library reads it when the server has said 354, and all of it at once. Before that nothing of it
 * can have been taken; from then on it may be.
 */
class Content extends Readable {
  given = false;
  readonly #raw: Uint8Array;

  constructor(raw: Uint8Array) {
    // As one piece, however large.
    super({ highWaterMark: raw.length + 1 });
    this.#raw = raw;
  }

  override _read(): void {
    this.given = true;
    this.push(this.#raw);
    this.push(null);
  }
}

const stages: Readonly<Record<string, SmtpStage>> = { "MAIL FROM": "mail", "RCPT TO": "rcpt", DATA: "data" };

/** What an error of the library says that is not in its type everywhere. */
interface Said {
  readonly message: string;
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly command?: string | undefined;
}

/** One message over a connection that is ready. Never rejects, and settles once, whatever becomes of the connection. */
export function transact(connection: SMTPConnection, { from, to, raw }: Mail): Promise<MailEnd> {
  return new Promise((resolve) => {
    const content = new Content(raw);
    // A connection that ends without an error, closed by the server between two messages. Of others the error is told after the end.
    const onEnd = () => setImmediate(finish, lost(content.given, "the server closed the connection"));
    const finish = (end: MailEnd) => {
      connection.removeListener("end", onEnd);
      resolve(end);
    };
    connection.once("end", onEnd);
    try {
      connection.send({ from, to: [to], size: raw.length }, content, (error, info) => {
        if (error) finish(endOf(error, content.given));
        else finish({ end: "accepted", response: oneLine(info?.response ?? "") });
      });
    } catch (error) {
      finish(lost(content.given, error instanceof Error ? error.message : String(error)));
    }
  });
}

/** @param given whether the message had been given away */
export function endOf(error: Said, given: boolean): MailEnd {
  const { responseCode, response, command } = error;
  // 503 and the like to what the library did wrong are answers too; anything below 400 is no refusal.
  if (responseCode === undefined || responseCode < 400 || responseCode > 599) return lost(given, error.message);
  const text = oneLine(response ?? error.message);
  const enhanced = enhancedShape.exec(text)?.[1];
  const stage = given ? "sent" : (stages[command ?? ""] ?? "connection");
  return { end: "refused", stage, code: responseCode, ...(enhanced !== undefined && { enhanced }), text };
}

function lost(given: boolean, why: string): MailEnd {
  return given ? { end: "unknown", why: oneLine(why) } : { end: "unsent", connected: true, why: oneLine(why) };
}

/** What a server says, as one line that can be stored and shown. */
export function oneLine(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 500);
}
