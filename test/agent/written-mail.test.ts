import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { WrittenCard } from "../../src/agent/written-ports.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readPart } from "../../src/config/part.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { fieldOf } from "../../src/lab/mailbox/answer-text.ts";
import { LabMailbox } from "../../src/lab/mailbox/lab-mailbox.ts";
import { openAgents } from "../../src/start/agents.ts";
import { openInbox } from "../../src/start/inbox.ts";
import { openMail } from "../../src/start/mail.ts";
import { openWritten } from "../../src/start/written.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { makeGroup, readyToWrite } from "./agents-kit.ts";

/* What people write back by e-mail, against the lab's mail exchanger: from the receiver to agents, answered, and closed. */

const { stores } = await openWorld(t);
const [clock, log, random] = [systemClock, silentLog, seededRandom(7)];
const lab = new LabMailbox({ clock, random, host: "127.0.0.1", smtpPort: 0 });
await lab.listen();
t.teardown(() => lab.close());
const port = await portForAnother();
lab.answersTo = { host: "127.0.0.1", port };
const sender = { pool: "relay", bounceDomain: "in.acme.example", postalAddress: "1 Road, Town", phone: "+1 212 555 0100" };
const settings = {
  key: "a key of thirty-two octets, for tests",
  publicUrl: "https://mail.acme.example",
  agentGroup: "front",
  pools: [{ name: "relay", host: "127.0.0.1", port: lab.smtpPort, tls: "none" }],
  senders: [
    { ...sender, name: "other", mailbox: "other@acme.example", replyDomain: "in.acme.example" },
    { ...sender, name: "main", mailbox: "Hello@acme.example", replyDomain: "in.acme.example" },
  ],
  receivers: [{ name: "back", port, domains: ["in.acme.example"], mailboxes: ["hello@acme.example"] }],
};
const { part: email } = readPart<EmailOptions>(emailOptions, settings, () => {});
const metrics = new Registry();
const inbox = openInbox({ options: email, stores, metrics, clock, log });
await inbox.start();
const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node, watchMs: 50 });
const mail = openMail({ options: email, stores, orders: pass.messages, attempts: stores.attempts, metrics, clock, random, log });
pass.onChange(mail.follow);
await pass.start();
const config = loadConfig({ env: {}, flags: {}, purpose: "admin", cwd: import.meta.dirname });
const ways = { destinations: { countries: ["US"], premium: false }, destinationPrefixes: {} };
const agents = openAgents({ stores, clock, log, config, ways });
const noText = { engine: { send: () => Promise.reject(new Error("nothing is sent by SMS here")) }, options: { senders: [] } };
const written = openWritten({ stores, agents, sms: noText, email: mail, clock, log });
t.teardown(async () => {
  await Promise.all([written.close(), pass.close(), inbox.close()]);
  await Promise.all([mail.close(), agents.close()]);
});

const received = (box: string) => lab.books.mails.filter(({ to }) => to[0] === box).map(({ raw = "" }) => raw);
/** Agents see what is new once a second; here as soon as they may. */
const sees = (so: () => boolean, what: string) =>
  until(async () => {
    await written.look();
    return so();
  }, what);
const said = (card: WrittenCard | undefined) => card?.lines.map(({ from, subject, text }) => `${from}: ${subject} / ${text}`);
const count = async (text: string, ...values: unknown[]) =>
  (await stores.pool.query<{ n: number }>(`select count(*)::int as n from ${text}`, values)).rows[0]?.n;
let number = 0;
/** A mail of somebody's, as their program writes it. @returns its Message-ID */
function write(from: string, to: string, head: readonly string[], body: readonly string[]): string {
  number += 1;
  const id = `<theirs.${number}@people.example>`;
  lab.send({ from, to, raw: [`From: ${from}`, `To: ${to}`, `Message-ID: ${id}`, "MIME-Version: 1.0", ...head, "", ...body, ""].join("\r\n") });
  return id;
}

const { agentIds } = await makeGroup(stores, "desk", 1);
const [ann = ""] = agentIds;
const annAs = { id: ann, name: "desk-1" };
const front = (await makeGroup(stores, "front", 1)).agentIds[0] ?? "";
const listId = await listOf(
  stores,
  "people",
  ["ada", "bea"].map((box) => [{ kind: "email" as const, mailbox: mailbox(`${box}@people.example`) }]),
);
const { version } = await stores.templates.publish({ name: "bill", channel: "email", subject: "Your bill", html: "<p>It is due.</p>" }, "test");
const thanks = { name: "thanks", channel: "email", subject: "Thanks", html: "<p>Thank you, {first_name}.</p>" } as const;
await stores.templates.publish(thanks, "test");
const campaign = await writeTo(stores, "email", listId, { name: "bills", templateVersionId: version.id });
await stores.messageRules.setRules(campaign.id, { agentGroup: "desk" });
const replyTo = `reply+${campaign.id}@in.acme.example`;

