import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { simpleParser } from "mailparser";
import t from "tap";
import { attemptOfMessageId, attemptOfReturnPath, campaignOfReplyAddress } from "../../src/email/address.ts";
import { readDkimKey, signedField, unsigned } from "../../src/email/dkim.ts";
import { type Composed, compileForm, hashOf, type MailSender, rawOf } from "../../src/email/form.ts";
import { attemptOfUnsubscribe } from "../../src/email/link.ts";
import { quickFill } from "../../src/email/quick-fill.ts";
import { signedMail } from "../../src/email/sign-engine.ts";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import type { EmailTemplate } from "../../src/template/ports.ts";
import { compileTemplate, type Template } from "../../src/template/template.ts";
import { mailbox } from "../adapter/message-campaign-kit.ts";

const key = "a key of thirty-two octets, for tests";
const at = Date.UTC(2026, 10, 2, 9, 5, 7);

function template(parts: { subject?: string; html?: string; text?: string; attachments?: EmailTemplate["attachments"] }): EmailTemplate {
  const { subject = "For {first_name}", html, text, attachments = [] } = parts;
  return {
    ...{ channel: "email", name: "t", versionId: "7", version: 1, attachments, subject: compileTemplate(subject, "line") },
    ...(html !== undefined && { html: compileTemplate(html, "html") }),
    ...(text !== undefined && { text: compileTemplate(text, "text") }),
  };
}

const sender: MailSender = {
  ...{ name: "main", mailbox: "service@example.com", displayName: 'Grüße, "Ltd."', pool: "main", bounceDomain: "b.example.com", key },
  ...{ replyDomain: "r.example.com", postalAddress: "1 Road, Springfield", phone: "+1 212 555 0100", unsubscribeText: "Leave", dkim: [] },
  ...{ unsubscribeScope: "campaign", publicUrl: "https://mail.example.com/" },
};

function compose(form: ReturnType<typeof compileForm>, fields: Record<string, string>): Composed {
  const composed = form.compose({ attemptId: "42", campaignId: "9", mailbox: mailbox("anna@example.org"), fields }, at);
  if ("held" in composed) throw new Error(composed.held);
  return composed;
}

t.test("a campaign's own postal address and number stand in place of the sender's", async (t) => {
  const form = compileForm(template({ html: "<p>Hi {first_name}</p>" }), sender);
  const whom = { attemptId: "42", campaignId: "9", mailbox: mailbox("anna@example.org"), fields: { first_name: "Ann" } };
  const composed = form.compose({ ...whom, postalAddress: "2 Lane, Shelbyville", phone: "+1 212 555 0199" }, at);
  if ("held" in composed) throw new Error(composed.held);
  const { html = "" } = await simpleParser(rawOf([], composed));
  t.match(html, "2 Lane, Shelbyville<br>+1 212 555 0199");
  t.notMatch(html, /Springfield|555 0100/);
});

