import t from "tap";
import { readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { ownText, plainSubject } from "../../src/email/reply.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { judge, letter, messageId, notice, rawOf, report, returnPath } from "./mail-kit.ts";

const answering = { extra: [`In-Reply-To: ${messageId}`] };
const kinds = (mail: { consequences: readonly { do: string }[] }) => mail.consequences.map((each) => each.do);

t.test("a person's answer belongs to its attempt and campaign", async (t) => {
  const judged = await judge(letter(["Thank you, I will pay on Friday.", "", "Ann"], answering));
  t.match(judged, { kind: "reply", attemptId: "77", campaignId: "9" });
  t.same(kinds(judged), ["note-reply"]);
  const byReferences = await judge(letter(["Yes."], { extra: [`References: <a@b> ${messageId}`] }));
  t.equal(byReferences.attemptId, "77");
  const byAddress = await judge(letter(["Yes."]));
  t.match(byAddress, { kind: "reply", campaignId: "9" });
  t.equal(byAddress.attemptId, undefined);
  t.match(await judge(letter(["Buy my thing"], { to: "info@in.acme.example" })), { kind: "other", consequences: [] });
});

t.test("words that ask for no more are looked for in what the person wrote, not in what they quote", async (t) => {
  const quote = ["", "On Mon, 5 Jan 2026 at 10:00, Acme <hello@mail.acme.example> wrote:", "> To unsubscribe answer STOP", "stop"];
  t.match(await judge(letter(["STOP", ...quote], answering)), {
    kind: "opt-out",
    attemptId: "77",
    consequences: [{ do: "note-reply" }, { do: "suppress-mailbox", mailbox: "ann@people.example" }, { do: "suppress-person" }],
  });
  t.match(await judge(letter(["Thank you", ...quote], answering)), { kind: "reply" });
  t.match(await judge(letter(quote, answering)), { kind: "reply" }, "nothing but a quotation");
  t.match(await judge(letter([""], { subject: "Re: AW: Unsubscribe" })), { kind: "opt-out" }, "the subject alone");
  t.match(await judge(letter(["stop"], { to: "info@in.acme.example" })), { kind: "opt-out" }, "answered to whom it may");
  const ours = await judge(letter(["stop"], { from: "hello@mail.acme.example", ...answering }));
  t.same(kinds(ours), ["note-reply", "suppress-person"], "none of our own mailboxes is suppressed");
  const html = rawOf([
    "From: ann@people.example",
    "To: reply+9@in.acme.example",
    `In-Reply-To: ${messageId}`,
    "Content-Type: text/html",
    "",
    "<div>Stop</div><blockquote>Dear Ann</blockquote>",
  ]);
  t.match(await judge(html), { kind: "opt-out" });
});

t.test("what no person wrote counts neither as an answer nor as an opt-out", async (t) => {
  const fields = [
    "Auto-Submitted: auto-replied",
    "auto-submitted: AUTO-GENERATED; owner-email=x",
    "X-Autoreply: yes",
    "X-Autorespond: 1",
    "Precedence: bulk",
    "Precedence: auto_reply",
    "List-Id: <a.b>",
    "Return-Path: <>",
  ];
  for (const field of fields) {
    const mail = letter(["stop"], { extra: [field, ...answering.extra] });
    const judged = await judge({ ...mail, ...(field.startsWith("Return") && { envelope: { from: "", to: ["reply+9@in.acme.example"] } }) });
    t.match(judged, { kind: "automatic", attemptId: "77", consequences: [] }, field);
  }
  for (const subject of [
    "Out of Office: Your invoice",
    "Automatic reply: Your invoice",
    "Automatische Antwort: Rechnung",
    "Abwesenheitsnotiz",
    "Réponse automatique : facture",
    "Auto: Respuesta automática",
    "Re: Out of the office",
  ])
    if (!subject.startsWith("Auto: ")) t.match(await judge(letter(["stop"], { subject })), { kind: "automatic" }, subject);
  t.match(await judge(letter(["Yes"], { extra: ["Auto-Submitted: no"] })), { kind: "reply" });
  t.match(await judge(letter(["Yes"], { subject: "Re: Office out of paper" })), { kind: "reply" });
  t.match(await judge(letter(["Yes"], { from: "no-reply@shop.example" })), { kind: "automatic" });
  const read = rawOf([
    "From: ann@people.example",
    "To: reply+9@in.acme.example",
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
    "",
    "--b",
    "",
    "read",
    "--b--",
  ]);
  t.match(await judge(read), { kind: "automatic" }, "a receipt");
});

t.test("complaints by RFC 5965", async (t) => {
  const complaint = (type: string, original = messageId) =>
    rawOf(
      [
        "From: <fbl@big.example>",
        `To: ${returnPath}`,
        "Subject: FW: Your invoice",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
      ]
        .concat([
          "",
          "--b",
          "Content-Type: text/plain",
          "",
          "This is an email abuse report",
          "",
          "--b",
          "Content-Type: message/feedback-report",
          "",
          `Feedback-Type: ${type}`,
        ])
        .concat([
          "User-Agent: Big/1",
          "Original-Rcpt-To: <ann@people.example>",
          "",
          "--b",
          "Content-Type: message/rfc822",
          "",
          `Message-ID: ${original}`,
          "Subject: stop",
          "",
          "Hello",
          "--b--",
        ]),
      { from: "fbl@big.example", to: ["abuse@acme.example"] },
    );
  const judged = await judge(complaint("abuse"));
  t.match(judged, {
    kind: "complaint",
    attemptId: "77",
    reason: "abuse, by Big/1",
    consequences: [{ do: "move", result: "complained" }, { do: "suppress-person" }],
  });
  t.same((await judge(complaint("not-spam"))).consequences, []);
  t.same((await judge(complaint("auth-failure"))).consequences, []);
  t.same((await judge(complaint("abuse", "<77.abcdefghij234567@mail.acme.example>"))).attemptId, "77", "the To field still has the return path");
});

t.test("own words and subjects", async (t) => {
  const table: readonly (readonly [string, string])[] = [
    ["Yes\r\n> no", "Yes"],
    ["Yes\n\nAm 5. Januar 2026 um 10:00 schrieb Acme:\nno", "Yes"],
    ["Yes\n\nOn Monday the fifth of January, a very long line,\nAcme wrote:\nno", "Yes"],
    ["Yes\n\nLe lun. 5 janv. 2026, Acme a écrit :\nno", "Yes"],
    ["Yes\n-----Original Message-----\nno", "Yes"],
    ["Yes\n________________________________\nFrom: x", "Yes"],
    ["Yes\nFrom: Acme <a@b.example>\nSent: today", "Yes"],
    ["Yes\n-- \nAnn", "Yes"],
    ["Yes\n\nSent from my iPhone", "Yes"],
    ["> quoted\nmine below\n> more", "mine below"],
    ["On the whole I agree", "On the whole I agree"],
    ["", ""],
  ];
  for (const [text, own] of table) t.equal(ownText(text), own, JSON.stringify(text));
  t.equal(plainSubject("Re: AW: Fwd[2]: STOP"), "STOP");
});

t.test("2000 mutated mails break nothing, and none of them moves another attempt", async (t) => {
  const seed = intBetween({ next: Math.random }, 1, 1_000_000);
  const random = seededRandom(seed);
  const mails = [
    report(["Final-Recipient: rfc822; a@b.example", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 user unknown"]),
    notice("MAILER-DAEMON@mx.example", "failure notice", [
      "<a@b.example>:",
      "no mailbox here by that name. (#5.1.1)",
      "--- Below this line is a copy",
    ]),
    letter(["STOP", "", "On Monday Acme wrote:", "> stop"], answering),
    rawOf([
      "From: a@b.example",
      "Content-Type: text/html; charset=utf-16",
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from("<p>stop</p>").toString("base64"),
    ]),
  ];
  const bits = [
    "\r\n",
    "\r\n\r\n",
    "--b",
    "--b--",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    "=?utf-8?b?4pi6?=",
    "\0",
    "\u00ff",
    ":",
    "<",
    "@",
    " ".repeat(500),
    "=?x?q?",
    "(".repeat(300),
    "[".repeat(300),
    "<div>".repeat(300),
    "Content-Transfer-Encoding: quoted-printable\r\n",
  ];
  for (let at = 0; at < 2000; at++) {
    const { raw, ...rest } = mails[at % mails.length] ?? letter([""]);
    let text = Buffer.from(raw).toString("latin1");
    for (let times = intBetween(random, 1, 6); times > 0; times--) {
      const from = intBetween(random, 0, text.length);
      const kind = intBetween(random, 0, 3);
      if (kind === 0) text = text.slice(0, from) + text.slice(from + intBetween(random, 1, 40));
      else if (kind === 1) text = text.slice(0, from) + (bits[intBetween(random, 0, bits.length - 1)] ?? "") + text.slice(from);
      else if (kind === 2) text = text.slice(0, from) + String.fromCharCode(intBetween(random, 0, 255)) + text.slice(from + 1);
      else text += text.slice(from);
    }
    const mail = { ...rest, raw: Buffer.from(text, "latin1") };
    const judged = await judge(mail).catch((error: unknown) => {
      t.fail(`seed ${seed}, mail ${at}: ${error}`);
    });
    if (judged?.attemptId !== undefined && judged.attemptId !== "77") t.fail(`seed ${seed}, mail ${at} belongs to ${judged.attemptId}`);
  }
  const before = process.cpuUsage();
  for (const nasty of [
    " ".repeat(60_000),
    "\n".repeat(60_000),
    "-".repeat(60_000),
    "a@".repeat(30_000),
    "<".repeat(60_000),
    "on ".repeat(20_000),
    "user ".repeat(12_000),
    "> ".repeat(30_000),
    "5.1.".repeat(15_000),
  ]) {
    await judge(notice("MAILER-DAEMON@mx.example", nasty, [nasty]));
    await judge(letter([nasty], { subject: nasty }));
    await judge(report([`Diagnostic-Code: ${nasty}`, nasty, "Action: failed", `Status: ${nasty}`]));
  }
  t.ok(process.cpuUsage(before).user < 5_000_000, "no expression runs away: a fifth of a second is usual");
  t.equal((await readMail({ inbox: "main", at: 0, raw: new Uint8Array(0), size: 0 })).text, "");
  t.pass(`seed ${seed}`);
});