t.test("what somebody writes back is given to agents of the campaign's group, and answered once, in its thread", async (t) => {
  await until(() => received("ada@people.example").length === 1, "the campaign's e-mail");
  const ours = fieldOf(received("ada@people.example")[0] ?? "", "Message-ID") ?? "";
  const program = await readyToWrite(agents.desks, ann);
  const threading = [`In-Reply-To: ${ours}`, `References: <older@people.example> ${ours}`];
  const type = 'Content-Type: multipart/mixed; boundary="b"';
  const name = "filename*=utf-8''..%2Fbill%E2%80%AEgpj.exe";
  const first = write(
    "ada@people.example",
    replyTo,
    ["Subject: AW: Re: Your bill", ...threading, type],
    [
      ...["--b", "Content-Type: text/html; charset=utf-8", "", "<p>Which <b>bill</b> is that?</p><script>alert(1)</script><style>p{}</style>"],
      ...["<p>On Monday, Acme &lt;hello@acme.example&gt; wrote:</p><blockquote>It is due.</blockquote>"],
      ...["--b", "Content-Type: image/png", "Content-Transfer-Encoding: base64", `Content-Disposition: attachment; ${name}`, "", "AAAA", "--b--"],
    ],
  );
  await sees(() => program.cards.length > 0, "a ready agent is given it");
  const card = program.cards.at(-1);
  t.match(card, {
    channel: "email",
    person: "ada@people.example",
    ours: replyTo,
    group: { name: "desk" },
    campaign: { name: "bills" },
    takenBy: ann,
  });
  t.match(card?.contact, { fields: { first_name: "Name 1" } });
  t.same(said(card), ["us: Your bill / ", "person: AW: Re: Your bill / Which bill is that?"]);
  t.same(card?.lines[1]?.attachments, [{ filename: "bill gpj.exe", type: "image/png", octets: 3 }], "named as it reads, without a way to anywhere");
  const id = card?.id ?? "";

  const answered = await written.reply(annAs, id, { text: "Of {June}.\nIt is \\ due." });
  t.match(answered.lines.at(-1), { from: "us", text: "Of {June}.\nIt is \\ due.", subject: "Re: Your bill", agent: "desk-1", standing: "sent" });
  t.equal(answered.waitsSince, undefined);
  const [, raw = ""] = received("ada@people.example");
  const shown = Object.fromEntries(["From", "Reply-To", "Subject", "In-Reply-To", "References"].map((field) => [field, fieldOf(raw, field)]));
  t.same(shown, {
    ...{ From: "Hello@acme.example", "Reply-To": replyTo, Subject: "Re: Your bill" },
    ...{ "In-Reply-To": first, References: `<older@people.example> ${ours} ${first}` },
  });
  t.match(raw, /\r\n\r\nOf \{June\}\.\r\nIt is \\ due\.\r\n/);
  t.match(raw, /1 Road, Town/, "what must stand in every e-mail stands in it");
  t.equal(received("ada@people.example").length, 2, "once");

  const mine = fieldOf(raw, "Message-ID") ?? "";
  write("ada@people.example", replyTo, ["Subject: Re: Your bill", `In-Reply-To: ${mine}`], ["I have paid that.", "> Of June."]);
  const next = "person: Re: Your bill / I have paid that.";
  await sees(() => said(program.cards.at(-1))?.at(-1) === next, "what comes next is the same agent's");
  // A card may be read while the words come in, and the next one tells the rest.
  await sees(() => typeof program.cards.at(-1)?.waitsSince === "number", "and waits for an answer");
  await written.reply(annAs, id, { template: "thanks" });
  const [, , html = ""] = received("ada@people.example");
  t.match(html, /Thank you, Name 1\.[\s\S]*<p>Thank you, Name 1\.<\/p>/, "a template, as text and HTML");
  t.equal(fieldOf(html, "Subject"), "Re: Your bill");
  t.equal(await count("incoming_mail where campaign_id = $1 and kind = 'reply'", campaign.id), 2, "both are answers to the campaign");

  await t.rejects(written.reply(annAs, id, { text: "x".repeat(10_001) }), { code: "message-refused", message: /10000 are the most/ });
  await t.rejects(written.reply(annAs, id, { template: "nothing" }), { code: "message-refused" });
  write("ada@people.example", replyTo, ["Subject: Out of office", "Auto-Submitted: auto-replied"], ["I am away."]);
  write("ada@people.example", replyTo, ["Subject: Re: Your bill"], ["Stop."]);
  const standings = () => program.cards.at(-1)?.lines.map(({ standing }) => standing) ?? [];
  await sees(() => standings().includes("opt-out") && standings().includes("automatic"), "an opt-out is shown, and so is a note of absence");
  t.equal(program.cards.at(-1)?.waitsSince, undefined, "neither wants an answer");
  await t.rejects(written.reply(annAs, id, { text: "Sorry!" }), { code: "message-refused", message: /wants no e-mail/ });
  await written.dispose(annAs, id, { code: "processed", note: "paid" });
  await sees(() => program.ended.includes(id), "it is over");
  t.equal(received("ada@people.example").length, 3, "and nothing else was sent");
  const history = await stores.agentContacts.history(card?.contactId ?? "", 20);
  const wrote = history.filter(({ kind }) => kind === "wrote").map(({ text }) => text);
  t.same(wrote, ["email, Re: Your bill", "email, Re: Your bill", "email, AW: Re: Your bill"], "whoever talks to them sees that they wrote");
  await program.leave();
});

