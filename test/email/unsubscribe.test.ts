import t from "tap";
import { unsubscribeLink } from "../../src/email/link.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { node } from "../adapter/stores-kit.ts";
import { world } from "../api/world.ts";
import { Exchanger } from "./exchanger.ts";

const key = "a key of thirty-two octets, for tests";
const settings = { "email.key": key };
const oneClick = { "content-type": "application/x-www-form-urlencoded" };

t.test("unsubscribing", async (t) => {
  const { app, stores, key: apiKey } = await world(t, {}, settings);
  await stores.registry.register(node, Date.now());
  const listId = await listOf(stores, "readers", [
    [{ kind: "email", mailbox: mailbox("anna@x.example") }],
    [{ kind: "email", mailbox: mailbox("ben@x.example") }],
    [{ kind: "email", mailbox: mailbox("cleo@x.example") }],
  ]);
  const campaign = await writeTo(stores, "email", listId, { name: "news" });
  const { orders } = await stores.work.claimMessages(campaign, 3, Date.now(), node, (candidate) =>
    candidate.suppressed ? { go: false, rule: "suppressed" } : { go: true, untilMs: Date.now() + 60_000 },
  );
  const pathOf = (at: number, scope: "account" | "campaign") => unsubscribeLink("", key, orders[at]?.attemptId ?? "", scope);
  const suppressed = async () =>
    (await stores.pool.query("select mailbox, channel, campaign_id::text as campaign, reason from suppression where mailbox is not null order by id"))
      .rows;
  const begin = (at: number) =>
    stores.messages.begin({ attemptId: orders[at]?.attemptId ?? "", at: Date.now(), via: "relay", from: "a@x.example", text: "Hi" });
  t.equal(orders.length, 3);

  t.test("GET shows a page without a name in it, in the reader's language, and changes nothing", async (t) => {
    const { statusCode, headers, body } = await app.inject({ url: pathOf(0, "account"), headers: { "accept-language": "de-CH,en;q=0.5" } });
    t.equal(statusCode, 200);
    t.match(headers["content-type"], /text\/html/);
    t.match(body, /<html lang="de">[\s\S]*<form method="post">[\s\S]*Abmelden/);
    t.notMatch(body, /anna|x\.example|news/);
    t.same(await suppressed(), []);
  });

  t.test("one click without a log-in keeps what is reserved from leaving; said again, nothing more happens", async (t) => {
    for (let round = 0; round < 2; round++) {
      const answer = await app.inject({ method: "POST", url: pathOf(0, "account"), headers: oneClick, payload: "List-Unsubscribe=One-Click" });
      t.equal(answer.statusCode, 200);
      t.notMatch(answer.body, /<form/);
    }
    t.match(await suppressed(), [{ mailbox: "anna@x.example", channel: "email", campaign: null, reason: "unsubscribed: link" }]);
    t.equal(await begin(0), false);
    t.equal(await begin(2), true, "others go out");
  });

  t.test("a link of the campaign ends the campaign only; a form with a file in it does too", async (t) => {
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const answer = await app.inject({ method: "POST", url: pathOf(1, "campaign"), headers, payload: "--x--\r\n" });
    t.equal(answer.statusCode, 200);
    t.match(answer.body, "no more e-mails of this kind", "it promises no more than it does");
    const asked = await app.inject({ url: pathOf(1, "campaign"), headers: { "accept-language": "fr" } });
    t.match(asked.body, /d’e-mails de ce type \?<\/h1>\n<form/);
    t.match((await suppressed()).slice(1), [{ mailbox: "ben@x.example", campaign: campaign.id }]);
    t.equal(await begin(1), false);
  });

  t.test("a mark that was made up does nothing and tells nothing", async (t) => {
    const good = pathOf(2, "account");
    for (const url of [good.slice(0, -1), `${good}a`, "/u/x", "/u/1.aaaaaaaaaaaaaaaa", good.replace(/\d+/, "99")])
      for (const method of ["GET", "POST"] as const) {
        const answer = await app.inject({ method, url });
        t.equal(answer.statusCode, 404, `${method} ${url}`);
        t.notMatch(answer.body, /<form/);
      }
    const huge = await app.inject({ method: "POST", url: good, headers: oneClick, payload: "x".repeat(20_000) });
    t.equal(huge.statusCode, 413);
    t.equal((await suppressed()).length, 2);
  });

  t.test("a customer's own page tells us by the API", async (t) => {
    const mark = pathOf(2, "account").slice(3);
    const post = (payload: object, authorization = `Bearer ${apiKey}`) =>
      app.inject({ method: "POST", url: "/api/v1/unsubscribes", headers: { authorization }, payload });
    t.equal((await post({ mark }, "Bearer wrong")).statusCode, 401);
    t.match((await post({ mark: "1.x" })).json(), { code: "mark-unknown", status: 404 });
    t.equal((await post({ mark, scope: "campaign" })).statusCode, 204);
    t.match((await suppressed()).at(-1), { mailbox: "cleo@x.example", campaign: campaign.id, reason: "unsubscribed: the customer's page" });
  });
});

