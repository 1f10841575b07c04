import { Fault } from "../../kernel/fault.ts";
import type { LabMailbox } from "./lab-mailbox.ts";

type Handler = (body: unknown) => unknown;

/**
 * The mail exchanger over the lab's HTTP control.
 *
 *     GET  /mails             {taken, mails: MailRecord[], refused: RefusedRecipient[], answers: AnswerRecord[]}
 *     GET  /mails.ndjson      one MailRecord a line
 *     POST /mails             {from, to, raw}: somebody sends a mail to where answers go
 *     POST /mails/personas    {mailboxes?: {mailbox: persona | null}, mix?: {persona: share}, everybody?: persona | null}
 *     POST /mails/answers     {host, port}: the SMTP server for bounces, replies and complaints; null: nowhere
 */
export function mailboxHandlers(mailbox: LabMailbox): Readonly<Record<string, Handler>> {
  return {
    "GET /mails": () => mailbox.books.toJSON(),
    "GET /mails.ndjson": () => mailbox.books.mails.map((mail) => `${JSON.stringify(mail)}\n`).join(""),
    "POST /mails": (body) => {
      const { from, to, raw } = fields(body);
      if (typeof from !== "string" || typeof to !== "string" || typeof raw !== "string")
        throw new Fault("not-a-mail", "a mail needs from, to and raw, all texts");
      if (!mailbox.answersTo) throw new Fault("not-a-mail", "say with POST /mails/answers where mails are sent");
      mailbox.send({ from, to, raw });
      return { ok: true };
    },
    "POST /mails/personas": (body) => {
      const { mailboxes, mix, everybody } = fields(body);
      const { directory } = mailbox;
      for (const [box, name] of Object.entries(fields(mailboxes ?? {}))) directory.assign(box, name === null ? undefined : String(name));
      if (mix !== undefined) directory.setMix(Object.fromEntries(Object.entries(fields(mix)).map(([name, share]) => [name, Number(share)])));
      if (everybody !== undefined) directory.setEverybody(everybody === null ? undefined : String(everybody));
      return { ok: true };
    },
    "POST /mails/answers": (body) => {
      if (body === null) {
        mailbox.answersTo = undefined;
        return { ok: true };
      }
      const { host, port } = fields(body);
      if (typeof host !== "string" || typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535)
        throw new Fault("not-a-server", "a server needs host, a text, and port, 1 to 65535");
      mailbox.answersTo = { host, port };
      return { ok: true };
    },
  };
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Fault("not-an-object", "a JSON object is expected here");
}
