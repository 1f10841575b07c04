import { generateKeyPairSync, type KeyObject } from "node:crypto";
import t from "tap";
import { examineMail } from "../../src/command/doctor-mail.ts";
import { examineTexts } from "../../src/command/doctor-texts.ts";
import { readPart } from "../../src/config/part.ts";
import { type MailSenderOptions, mailSenderOptions } from "../../src/email/options.ts";
import { namelessHelp } from "../../src/sms/answer-options.ts";
import { bindTo } from "../contracts/binds-kit.ts";
import { openNameServer } from "../harness/name-server.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const curve = generateKeyPairSync("ed25519");
const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const inDns = (key: KeyObject, from = 0) => key.export({ type: "spki", format: "der" }).subarray(from).toString("base64");

function sender(more: Partial<MailSenderOptions> = {}): MailSenderOptions {
  const given = {
    ...{
      name: "main",
      mailbox: "service@news.acme.net",
      pool: "relay",
      bounceDomain: "in.acme.net",
      postalAddress: "1 Main St",
      phone: "+1 212 555 0100",
    },
    ...more,
  };
  const { part, findings } = readPart<MailSenderOptions>(mailSenderOptions, given, () => {});
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return part;
}

const zone = {
  "MX in.acme.net": ["mx.acme.net"],
  "TXT in.acme.net": ["google-site-verification=1", "v=spf1 a:smtp.acme.net -all"],
  "TXT r1._domainkey.acme.net": [`v=DKIM1; k=rsa; p=${inDns(rsa.publicKey)}`],
  "TXT e1._domainkey.acme.net": [`v=DKIM1; k=ed25519; p=${inDns(curve.publicKey, 12)}`],
  "TXT old._domainkey.acme.net": ["v=DKIM1; p=AAAA"],
  "TXT _dmarc.acme.net": ["v=DMARC1; p=reject"],
  "TXT twice.net": ["v=spf1 -all", "v=spf1 mx -all"],
};

t.test("doctor: what receiving servers look up before they believe an e-mail", async (t) => {
  const dns = await openNameServer(t, zone);
  const rsaKey = { domain: "acme.net", selector: "r1", privateKey: pem(rsa.privateKey) };
  const edKey = { domain: "acme.net", selector: "e1", privateKey: pem(curve.privateKey) };
  const looked = async (options: MailSenderOptions, publicUrl = "https://mail.acme.net") => {
    const found = await examineMail({ senders: [options], publicUrl }, dns);
    return (what: string) => found.find((finding) => finding.what.includes(what));
  };

  const good = await examineMail({ senders: [sender({ dkim: [rsaKey, edKey] })], publicUrl: "https://mail.acme.net" }, dns);
  t.match(good, [
    { what: "sender:main MX of in.acme.net", grade: "ok", seen: "mx.acme.net" },
    { what: "sender:main SPF", grade: "ok", seen: "in.acme.net has v=spf1 a:smtp.acme.net -all" },
    { what: "sender:main DKIM", grade: "ok", seen: /^r1\._domainkey\.acme\.net has the public key/ },
    { what: "sender:main DKIM", grade: "ok", seen: /^e1\._domainkey\.acme\.net has the public key/ },
    { what: "sender:main DMARC", grade: "ok", seen: "_dmarc.acme.net has v=DMARC1; p=reject" },
  ]);

  const bare = await looked(sender({ mailbox: "a@nothing.net", bounceDomain: "nothing.net", replyDomain: "in.acme.net" }), "http://mail.acme.net");
  t.match(bare("MX of nothing.net"), { grade: "warning", seen: /do not come back/, advice: /MX record for nothing\.net/ });
  t.match(bare("MX of in.acme.net"), { grade: "ok" });
  t.match(bare("SPF"), { grade: "warning", seen: "none for nothing.net" });
  t.match(bare("DMARC"), { grade: "warning", advice: /_dmarc\.nothing\.net/ });
  t.match(bare("publicUrl"), { grade: "warning", seen: /no button/ });

  const wrong = await looked(sender({ mailbox: "a@b.acme.net", bounceDomain: "twice.net", dkim: [{ ...rsaKey, selector: "old" }] }));
  t.match(wrong("SPF"), { grade: "fault", seen: /twice\.net has 2, so none counts/ });
  t.match(wrong("DKIM"), { grade: "fault", seen: /another key/, advice: `v=DKIM1; k=rsa; p=${inDns(rsa.publicKey)}` });
  const young = await looked(sender({ dkim: [edKey] }));
  t.match(young("DKIM"), {
    grade: "warning",
    seen: /^e1\._domainkey\.acme\.net has the public key of ours, and no RSA/,
    advice: /RSA key of 2048 bits/,
  });
  const none = await looked(sender({ mailbox: "a@elsewhere.net", dkim: [{ ...edKey, domain: "elsewhere.net", selector: "x" }] }));
  t.match(none("DKIM"), { grade: "fault", seen: /x\._domainkey\.elsewhere\.net is not there/, advice: /k=ed25519; p=.{44}$/ });
  t.match(none("SPF"), { grade: "ok", seen: /does not count for DMARC, since in\.acme\.net is not of elsewhere\.net/ });

  t.match(await examineMail({ senders: [sender({ mailbox: "a@lab.example" })], publicUrl: "http://127.0.0.1:8080" }, dns), [
    { grade: "ok", seen: /made-up/ },
  ]);
  t.same(await examineMail({ senders: [] }, dns), []);
});

t.test("doctor: DNS that does not answer says nothing of what stands in it", async (t) => {
  const found = await examineMail({ senders: [sender()], publicUrl: "https://mail.acme.net" }, await openNameServer(t, "fails"));
  t.equal(found.length, 3);
  for (const { grade, seen } of found) t.match({ grade, seen }, { grade: "warning", seen: /^DNS could not be asked: / });
});

t.test("doctor: whether what people write by SMS is heard, and who answers is named", (t) => {
  const senders = [
    { name: "short", address: "55501", kind: "short-code" as const, binds: [] },
    { name: "word", address: "Acme", kind: "alphanumeric" as const, binds: [] },
  ];
  const [deaf, hears] = [bindTo(2775, { bindType: "transmitter" }), bindTo(2775, { name: "both" })];
  const helpAnswer = "Acme, 555-0100.";
  t.match(examineTexts({ binds: [deaf], senders, helpAnswer }), [{ grade: "warning", seen: /a STOP to short reaches nobody/ }]);
  t.match(examineTexts({ binds: [deaf, hears], senders, helpAnswer }), [{ grade: "ok", seen: "heard over both" }]);
  t.match(examineTexts({ binds: [hears], senders, helpAnswer: namelessHelp }), [{ grade: "ok" }, { what: "sms.helpAnswer", grade: "warning" }]);
  t.same(examineTexts({ binds: [deaf], senders: senders.slice(1), helpAnswer }), [], "a word cannot be answered anyway");
  t.end();
});