t.test("people are sent to the customer's page where there is one; one click is still ours", async (t) => {
  const own = "https://x.example/bye?m={mark}&s={scope}";
  const { app } = await world(t, {}, { ...settings, "email.unsubscribeUrl": own });
  const path = unsubscribeLink("", key, "7", "campaign");
  const { statusCode, headers } = await app.inject({ url: path });
  t.equal(statusCode, 302);
  t.match(headers.location, /^https:\/\/x\.example\/bye\?m=7\.[a-z2-7]{16}&s=campaign$/);
  t.equal((await app.inject({ url: "/u/7.wrong" })).statusCode, 404);
  t.equal((await app.inject({ method: "POST", url: path })).statusCode, 404, "no such attempt");
});

t.test("one test e-mail", async (t) => {
  const exchanger = new Exchanger();
  const port = await exchanger.listen();
  t.teardown(() => exchanger.close());
  const email = {
    ...settings,
    "email.publicUrl": "https://mail.x.example",
    "email.pools": [{ name: "relay", host: "127.0.0.1", port, tls: "none" }],
    "email.senders": [{ name: "main", mailbox: "a@x.example", pool: "relay", bounceDomain: "b.x.example", postalAddress: "1 Road", phone: "+1 212" }],
  };
  const { app, stores, key: apiKey } = await world(t, {}, email);
  await stores.templates.publish({ name: "hello", channel: "email", subject: "Hi {first_name}", text: "Hello" }, "test");
  const post = (payload: object) =>
    app.inject({ method: "POST", url: "/api/v1/emails/test", headers: { authorization: `Bearer ${apiKey}` }, payload });
  const whole = { template: "hello", sender: "main", to: "Me@X.example", fields: { first_name: "Zoë" } };
  t.match((await post(whole)).json(), { subject: "Hi Zoë", response: /^250/ });
  t.match(exchanger.taken, [{ to: "me@x.example" }]);
  t.match((await post({ ...whole, fields: {} })).json(), { code: "template-held", detail: /first_name/ });
  t.match((await post({ ...whole, sender: "other" })).json(), { code: "sender-unknown" });
  t.match((await post({ ...whole, template: "other" })).json(), { code: "template-unknown" });
  t.match((await post({ ...whole, to: "nobody@x.example" })).json(), { code: "email-not-sent", detail: /5\.1\.1/, status: 502 });
  await stores.suppressions.add({ whom: { kind: "mailbox", value: "out@x.example" }, reason: "unsubscribed" }, "test");
  t.match((await post({ ...whole, to: "out@x.example" })).json(), { code: "suppressed", detail: /unsubscribed/, status: 409 });
  t.notOk(exchanger.taken.some(({ to }) => to === "out@x.example"));
  t.match((await post({ ...whole, to: "nowhere" })).json(), { code: "request-invalid", detail: /no @/ });
});
