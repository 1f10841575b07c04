import type { MailAnswer } from "./persona.ts";

/** The mail that is answered. */
export interface AnsweredMail {
  readonly raw: string;
  /** MAIL FROM. */
  readonly returnPath: string;
  readonly recipient: string;
  /** Epoch ms. */
  readonly atMs: number;
  /** Unique in this lab. */
  readonly number: number;
}

/** A mail that comes back: envelope and text. */
export interface ComposedAnswer {
  readonly from: string;
  readonly to: string;
  readonly raw: string;
}

const host = "mx.lab.example";

/** The first field of that name, unfolded; undefined when there is none. */
export function fieldOf(raw: string, name: string): string | undefined {
  const head = `\r\n${headOf(raw)}`;
  const start = head.toLowerCase().indexOf(`\r\n${name.toLowerCase()}:`);
  if (start < 0) return undefined;
  const rest = head.slice(start + name.length + 3);
  const end = /\r\n(?![ \t])/.exec(rest)?.index ?? rest.length;
  return rest
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .trim();
}

function headOf(raw: string): string {
  const end = raw.indexOf("\r\n\r\n");
  return end < 0 ? raw : raw.slice(0, end);
}

function mailboxIn(field: string | undefined): string | undefined {
  return field && (/<([^<>]+@[^<>]+)>/.exec(field)?.[1] ?? /[^\s,;<>]+@[^\s,;<>]+/.exec(field)?.[0]);
}

