import { createReadStream } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import t from "tap";
import { checkTemplate, listTemplates, previewTemplate, publishTemplate, showTemplate } from "../../src/command/template.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { openCommands } from "./command-kit.ts";

t.setTimeout(280_000);
const { stores, file, folder, carillon } = await openCommands();

const reminder = `name: reminder
channel: sms
text: |-
  {first_name}, {amount | money: "USD"} is due.
`;

t.test("templates on the command line", async (t) => {
  const rows = [
    "c-1,+12125550101,Ada,1",
    "c-2,+12125550102,Zoë,2",
    "c-3,+12125550103,,3",
    `c-4,+12125550104,${"x".repeat(160)},4`,
    "c-5,+12125550105,Bob,five",
  ];
  file("may.csv", `client_id,phone,first_name,amount\n${rows.join("\n")}\n`);
  const csv = createReadStream(join(folder, "may.csv"));
  await importContacts({ store: stores.contacts, name: "may", append: false, csv, rejected: () => {}, defaultCountry: "US" });

  // One command as a process; the others as the functions behind them, which is quicker.
  t.match(await carillon(t, "template", "list"), { code: 0, stderr: "", stdout: /No template is published yet/ });
  const options = { config: join(folder, "carillon.yaml") };
  const path = (name: string) => join(folder, name);
  file("reminder.yaml", reminder);
  t.match(await publishTemplate(path("reminder.yaml"), options), /^reminder version 1 is published, for sms\./);
  t.match(await publishTemplate(path("reminder.yaml"), options), /nothing is changed/);
  file("terms.txt", "these are terms");
  file("letter.yaml", "name: letter\nchannel: email\nsubject: Hi {first_name}\ntext: x\nattachments: [{ file: terms.txt, type: text/plain }]\n");
  t.match(await publishTemplate(path("letter.yaml"), options), /letter version 1/);
  t.match(await stores.templates.current("letter"), { attachments: [{ name: "terms.txt", content: Buffer.from("these are terms") }] });
  t.match((await listTemplates(options)).split("\n")[2], new RegExp(`^reminder +sms +1 +\\d{4}-.* +user ${userInfo().username}$`));
  t.match(await showTemplate("reminder", options), /^reminder version 1, sms, published .*\nneeds first_name, amount\n\ntext:\n\{first_name\}/);

  const preview = await previewTemplate("reminder", { ...options, field: ["first_name=Zoë", "amount=5"] });
  t.equal(preview, "Zoë, $5.00 is due.\n\n1 segment: 18 units of UCS-2, because of “ë” (U+00EB)");
  t.equal(await previewTemplate("reminder", options), "Nothing would be sent: the contact has no first_name, amount.");

  const report = await checkTemplate("reminder", { ...options, list: "may" });
  for (const line of [
    /^reminder to the 5 contacts of list may: 3 would get it\.\n/,
    /2 would get nothing:\nCONTACT +CLIENT +REASON\n\d+ +c-3 +the contact has no first_name\n\d+ +c-5 +“five” is not an amount in USD/,
    /Missing fields: first_name \(1\)\n/,
    /4 segments in all: 2 of 1 segment, 1 of 2 segments\.\n/,
    /1 go out in UCS-2, because of:\n {2}“ë” \(U\+00EB\) in 1 message\n`transliterate: true`/,
    /The longest is that of contact \d+ \(client c-4\), 2 segments: 175 septets of GSM 03\.38\nx{160}, \$4\.00 is due\.$/,
  ])
    t.match(report, line);
  file("plain.yaml", `${reminder}transliterate: true\n`);
  const plain: unknown = JSON.parse(await checkTemplate(path("plain.yaml"), { ...options, list: "may", json: true }));
  t.match(plain, { ready: 3, sms: { segments: 4, ucs2: { contacts: 0 } } }, "a file, before it is published");

  file("broken.yaml", reminder.replace("channel", "chanel"));
  await t.rejects(async () => await publishTemplate(path("broken.yaml"), options), {
    code: "template-invalid",
    message: /broken\.yaml:1:1: Give the channel/,
  });
  file("broken.yaml", reminder.replace("{first_name}", "{first name}"));
  await t.rejects(async () => await publishTemplate(path("broken.yaml"), options), { message: /broken\.yaml:4:3: “\{”/ });
  await t.rejects(async () => await publishTemplate(path("missing.yaml"), options), { code: "template-file", message: /there is no such file/ });
  await t.rejects(checkTemplate("remindr", { ...options, list: "may" }), { code: "template-unknown", message: /Did you mean reminder\?/ });
  await t.rejects(checkTemplate("reminder", { ...options, list: "june" }), { code: "list-unknown" });
});
