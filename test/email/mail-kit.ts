import { readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { messageIdOf, returnPathOf } from "../../src/email/address.ts";
import type { RawMail } from "../../src/email/inbox-ports.ts";
import { judgeMail } from "../../src/email/incoming.ts";

export const key = "a key of the test, long enough to be one";
export const messageId = messageIdOf(key, "77", "mail.acme.example");
export const returnPath = returnPathOf(key, "77", "in.acme.example");

export const rawOf = (lines: readonly string[], envelope?: RawMail["envelope"]): RawMail => {
  const raw = Buffer.from(lines.join("\r\n"), "utf8");
  return { inbox: "main", at: 1_767_225_600_000, raw, size: raw.length, ...(envelope && { envelope }) };
};

export const judgeOptions = {
  key,
  domains: ["mail.acme.example", "in.acme.example"],
  isOurs: (mailbox: string) => mailbox === "hello@mail.acme.example" || /^reply\+\d+@in\.acme\.example$/.test(mailbox),
};

export async function judge(mail: RawMail) {
  return judgeMail(await readMail(mail), judgeOptions);
}

/** A report by RFC 3464 that came to the return path of attempt 77. */
export function report(
  recipientFields: readonly string[],
  { to = returnPath, text = "See below.", original = [`Message-ID: ${messageId}`] } = {},
): RawMail {
  const lines = [
    ...["From: Mail Delivery Subsystem <mailer-daemon@mx.example>", `To: ${to}`, "Subject: Delivery Status Notification"],
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ...["", "--b", "Content-Type: text/plain", "", text, ""],
    ...["--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "", ...recipientFields, ""],
    ...["--b", "Content-Type: text/rfc822-headers", "", ...original, "", "--b--", ""],
  ];
  return rawOf(lines, { from: "", to: [to] });
}

/** What a server wrote for people, to the return path of attempt 77. */
export function notice(from: string, subject: string, text: readonly string[], extra: readonly string[] = []): RawMail {
  return rawOf([`From: ${from}`, `To: ${returnPath}`, `Subject: ${subject}`, ...extra, "", ...text, ""], { from: "", to: [returnPath] });
}

export function letter(
  text: readonly string[],
  { from = "Ann Lee <ann@people.example>", subject = "Re: Your invoice", extra = [] as readonly string[], to = "reply+9@in.acme.example" } = {},
): RawMail {
  const head = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    "Message-ID: <letter@people.example>",
    "Content-Type: text/plain; charset=utf-8",
    ...extra,
  ];
  return rawOf([...head, "", ...text, ""], { from: "ann@people.example", to: [to] });
}
