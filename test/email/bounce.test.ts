import t from "tap";
import { enhancedIn } from "../../src/email/delivery-report.ts";
import { attemptOf } from "../../src/email/mark.ts";
import type { SmtpStage } from "../../src/email/ports.ts";
import { readRefusal } from "../../src/email/reply-code.ts";
import { judge, messageId, notice, report, returnPath } from "./mail-kit.ts";

const of = (status: string, diagnostic: string, action = "failed") => [
  ...["Final-Recipient: rfc822; ann@people.example", `Action: ${action}`, `Status: ${status}`, `Diagnostic-Code: smtp; ${diagnostic}`],
];

const reports: readonly (readonly [name: string, fields: readonly string[], result: string | undefined, enhanced?: string])[] = [
  ["Postfix, user unknown", of("5.1.1", "550 5.1.1 <ann@people.example>: Recipient address rejected: User unknown"), "bounced-hard", "5.1.1"],
  ["Gmail", of("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist."), "bounced-hard"],
  ["Exchange", of("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"), "bounced-hard", "5.1.10"],
  [
    "no such domain",
    of("5.1.2", "Host or domain name not found. Name service error for name=people.example type=MX: Host not found"),
    "bounced-hard",
  ],
  ["null MX", of("5.1.10", "550 5.1.10 Domain does not accept mail (null MX)"), "bounced-hard"],
  ["disabled", of("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"), "bounced-hard"],
  ["only words", of("5.0.0", "550 User unknown"), "bounced-hard", "5.0.0"],
  ["the server knows better than its report", of("5.0.0", "550 5.1.1 nobody"), "bounced-hard", "5.1.1"],
  ["unknown, as policy", of("5.7.1", "550 5.7.1 <ann@people.example>: no such user here"), "bounced-hard"],
  ["full", of("5.2.2", "552 5.2.2 mailbox full"), "bounced-soft", "5.2.2"],
  ["full, as unknown", of("5.1.1", "550 5.1.1 user over quota"), "bounced-soft"],
  ["full for days", of("4.2.2", "452 4.2.2 The recipient's mailbox is over its quota"), "bounced-soft"],
  ["given up", of("4.4.7", "connect to mx.people.example[192.0.2.1]:25: Connection timed out"), "bounced-soft", "4.4.7"],
  ["too large", of("5.3.4", "552 5.3.4 Message size exceeds fixed limit"), "bounced-soft"],
  ["spam", of("5.7.1", "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org"), "rejected"],
  ["spam, as unknown", of("5.1.1", "550 5.1.1 message looks like spam"), "rejected"],
  ["DMARC", of("5.7.26", "550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy."), "rejected"],
  ["our own address", of("5.1.8", "553 5.1.8 Sender address rejected: Domain not found"), "rejected"],
  ["nothing said", of("5.0.0", "550 Requested action not taken"), "undelivered"],
  [
    "Exchange Online, which knows nobody of that name",
    of("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [AM0.mail.example]"),
    "bounced-hard",
  ],
  ["no answer from its host", of("5.4.1", "connect to mx.people.example[192.0.2.1]:25: No route to host"), "bounced-soft"],
  [
    "Exchange Online, no such domain",
    of("5.4.310", "550 5.4.310 DNS domain people.example does not exist [Message=InfoDomainNonexistent]"),
    "bounced-hard",
  ],
  ["Exchange, full", of("5.2.0", "554 5.2.0 STOREDRV.Deliver.Exception:StoragePermanentException.MapiExceptionShutoffQuotaExceeded"), "bounced-soft"],
  ["Exchange, by its old name", of("5.0.0", "550 RESOLVER.ADR.ExRecipNotFound; not found"), "bounced-hard"],
  [
    "Gmail, too much at once",
    of("5.2.1", "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents more"),
    "bounced-soft",
  ],
  ["Outlook.com", of("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."), "bounced-hard"],
  ["the same for a while", of("4.2.0", "450 Requested mail action not taken: mailbox unavailable"), "bounced-soft"],
  [
    "Exim asked after our return path",
    of("5.0.0", "550-Verification failed for <bounce@in.acme.example>; 550 No Such User Here; Sender verify failed"),
    "rejected",
  ],
  ["Exim, hosts that are not there", of("5.0.0", "all relevant MX records point to non-existent hosts"), "bounced-hard"],
  [
    "policy in the words of unavailable",
    of("5.0.0", "550-Requested action not taken: mailbox unavailable 550 Reject due to policy restrictions"),
    "rejected",
  ],
  ["transaction failed", of("5.5.0", "554 transaction failed"), "undelivered"],
  ["delayed", of("4.4.1", "Connection timed out", "delayed"), undefined, "4.4.1"],
  ["delivered", of("2.1.5", "250 2.1.5 Ok", "delivered"), "delivered", "2.1.5"],
  ["relayed", of("2.1.9", "250 ok", "relayed (to non-DSN-aware mailer)"), "delivered"],
  [
    "in capitals, folded, with a comment",
    ["FINAL-RECIPIENT: RFC822;\r\n ann@people.example", "ACTION: Failed", "STATUS: 5.1.1 (bad destination mailbox)"],
    "bounced-hard",
    "5.1.1",
  ],
  ["two recipients: the one that failed", [...of("4.4.1", "x", "delayed"), "", ...of("5.1.1", "user unknown")], "bounced-hard"],
];