/** Written as the servers and mail programs that they stand for do it. @returns undefined when the mail is to be answered by nobody: it had no return path */
export function composeAnswer(kind: MailAnswer, mail: AnsweredMail): ComposedAnswer | undefined {
  const { raw, returnPath, recipient, atMs, number } = mail;
  const date = new Date(atMs).toUTCString().replace("GMT", "+0000");
  const id = `<lab.${number}.${atMs}@${host}>`;
  const messageId = fieldOf(raw, "Message-ID");
  const subject = fieldOf(raw, "Subject") ?? "";
  const lines = (...parts: string[]) => parts.join("\r\n").replace(/\r?\n/g, "\r\n");
  const threading = messageId === undefined ? [] : [`In-Reply-To: ${messageId}`, `References: ${messageId}`];
  const daemon = (name: string, title: string, extra: readonly string[] = []) => [
    `Return-Path: <>`,
    `From: Mail Delivery System <${name}@${host}>`,
    `To: ${returnPath}`,
    `Subject: ${title}`,
    `Date: ${date}`,
    `Message-ID: ${id}`,
    ...extra,
  ];
  const bounce = (text: string): ComposedAnswer | undefined => (returnPath === "" ? undefined : { from: "", to: returnPath, raw: text });
  const status = (action: "failed" | "delayed", code: string, diagnostic: string) => {
    const boundary = `lab-${number}-${atMs}`;
    const title = action === "failed" ? "Undelivered Mail Returned to Sender" : "Delayed Mail (still being retried)";
    return bounce(
      lines(
        ...daemon("MAILER-DAEMON", title, [
          "Auto-Submitted: auto-replied",
          "MIME-Version: 1.0",
          `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
        ]),
        "",
        `--${boundary}`,
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        `This is the mail system at host ${host}.`,
        "",
        `<${recipient}>: ${diagnostic}`,
        "",
        `--${boundary}`,
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        `Reporting-MTA: dns; ${host}`,
        `Arrival-Date: ${date}`,
        "",
        `Final-Recipient: rfc822; ${recipient}`,
        `Original-Recipient: rfc822;${recipient}`,
        `Action: ${action}`,
        `Status: ${code}`,
        `Remote-MTA: dns; backend.${host}`,
        `Diagnostic-Code: smtp; ${diagnostic}`,
        "",
        `--${boundary}`,
        "Content-Description: Undelivered Message Headers",
        "Content-Type: text/rfc822-headers",
        "",
        `Return-Path: <${returnPath}>`,
        headOf(raw),
        "",
        `--${boundary}--`,
        "",
      ),
    );
  };
  const person = (words: string): ComposedAnswer | undefined => {
    const to = mailboxIn(fieldOf(raw, "Reply-To")) ?? mailboxIn(fieldOf(raw, "From"));
    if (to === undefined) return undefined;
    const head = [`From: <${recipient}>`, `To: <${to}>`, `Subject: Re: ${subject}`, `Date: ${date}`, `Message-ID: ${id}`, ...threading];
    const quoted = `On ${date}, ${to} wrote:\r\n> You may unsubscribe at any time: stop\r\n> Thank you.`;
    return { from: recipient, to, raw: lines(...head, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", words, "", quoted, "") };
  };
  switch (kind) {
    case "bounce":
      return status("failed", "5.1.1", `550 5.1.1 <${recipient}>: Recipient address rejected: User unknown`);
    case "bounce-full":
      return status("failed", "4.2.2", `452 4.2.2 <${recipient}>: mailbox over quota; delivery time expired`);
    case "delay":
      return status("delayed", "4.4.1", "connect to backend: Connection timed out");
    case "bounce-qmail":
      return bounce(
        lines(
          ...daemon("MAILER-DAEMON", "failure notice"),
          "",
          `Hi. This is the qmail-send program at ${host}.`,
          "I'm afraid I wasn't able to deliver your message to the following addresses.",
          "This is a permanent error; I've given up. Sorry it didn't work out.",
          "",
          `<${recipient}>:`,
          "Sorry, no mailbox here by that name. (#5.1.1)",
          "",
          "--- Below this line is a copy of the message.",
          "",
          raw,
        ),
      );
    case "bounce-exim":
      return bounce(
        lines(
          ...daemon("Mailer-Daemon", "Mail delivery failed: returning message to sender", [
            `X-Failed-Recipients: ${recipient}`,
            "Auto-Submitted: auto-replied",
          ]),
          "",
          "This message was created automatically by mail delivery software.",
          "",
          "A message that you sent could not be delivered to one or more of its",
          "recipients. This is a permanent error. The following address(es) failed:",
          "",
          `  ${recipient}`,
          "    Unrouteable address",
          "",
          "------ This is a copy of the message, including all the headers. ------",
          "",
          raw,
        ),
      );
    case "away":
      if (returnPath === "") return undefined;
      return {
        from: "",
        to: returnPath,
        raw: lines(
          ...[`From: <${recipient}>`, `To: <${returnPath}>`, `Subject: Out of Office: ${subject}`, `Date: ${date}`, `Message-ID: ${id}`],
          ...threading,
          ...["Auto-Submitted: auto-replied", "Precedence: bulk", "Content-Type: text/plain; charset=utf-8", ""],
          ...["I am away until Monday and will stop by then. Please do not reply.", ""],
        ),
      };
    case "reply":
      return person("Thank you, I will pay on Friday.");
    case "unsubscribe":
      return person("Unsubscribe");
    case "complaint": {
      if (returnPath === "") return undefined;
      const boundary = `arf-${number}-${atMs}`;
      return {
        from: `fbl@${host}`,
        to: returnPath,
        raw: lines(
          ...[`From: <fbl@${host}>`, `To: <${returnPath}>`, `Subject: FW: ${subject}`, `Date: ${date}`, `Message-ID: ${id}`, "MIME-Version: 1.0"],
          `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
          ...["", `--${boundary}`, "Content-Type: text/plain; charset=us-ascii", "", "This is an email abuse report.", ""],
          ...[`--${boundary}`, "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: LabFeedback/1.0", "Version: 1"],
          ...[`Original-Mail-From: <${returnPath}>`, `Original-Rcpt-To: <${recipient}>`, ""],
          ...[`--${boundary}`, "Content-Type: message/rfc822", "", raw, "", `--${boundary}--`, ""],
        ),
      };
    }
  }
}
