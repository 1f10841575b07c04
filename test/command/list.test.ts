import { join } from "node:path";
import t from "tap";
import { listContacts, showOne } from "../../src/command/contact-show.ts";
import { listLists } from "../../src/command/lists.ts";
import { listMappings } from "../../src/command/mapping.ts";
import { openCommands } from "./command-kit.ts";

t.setTimeout(280_000);

const { folder, stores, file, carillon, refused } = await openCommands();
const options = { config: join(folder, "carillon.yaml") };

t.test("what would become of a file is said before it goes in, by a mapping that is kept", async (t) => {
  const mapping = {
    header: false,
    delimiter: "|",
    columns: [
      { column: 1, as: "clientId" },
      { column: 3, as: "number" },
      { column: 2, as: "field", name: "first name" },
    ],
    rest: "nothing",
  };
  await refused(t, ["mapping", "keep", "crm", file("bad.yaml", "columns: [{ column: 1, as: phone }]")], /mapping.*columns/);
  t.match(await carillon(t, "mapping", "keep", "crm", file("crm.yaml", JSON.stringify(mapping))), { code: 0, stdout: /--mapping crm/ });
  t.match((await carillon(t, "mapping", "list")).stdout, /^crm +recognised +3$/m);
  const csv = file("people.txt", "p1|Ann|212 555 0101|x\np2|Bob|212 555 0102|x\np3|Cid|n/a|x\n");
  const wanted = ["import", csv, "--list", "people", "--mapping", "crm"];
  const dry = await carillon(t, ...wanted, "--dry-run");
  t.match(dry, {
    code: 0,
    stdout:
      /3 rows; 2 contacts would be put on list "people", 1 row rejected.*\nThe rejected rows are in people\.rejects\.csv.*\nReachable by voice 2, sms 2, email 0\. Time zones: not said 2\. Nothing was changed\./,
  });
  t.equal(await stores.lists.listByName("people"), undefined);
  t.match(await carillon(t, ...wanted), { code: 0, stdout: /2 contacts put on list "people"/ });
  const list = await stores.lists.listByName("people");
  t.match(await stores.lists.contacts(list?.id ?? "", { limit: 1 }), [{ clientId: "p1", fields: { first_name: "Ann" } }]);

  const told: string[] = [];
  const tell = (text: string) => void told.push(text);
  await listContacts("people", options, tell);
  t.match(told.splice(0), [
    /^ID +CLIENT ID +ADDRESSES +TIME ZONE +FIELDS\n\d+ +p1 +\+12125550101 +first_name=Ann\n\d+ +p2 +\+12125550102 +first_name=Bob$/,
  ]);
  await listContacts("people", { ...options, json: true }, tell);
  t.match(
    (told[0] ?? "").split("\n").map((line) => JSON.parse(line)),
    [{ clientId: "p1", addresses: [{ number: "+12125550101" }] }, { clientId: "p2" }],
  );
  t.match(await showOne("people", "+12125550102", options), /^id: "\d+"\naddresses:\n[\s\S]*number: "\+12125550102"[\s\S]*clientId: p2$/);
  t.match(JSON.parse(await showOne("people", "p1", { ...options, json: true })), { clientId: "p1", fields: { first_name: "Ann" } });
  await t.rejects(showOne("people", "p9", options), { code: "contact-unknown" });
  await t.rejects(
    listContacts("poeple", options, () => {}),
    { code: "list-unknown" },
  );
  t.match(JSON.parse(await listLists({ ...options, json: true })), [{ name: "people", contacts: 2, columns: ["first_name"] }]);
  t.match(JSON.parse(await listMappings({ ...options, json: true })), [{ name: "crm" }]);
  const second = file("second.txt", "p2|Bea|212 555 0102|x\np4|Dan|212 555 0104|x\n");
  const replaced = await carillon(t, "import", second, "--list", "people", "--existing", "replace", "--mapping", "crm.yaml");
  t.match(replaced, { code: 0, stdout: /2 contacts put on list "people" \(1 of them was on it\), 1 left it\./ });
  file("mails.yaml", JSON.stringify({ ...mapping, columns: [...mapping.columns, { column: 4, as: "mailbox" }] }));
  const third = file("third.txt", "p5|Eva|212 555 0105|eva\np6|Fay|212 555 0106|fay@example.com\n");
  const left = await carillon(t, "import", third, "--list", "mailed", "--mapping", "mails.yaml");
  t.match(
    left.stdout,
    /2 contacts put on list "mailed"\.\n1 number or mailbox could not be used, of people who have another one: line 1, mailbox: has no @\.$/m,
  );
  await refused(t, ["import", second, "--list", "people", "--mapping", "nothing"], /no mapping nothing/);
});

t.test("one person is put on a list, and taken off it", async (t) => {
  const added = await carillon(
    t,
    "contact",
    "add",
    "people",
    "--number",
    "212 555 0109",
    "--email",
    "eve@example.com",
    "--client-id",
    "p9",
    "--field",
    "First Name=Eve",
  );
  t.match(added, { code: 0, stdout: /^Contact \d+ is on list "people", and in the campaigns that run on it\.$/m });
  await refused(t, ["contact", "add", "people", "--number", "12", "--time-zone", "Eastern"], /timeZone.*IANA.*number too short/);
  const changed = await carillon(
    t,
    "contact",
    "change",
    "people",
    "p9",
    "--number",
    "2125550110",
    "--time-zone",
    "America/Chicago",
    "--field",
    "city=Ulm",
  );
  t.match(changed, { code: 0, stdout: /^Contact \d+ on list "people" is changed/m });
  const [eve] = (await stores.lists.contacts((await stores.lists.listByName("people"))?.id ?? "", { limit: 10 })).slice(-1);
  t.match(eve, { clientId: "p9", timeZone: "America/Chicago", fields: { first_name: "Eve", city: "Ulm" } }, "what is not named stays");
  t.same(
    eve?.addresses.map(({ number, mailbox }) => number ?? mailbox),
    ["+12125550110"],
    "all addresses from now on",
  );
  await refused(t, ["contact", "change", "people", "p9"], /Say what changes: --number/);
  t.match(await carillon(t, "contact", "withdraw", "people", "p9"), { code: 0, stdout: /has left list "people"/ });
  await refused(t, ["contact", "withdraw", "people", "p9"], /Nobody on list "people" is known as "p9"\. Give a client id/);
  t.match(await stores.lists.listByName("people"), { contacts: 2 });
});