t.test("reports by RFC 3464 say whether the mailbox is there", async (t) => {
  for (const [name, fields, result, enhanced] of reports) {
    const judged = await judge(report(fields));
    t.match(judged, { kind: "bounce", attemptId: "77" }, name);
    const moved = judged.consequences.flatMap((each) => (each.do === "move" ? [each.result] : []));
    t.same(moved, result === undefined ? [] : [result], `${name}: ${judged.reason}`);
    t.equal(
      judged.consequences.some((each) => each.do === "suppress-address"),
      result === "bounced-hard",
      `${name}: only what will never arrive is given up`,
    );
    if (enhanced !== undefined) t.equal(judged.enhanced, enhanced, name);
  }
});

const notices: readonly (readonly [name: string, mail: ReturnType<typeof notice>, result: string | undefined])[] = [
  [
    "qmail",
    notice("MAILER-DAEMON@mx.example", "failure notice", [
      "Hi. This is the qmail-send program.",
      "",
      "<ann@people.example>:",
      "Sorry, no mailbox here by that name. (#5.1.1)",
      "",
      "--- Below this line is a copy of the message.",
      "",
      "mailbox full",
    ]),
    "bounced-hard",
  ],
  [
    "Exim",
    notice(
      "Mail Delivery System <Mailer-Daemon@mx.example>",
      "Mail delivery failed: returning message to sender",
      [
        "This is a permanent error. The following address(es) failed:",
        "",
        "  ann@people.example",
        "    Unrouteable address",
        "",
        "------ This is a copy of the message ------",
        "quota exceeded",
      ],
      ["X-Failed-Recipients: ann@people.example"],
    ),
    "bounced-hard",
  ],
  [
    "Exim, tried too long",
    notice("Mailer-Daemon@mx.example", "Mail delivery failed", ["ann@people.example", "  retry timeout exceeded"]),
    "bounced-soft",
  ],
  [
    "Exim, waiting",
    notice("Mailer-Daemon@mx.example", "Warning: message 1abc delayed 24 hours", [
      "A message has not yet been delivered. Delivery attempts will continue",
    ]),
    undefined,
  ],
  [
    "Yahoo",
    notice("MAILER-DAEMON@yahoo.example", "Failure Notice", [
      "Sorry, we were unable to deliver your message to the following address.",
      "",
      "<ann@people.example>:",
      "554: delivery error: dd This user doesn't have a yahoo.example account (ann@people.example) [0]",
    ]),
    "bounced-hard",
  ],
  [
    "Sendmail",
    notice("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", "Returned mail: see transcript for details", [
      "   ----- Transcript of session follows -----",
      "550 5.1.1 <ann@people.example>... User unknown",
    ]),
    "bounced-hard",
  ],
  [
    "Domino",
    notice("Postmaster@corp.example", "DELIVERY FAILURE: User ann (ann@people.example) not listed in Domino Directory", [
      "Your message was not delivered because the user is not listed in the directory.",
    ]),
    "bounced-hard",
  ],
  [
    "in German",
    notice("postmaster@firma.example", "Unzustellbar: Ihre Rechnung", ["Die Nachricht konnte nicht zugestellt werden: Postfach voll"]),
    "bounced-soft",
  ],
  [
    "a filter",
    notice("postmaster@corp.example", "Undeliverable: Your invoice", ["Your message was rejected: content rejected by our spam filter"]),
    "rejected",
  ],
  [
    "without a word that is known",
    notice("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", ["It did not work out."]),
    "undelivered",
  ],
];

t.test("so do those of servers that do not keep to it", async (t) => {
  for (const [name, mail, result] of notices) {
    const judged = await judge(mail);
    t.match(judged, { kind: "bounce", attemptId: "77" }, name);
    t.same(
      judged.consequences.flatMap((each) => (each.do === "move" ? [each.result] : [])),
      result === undefined ? [] : [result],
      `${name}: ${judged.reason}`,
    );
  }
  const about = await judge(notice("postmaster@corp.example", "Planned works on Sunday", ["The mail system will be slower."]));
  t.match(about, { kind: "automatic", consequences: [] }, "a notice about nothing of ours");
});

t.test("only a mark that was signed here names an attempt", async (t) => {
  const forged = report(of("5.1.1", "user unknown"), {
    to: "bounce+77.abcdefghij234567@in.acme.example",
    original: ["Message-ID: <77.abcdefghij234567@mail.acme.example>"],
  });
  const judged = await judge(forged);
  t.match(judged, { kind: "bounce", consequences: [] });
  t.equal(judged.attemptId, undefined);
  t.match(
    await judge(report(of("5.1.1", "user unknown"), { to: "someone@in.acme.example" })),
    { attemptId: "77" },
    "by the Message-ID of the mail that comes back",
  );
  t.match(
    await judge(report(of("5.1.1", "user unknown"), { to: "someone@in.acme.example", original: ["Subject: x", `MESSAGE-ID:\r\n ${messageId}`] })),
    { attemptId: "77" },
    "folded",
  );
  t.match(await judge(report(of("5.1.1", "x"), { to: returnPath.toUpperCase() })), { attemptId: "77" }, "a server that writes it in capitals");
  t.equal(attemptOf("another key", "bounce", returnPath.slice(7, returnPath.indexOf("@"))), undefined);
});