t.test("links are tracked only where the campaign says so, never the one that unsubscribes, and not in the text", async (t) => {
  const form = compileForm(template({ html: '<p><a href="https://shop.example/{first_name}">go</a></p>' }), sender);
  const whom = { attemptId: "42", campaignId: "9", mailbox: mailbox("anna@example.org"), fields: { first_name: "Ann" } };
  for (const trackLinks of [false, true]) {
    const composed = form.compose({ ...whom, trackLinks }, at);
    if ("held" in composed) throw new Error(composed.held);
    const { html, text } = await simpleParser(rawOf([], composed));
    t.equal(/href="https:\/\/mail\.example\.com\/l\/42\.[a-z2-7]{16}\?to=https%3A%2F%2Fshop\.example%2FAnn"/.test(String(html)), trackLinks);
    t.match(html, /href="https:\/\/mail\.example\.com\/u\/42\./);
    t.match(text, "https://shop.example/Ann");
  }
});

t.test("a message with both parts and an attachment is read as it was meant", async (t) => {
  const html = "<html><body><p>Dear {first_name}, you owe &lt; {balance}=</p>\n.\n<b>ü</b></body></html>";
  const attachments = [{ name: "Überblick (1).pdf", type: "application/pdf", content: Buffer.from("%PDF\0\xff".repeat(100), "latin1") }];
  const composed = compose(compileForm(template({ html, attachments }), sender), { first_name: "Zoë <b>", balance: "$5" });
  const mail = await simpleParser(rawOf([], composed));
  t.equal(mail.subject, "For Zoë <b>");
  t.equal(composed.subject, mail.subject);
  t.match(mail.from?.value, [{ address: "service@example.com", name: 'Grüße, "Ltd."' }]);
  t.equal(mail.date?.getTime(), at);
  t.match(mail.html, /Dear Zoë &lt;b&gt;, you owe &lt; \$5=<\/p>\n\.\n<b>ü<\/b><p[^>]*>1 Road, Springfield<br>\+1 212 555 0100<br><a href="https:/);
  t.match(mail.text, /^Dear Zoë <b>, you owe < \$5=\n/);
  t.match(mail.text, /1 Road, Springfield\n\+1 212 555 0100\nLeave \(https:\/\/mail\.example\.com\/u\/42\./);
  t.match(mail.attachments, [{ filename: "Überblick (1).pdf", contentType: "application/pdf" }]);
  t.same(mail.attachments[0]?.content, attachments[0]?.content);
  t.equal(attemptOfMessageId(key, mail.messageId ?? ""), "42");
  t.equal(attemptOfReturnPath(key, composed.from), "42");
  t.equal(campaignOfReplyAddress(mail.replyTo?.value[0]?.address ?? ""), "9");
  const raw = String(rawOf([], composed));
  const [, link = "", mark = "", byMail = ""] =
    /^List-Unsubscribe:\s+<(https:\/\/mail\.example\.com\/u\/([\w.]+)\/campaign)>,\s+<mailto:(\S+)\?subject=unsubscribe>\r$/m.exec(raw) ?? [];
  t.equal(attemptOfReturnPath(key, byMail), "42", "whoever writes from another mailbox is known by it");
  t.equal(attemptOfUnsubscribe(key, mark), "42");
  t.equal(attemptOfUnsubscribe(key, mark.replace("42", "43")), undefined);
  t.match(mail.html, link, "the link in the text is the one in the header");
  t.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
});

t.test("messages that wait for their turn hold what hangs on them once, not each", async (t) => {
  const attachments = [{ name: "terms.pdf", type: "application/pdf", content: Buffer.alloc(2 * 1024 * 1024, 65) }];
  const form = compileForm(template({ html: "<p>{first_name}</p>", attachments }), sender);
  const before = process.memoryUsage().arrayBuffers;
  const waiting = [];
  for (let each = 0; each < 100; each++) waiting.push(await signedMail(compose(form, { first_name: `Ann ${each}` }), [], at));
  t.ok(process.memoryUsage().arrayBuffers - before < 20e6, "of 280 MB");
  const mail = await simpleParser(waiting[99]?.octets() ?? "");
  t.match([mail.html, mail.attachments[0]?.size], [/Ann 99/, attachments[0]?.content.length]);
});

t.test("an author who shows address, number and link gets no second ones; a text alone is one part", async (t) => {
  const text = "Hi {first_name | default: 'you'}\n{postal_address} {sender_phone}\nStop: {unsubscribe_url}\n";
  const mail = await simpleParser(rawOf([], compose(compileForm(template({ text, subject: "Hello" }), sender), {})));
  t.match(mail.text, /^Hi you\n1 Road, Springfield \+1 212 555 0100\nStop: https:\/\/mail\.example\.com\/u\/42\.[a-z2-7]{16}\/campaign\n$/);
  t.equal(mail.html, false);
  const bare = await simpleParser(rawOf([], compose(compileForm(template({ text: "Hi", subject: "Hello" }), sender), {})));
  t.match(bare.text, /^Hi\n\n-- \n1 Road, Springfield\n\+1 212 555 0100\nLeave: https:/);
});

t.test("a missing or blank field holds the message back", (t) => {
  const form = compileForm(template({ text: "You owe {balance}" }), sender);
  t.match(form.compose({ attemptId: "1", mailbox: mailbox("a@b.example"), fields: { first_name: "A" } }, at), { held: /balance/ });
  t.match(form.compose({ attemptId: "1", mailbox: mailbox("a@b.example"), fields: { first_name: "A", balance: "  " } }, at), { held: /balance/ });
  t.end();
});

t.test("filling quickly comes to the same as the template language, and leaves to it what it cannot do", (t) => {
  const sources = [
    "{a} and { b }",
    "plain",
    "{a}{a}",
    "<p style='x{y: z}'>{a}</p>",
    "a {{ a }}",
    "{% if a %}{a}{% endif %}",
    "{a | upcase}",
    "\\{a\\} {a}",
    "{a | default: 'x'}",
  ];
  const values = { a: "x & <b> \"'\0\u2028 {b} $& é", b: "\\ {{a}}" };
  const quick = sources.flatMap((source) =>
    (["html", "text"] as const).flatMap((kind) => {
      let slow: Template;
      try {
        slow = compileTemplate(source, kind);
      } catch {
        return [];
      }
      const fast = quickFill(slow);
      t.equal(fast.render(values), slow.render(values), `${kind} ${source}`);
      if (slow.needed.length > 0) t.throws(() => fast.render({}), { code: "template-field-missing" });
      return fast === slow ? [] : [`${kind} ${source}`];
    }),
  );
  t.ok(quick.includes("html {a} and { b }") && quick.includes("text {a}{a}"), quick.join(", "));
  t.notOk(quick.some((each) => /%|upcase|\\/.test(each)));
  t.end();
});

/** Written apart from the product: takes a message and checks its first signature (RFC 6376 §3.4.2, §3.4.3, §6.1). */
function signatureHolds(raw: string, publicKey: KeyObject): boolean {
  const split = raw.indexOf("\r\n\r\n");
  const lines = raw.slice(0, split + 2).match(/[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*/g) ?? [];
  const relaxed = (line: string) => {
    const colon = line.indexOf(":");
    return `${line.slice(0, colon).toLowerCase()}:${line
      .slice(colon + 1)
      .replace(/\r\n/g, "")
      .replace(/[ \t]+/g, " ")
      .trim()}`;
  };
  const own = lines.find((line) => line.startsWith("DKIM-Signature:")) ?? "";
  const tag = (name: string) => (new RegExp(`[ ;:]${name}=([^;]*)`).exec(own.replace(/\r\n\s*/g, " "))?.[1] ?? "").replace(/\s/g, "");
  const body = Buffer.from(raw.slice(split + 4), "latin1");
  if (createHash("sha256").update(body).digest("base64") !== tag("bh")) return false;
  const left = lines.filter((line) => line !== own).map(relaxed);
  const signed = tag("h")
    .split(":")
    .flatMap((name) => {
      const found = left.findLastIndex((line) => line.startsWith(`${name.toLowerCase()}:`));
      return found < 0 ? [] : left.splice(found, 1);
    });
  const text = Buffer.from(`${signed.join("\r\n")}\r\n${relaxed(own.replace(/(\sb=)[\s\S]*$/, "$1"))}`, "latin1");
  const signature = Buffer.from(tag("b"), "base64");
  if (tag("a") === "ed25519-sha256") return verify(null, createHash("sha256").update(text).digest(), publicKey, signature);
  return verify("sha256", text, publicKey, signature);
}

t.test("DKIM signatures hold, cover what unsubscribing needs, and break when something is added", async (t) => {
  const composed = compose(compileForm(template({ html: "<p>Hi  {first_name} </p>" }), sender), { first_name: "Zoë" });
  for (const pair of [generateKeyPairSync("rsa", { modulusLength: 2048 }), generateKeyPairSync("ed25519")]) {
    const privateKey = String(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const dkim = readDkimKey({ domain: "example.com", selector: "s1", privateKey });
    const { octets, field } = unsigned(dkim, composed.header, hashOf(composed), at);
    const signature = sign(dkim.algorithm === "rsa-sha256" ? "sha256" : null, octets, dkim.key);
    const raw = String(rawOf([signedField(field, signature)], composed));
    t.match(raw.split("\r\n\r\n")[0]?.replace(/\r\n\s+/g, ""), /List-Unsubscribe:List-Unsubscribe-Post:/);
    t.ok(signatureHolds(raw, pair.publicKey), dkim.algorithm);
    t.notOk(signatureHolds(raw.replace("Date:", "Subject: buy\r\nDate:"), pair.publicKey), "a second subject");
    t.notOk(signatureHolds(raw.replace("One-Click", "Two-Click"), pair.publicKey));
    t.notOk(signatureHolds(`${raw}x`, pair.publicKey));
  }
  t.throws(() => readDkimKey({ domain: "example.com", selector: "s1", privateKey: "nothing" }), { code: "dkim-key-unusable" });
});

t.test("2,000 messages with hostile values: nothing gets into the header or out of its part", async (t) => {
  const seed = Number(process.env["SEED"] ?? 6);
  const random = seededRandom(seed);
  const pieces = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "Bcc: evil@example.com",
    "=?UTF-8?Q?x?=",
    "--=_alternative_7_carillon--",
    ".\r\n",
    " ",
    "\t",
    "ü",
    "😀",
    "\ud800",
    "=",
    "<a>",
    '"',
    ",",
    ":",
    "x".repeat(120),
    "\u2028",
    "{first_name}",
  ];
  const form = compileForm(template({ html: "<p>{first_name}|{note}</p>", subject: "S {first_name}" }), sender);
  for (let round = 0; round < 2000; round++) {
    const value = `v${Array.from({ length: intBetween(random, 0, 8) }, () => pick(random, pieces)).join("")}`;
    const raw = String(rawOf([], compose(form, { first_name: value, note: value })));
    const split = raw.indexOf("\r\n\r\n");
    const names = [...raw.slice(0, split + 2).matchAll(/^([A-Za-z-]+):/gm)].map(([, name]) => name);
    const whole = "Date,From,To,Subject,Message-ID,Reply-To,List-Unsubscribe,List-Unsubscribe-Post,MIME-Version,Content-Type";
    const wrong =
      names.join() !== whole ||
      raw.split("\r\n").some((line) => line.length > 998 || /[\r\n\0\x80-\uffff]/.test(line)) ||
      (raw.match(/^--=_alternative_7_carillon/gm) ?? []).length !== 3;
    if (wrong) t.fail(`seed ${seed}, round ${round}: ${JSON.stringify(value)} ${names.join()}`);
    if (round % 40 > 0) continue;
    const mail = await simpleParser(raw);
    const clean = `S ${value}`
      .toWellFormed()
      .replace(/[\p{Cc}\u2028\u2029\s]+/gu, " ")
      .trim();
    if (mail.subject !== clean || mail.to === undefined || "bcc" in mail)
      t.fail(`seed ${seed}, round ${round}: ${JSON.stringify(mail.subject)} for ${JSON.stringify(clean)}`);
  }
  t.pass(`seed ${seed}`);
});