t.test("whoever answers in another's place is not taken for them; strangers are the account's group's; our own senders are nobody's", async (t) => {
  await until(() => received("bea@people.example").length === 1, "the campaign's e-mail");
  const ours = fieldOf(received("bea@people.example")[0] ?? "", "Message-ID") ?? "";
  write("mallory@else.example", replyTo, ["Subject: Re: Your bill", `In-Reply-To: ${ours}`], ["Send me the bill of Bea."]);
  write("hello@acme.example", replyTo, ["Subject: Re: Your bill", `In-Reply-To: ${ours}`], ["Round and round."]);
  write("stranger@else.example", "hello@acme.example", ["Subject:"], ["Who are you?"]);
  write("postmaster@else.example", "postmaster@in.acme.example", ["Subject: A report"], ["Yours truly"]);
  await until(
    async () => (await count("incoming_mail where from_address in ('hello@acme.example', 'postmaster@else.example')")) === 2,
    "all to be kept",
  );
  await until(async () => (await count("conversation where state = 'waiting'")) === 2, "two of them to wait");
  write("cousin@else.example", replyTo, ["Subject: Re: Your bill"], ["I write for Bea."]);
  write("cousin@else.example", "reply+987654@in.acme.example", ["Subject: Re: Your bill"], ["To a campaign that is not there."]);
  const byCampaign = "incoming_mail where from_address = 'cousin@else.example' and campaign_id is not distinct from $1";
  await until(async () => (await count(byCampaign, campaign.id)) === 1, "what comes to a reply address to be of its campaign, whoever it is from");
  await until(async () => (await count(byCampaign, null)) === 1, "and of none where there is no such one");
  const [theirs] = await written.list(ann);
  t.match(
    theirs,
    { person: "mallory@else.example", campaign: { name: "bills" }, contactId: undefined },
    "about the campaign, and of nobody that is known",
  );
  await written.take(ann, theirs?.id ?? "");
  await t.rejects(written.reply(annAs, theirs?.id ?? "", { template: "thanks" }), { code: "message-refused", message: /no first_name/ });
  await stores.pool.query(
    "insert into suppression (mailbox, channel, reason, source, created_at) values ('mallory@else.example', 'email', 'asked', 'agent', now())",
  );
  await t.rejects(written.reply(annAs, theirs?.id ?? "", { text: "No." }), { code: "message-refused", message: /wants no e-mail/ });
  t.equal((await written.list(ann))[0]?.waitsSince, theirs?.waitsSince, "whom nothing was sent to waits as before");
  const [asked] = await written.list(front);
  t.match(asked, { person: "stranger@else.example", ours: "hello@acme.example", group: { name: "front" }, campaign: undefined });
  await written.take(front, asked?.id ?? "");
  await written.look();
  await written.reply({ id: front, name: "front-1" }, asked?.id ?? "", { text: "We are Acme." });
  const [raw = ""] = received("stranger@else.example");
  t.match([fieldOf(raw, "From"), fieldOf(raw, "Subject"), fieldOf(raw, "Reply-To")], ["Hello@acme.example", "Re:", undefined]);
  await written.dispose({ id: front, name: "front-1" }, asked?.id ?? "", { code: "processed" });
  t.match(
    await written.list(front),
    [{ person: "cousin@else.example", ours: "reply+987654@in.acme.example", campaign: undefined }],
    "the other one is left",
  );
});
