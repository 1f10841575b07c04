import t from "tap";
import { asCsv, asYaml, world } from "./world.ts";

const csv = `client_id,phone,first_name,amount,language,email
c-1,+1 212 555 0101,Ada,1234.5,,ada@example.com
c-2,(212) 555-0102,Gracé,12,es,
c-3,+1 212 555 0103,,5,,x@example.com
c-4,+1 212 555 0104,Zoë ☎ ☎,7,,
c-5,+1 212 555 0105,Edsger,1,000 USD
c-6,+1 212 555 0106,${"Longname ".repeat(18)}end,7,,
`.replace("1,000 USD", '"1,000",,');

const sms = `# what we owe
name: reminder
channel: sms
language: en-US
text: |-
  {first_name}, {amount | money: "USD"} is due.
  Reply STOP to opt out.
`;

t.test("templates over the API", async (t) => {
  const { ask } = await world(t);
  const templates = "/api/v1/templates";
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);

  await t.test("published, shown, and refused with the places", async (t) => {
    const first = await ask("POST", templates, sms, asYaml);
    t.match([first.status, first.body], [201, { name: "reminder", channel: "sms", version: 1, fresh: true, publishedBy: "key test" }]);
    t.equal(first.headers["location"], `${templates}/reminder/versions/1`);
    t.match((await ask("POST", templates, sms, asYaml)).status, 200);
    const second = await ask("POST", templates, { name: "reminder", channel: "sms", text: "Hi {first_name}" });
    t.match([second.status, second.body], [201, { version: 2 }]);
    t.match((await ask("GET", templates)).body.items, [{ name: "reminder", version: 2 }]);
    t.match((await ask("GET", `${templates}/reminder/versions?limit=1`)).body, { items: [{ version: 2 }], next: /./ });
    t.match((await ask("GET", `${templates}/reminder/versions/1`)).body, {
      current: false,
      fields: ["first_name", "amount"],
      document: { language: "en-US" },
    });
    t.match((await ask("GET", `${templates}/reminder`)).body, { version: 2, current: true });
    const letter = { name: "letter", channel: "email", subject: "{first_name}", html: "<p>{first_name}</p> {unsubscribe_url}" };
    t.equal((await ask("POST", templates, letter)).status, 201);
    t.match((await ask("GET", `${templates}/letter`)).body, { fields: ["first_name"] });

    const refusals: [unknown, string | undefined, number, unknown][] = [
      [sms.replace('"USD"', '"EURO"'), "yaml", 422, [{ pointer: "6:17", message: /EURO.*currency/ }]],
      [sms.replace("{first_name}", "{first name}"), "yaml", 422, [{ pointer: "6:3", message: /field name/ }]],
      [sms.replace("language: en-US", "langauge: en"), "yaml", 422, [{ pointer: "4:1", message: /Did you mean language/ }]],
      [sms.replace("channel: sms", "channel: [sms"), "yaml", 422, [{ pointer: /^\d+:\d+$/ }]],
      [sms.replace("name: reminder", "name: &a reminder\nlanguage: *a"), "yaml", 422, [{}]],
      ["- [[[[[[[[[[[[[[[[[[[[", "yaml", 422, [{ message: /deeply/ }]],
      ["just text", "yaml", 422, [{ pointer: "1:1" }]],
      [
        { channel: "sms", name: "Bad Name", text: "{x", subject: "s" },
        undefined,
        422,
        [{ pointer: "/subject" }, { pointer: "/name" }, { pointer: "/text" }],
      ],
      [{ ...letter, subject: "a\nBcc: x" }, undefined, 422, [{ pointer: "/subject", message: /one line/ }]],
      [{ ...letter, html: "a\u0000" }, undefined, 422, [{ pointer: "/html", message: /control/ }]],
      [{ name: "letter", channel: "email", subject: "x" }, undefined, 422, [{ pointer: "/text" }]],
      [
        { ...letter, attachments: [{ name: "../x", type: "multipart/mixed", content: "a" }, {}] },
        undefined,
        422,
        [
          { pointer: "/attachments/0/name" },
          { pointer: "/attachments/0/type" },
          { pointer: "/attachments/0/content" },
          { pointer: "/attachments/1/name" },
        ],
      ],
      [{ ...letter, language: "english please" }, undefined, 422, [{ pointer: "/language" }]],
      [{ name: "x", channel: "fax" }, undefined, 422, [{ pointer: "/channel" }]],
    ];
    for (const [body, kind, status, errors] of refusals) {
      const answer = await ask("POST", templates, body, kind === "yaml" ? asYaml : {});
      t.equal(answer.status, status, JSON.stringify(body));
      t.match(answer.body, { code: "template-invalid", errors }, JSON.stringify(body));
    }
    t.match((await ask("POST", templates, { ...letter, name: "reminder" })).body, { code: "template-channel", status: 422 });
    for (const path of ["nothing", "nothing/versions", "reminder/versions/9"])
      t.match((await ask("GET", `${templates}/${path}`)).body, { code: "template-unknown" });
  });

  await t.test("previewed for a contact, and for fields", async (t) => {
    const people = (await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items;
    const preview = `${templates}/reminder/preview`;
    const of = async (index: number, more = {}) => (await ask("POST", preview, { contactId: people[index]?.["id"], version: 1, ...more })).body;
    t.match(await of(0), { text: "Ada, $1,234.50 is due.\nReply STOP to opt out.", sms: { encoding: "gsm", units: 45, segments: 1, forcing: [] } });
    t.match(await of(1, { fields: { first_name: "Ana" } }), { text: /^Ana, \$12\.00/ });
    t.same(await of(2), { held: "the contact has no first_name", lacks: ["first_name"] });
    t.match(await of(3), { sms: { encoding: "ucs-2", forcing: ["ë", "☎"] } });
    t.match(await of(4), { held: /1,000.*amount/ });
    t.match((await ask("POST", preview, { fields: { first_name: "x" } })).body, { text: "Hi x" });
    t.match((await ask("POST", preview, { contactId: "777" })).body, { code: "contact-unknown" });
    const letter = await ask("POST", `${templates}/letter/preview`, { fields: { first_name: "<b>" } });
    t.same(letter.body, { subject: "<b>", html: "<p>&lt;b&gt;</p> [unsubscribe_url]" });
  });

  await t.test("held against a list", async (t) => {
    const { body } = await ask("POST", `${templates}/reminder/check`, { listId, version: 1 });
    t.match(body, {
      contacts: 6,
      ready: 4,
      unreachable: 0,
      held: {
        contacts: 2,
        first: [
          { clientId: "c-3", reason: /first_name/ },
          { clientId: "c-5", reason: /1,000/ },
        ],
      },
      lacks: [{ field: "first_name", contacts: 1 }],
      worst: { clientId: "c-6", segments: 2, units: 203, encoding: "gsm", text: /^Longname/ },
      sms: {
        segments: 5,
        bySegments: { 1: 3, 2: 1 },
        ucs2: {
          contacts: 1,
          characters: [
            { character: "ë", contacts: 1 },
            { character: "☎", contacts: 1 },
          ],
        },
      },
    });
    const mail = (await ask("POST", `${templates}/letter/check`, { listId })).body;
    t.match(mail, { contacts: 6, ready: 1, unreachable: 4, held: { contacts: 1 }, worst: { clientId: "c-1" } });
    t.notOk(mail["sms"]);
    t.match((await ask("POST", `${templates}/reminder/check`, { listId: "777" })).body, { code: "list-unknown" });
    t.equal((await ask("POST", `${templates}/reminder/check`, { listId, concatenation: "none" })).status, 400);
  });
});