t.test("an enhanced status is told from other numbers with dots", async (t) => {
  t.equal(enhancedIn("550 5.1.1 x"), "5.1.1");
  t.equal(enhancedIn("(#5.7.1)"), "5.7.1");
  t.equal(enhancedIn("host 5.1.1.7 said no"), undefined);
  t.equal(enhancedIn("version 15.1.1"), undefined);
  t.equal(enhancedIn("3.1.1"), undefined);
});

t.test("a refusal on the line is judged as the report of one", async (t) => {
  const table: readonly (readonly [stage: SmtpStage, text: string, result: string])[] = [
    ["rcpt", "550 5.1.1 <ann@people.example>: User unknown", "bounced-hard"],
    ["rcpt", "550 no such user", "bounced-hard"],
    ["rcpt", "550 <ann@people.example>", "bounced-hard"],
    ["rcpt", "550 nobody knows what", "rejected"],
    ["rcpt", "550 Blocked", "rejected"],
    ["rcpt", "550 Reverse DNS lookup failed", "rejected"],
    ["rcpt", "551 not our customer", "bounced-hard"],
    ["rcpt", "550 5.4.1 Recipient address rejected: Access denied.", "bounced-hard"],
    ["rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable", "bounced-hard"],
    ["rcpt", "550 5.1.10 null MX", "bounced-hard"],
    ["rcpt", "550 rejected because 192.0.2.1 is in a black list at zen.spamhaus.org", "rejected"],
    ["rcpt", "550 SPF check failed", "rejected"],
    ["rcpt", "550-Verification failed for <bounce+1@in.acme.example> 550-No Such User Here 550 Sender verify failed", "rejected"],
    ["rcpt", "553 5.1.8 <b@x.example>: Sender address rejected: Domain not found", "rejected"],
    ["rcpt", "554 5.7.1 <ann@people.example>: Relay access denied", "carrier-fault"],
    ["rcpt", "550 relay not permitted", "carrier-fault"],
    ["rcpt", "553 5.7.1 <a@b.example>: Sender address rejected: not owned by user me", "carrier-fault"],
    ["rcpt", "530 5.7.0 Log in", "carrier-fault"],
    ["rcpt", "550-Please turn on SMTP Authentication in your mail client 550 ann is not permitted to relay through this server", "carrier-fault"],
    ["rcpt", "550 Domain acme.example has exceeded the max emails per hour (101/100) allowed. Message discarded.", "carrier-fault"],
    ["rcpt", "550 5.4.5 Daily sending quota exceeded", "carrier-fault"],
    ["rcpt", "550 Must issue a STARTTLS command first", "carrier-fault"],
    ["rcpt", "550 The sender's account is suspended", "carrier-fault"],
    ["sent", "554 Message rejected: Email address is not verified. The following identities failed the check: a@b.example", "carrier-fault"],
    ["sent", "550 5.7.26 Unauthenticated email from acme.example is not accepted due to domain's DMARC policy", "rejected"],
    ["rcpt", "550 5.2.1 receiving mail too quickly", "bounced-soft"],
    ["rcpt", "552 5.2.2 mailbox full", "bounced-soft"],
    ["rcpt", "552 too much", "bounced-soft"],
    ["rcpt", "550 5.0.0 no", "bounced-soft"],
    ["rcpt", "554 no", "rejected"],
    ["rcpt", "450 4.2.0 greylisted, try again later", "congestion"],
    ["rcpt", "450 4.2.1 The user is receiving mail too quickly", "congestion"],
    ["rcpt", "452 4.2.2 mailbox full", "bounced-soft"],
    ["rcpt", "451 4.7.1 greylisted, try again later", "congestion"],
    ["rcpt", "421 4.3.2 closing", "congestion"],
    ["mail", "550 5.1.1 unknown user", "carrier-fault"],
    ["sent", "554 delivery error: dd This user doesn't have a yahoo.example account (ann@people.example) [0]", "bounced-hard"],
    ["sent", "550 5.1.1 unknown", "bounced-hard"],
    ["sent", "550 invalid address in From header", "rejected"],
    ["sent", "554 5.6.0 no", "rejected"],
    ["sent", "552 5.3.4 message too large", "bounced-soft"],
  ];
  for (const [stage, text, result] of table) {
    const enhanced = enhancedIn(text);
    const refusal = readRefusal({ end: "refused", stage, code: Number(text.slice(0, 3)), text, ...(enhanced !== undefined && { enhanced }) });
    t.same(refusal, { result, hard: result === "bounced-hard", standing: result === "carrier-fault" }, `${stage}: ${text}`);
  }
});
