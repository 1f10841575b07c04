import t from "tap";
import { columnName, holdsMailboxes, phoneKind, planColumns } from "../../src/contact/columns.ts";
import { isZone, readCountry, readNumber } from "../../src/contact/normalise.ts";
import { readRow } from "../../src/contact/row.ts";
import { isMailbox, readMailbox } from "../../src/kernel/mailbox.ts";

t.test("columns are recognised by their names", async (t) => {
  const kinds: [name: string, kind: ReturnType<typeof phoneKind>][] = [
    ["phone", "unknown"],
    ["Phone Number", "unknown"],
    ["phone1", "unknown"],
    ["Phone_2", "unknown"],
    ["Mobile", "mobile"],
    ["mobilePhone", "mobile"],
    ["Cell Phone", "mobile"],
    ["phone (mobile)", "mobile"],
    ["phone_home", "unknown"],
    ["Work Telephone", "unknown"],
    ["landline", "landline"],
    ["Tel.", "unknown"],
    ["MSISDN", "unknown"],
    ["home", undefined],
    ["number", undefined],
    ["phone_type", undefined],
    ["mobile consent", undefined],
    ["telephone_opt_out", undefined],
    ["fax", undefined],
    ["", undefined],
  ];
  for (const [name, kind] of kinds) t.equal(phoneKind(name), kind, name);
  t.equal(columnName(" Amount Due ($) "), "amount_due");
  t.equal(columnName("amountDue"), "amount_due");
  t.equal(columnName("Größe"), "größe");

  const plan = planColumns(["Account Number", "CustomerID", "Home Phone", "mobile", "Time Zone", "Note", "note", "", "rejected_reason"]);
  t.same(plan.phones, [
    { index: 2, kind: "unknown" },
    { index: 3, kind: "mobile" },
  ]);
  t.equal(plan.clientId, 1, "the person's id before the account's");
  t.equal(plan.timeZone, 4);
  t.same(plan.fields, [
    { index: 0, name: "account_number" },
    { index: 5, name: "note" },
    { index: 6, name: "note_2" },
    { index: 7, name: "column_8" },
  ]);
  const wished = planColumns(["ref", "callback", "phone"], { phones: ["Callback"], clientId: "ref" });
  t.match(wished, { phones: [{ index: 1, kind: "unknown" }], clientId: 0, fields: [{ index: 2, name: "phone" }] });

  t.throws(() => planColumns(["name", "street"]), { code: "import-columns", message: /name, street.*Name it/ });
  t.throws(() => planColumns(["+12125550100", "Ada"]), { code: "import-columns", message: /first row must hold the names/ });
  t.throws(() => planColumns(["phone"], { clientId: "nr" }), { code: "import-columns", message: /no column “nr”/ });
  t.throws(() => planColumns(Array.from({ length: 11 }, (_, index) => `phone${index}`)), { code: "import-columns", message: /at most 10/ });
});

t.test("names of columns that are no names are refused, and none takes long to look at", async (t) => {
  t.equal(phoneKind(`${"1".repeat(262_144)}x`), undefined);
  t.equal(planColumns(["phone", "n".repeat(200)]).fields.length, 1);
  t.throws(() => planColumns(["phone", "n".repeat(201)]), { code: "import-columns", message: /name of column 2 is longer than 200 characters/ });
});

t.test("numbers are read as people write them", async (t) => {
  const us = readCountry("us");
  const good: [text: string, number: string, kind: string, country?: string][] = [
    ["(212) 555-0123", "+12125550123", "unknown"],
    ["212.555.0123", "+12125550123", "unknown"],
    ["1 212 555 0123", "+12125550123", "unknown"],
    ["+1-212-555-0123", "+12125550123", "unknown"],
    ["2125550123.0", "+12125550123", "unknown"],
    ["011 44 20 7946 0958", "+442079460958", "landline"],
    ["020 7946 0958", "+442079460958", "landline", "GB"],
    ["07400 123456", "+447400123456", "mobile", "GB"],
    ["0171 1234567", "+491711234567", "mobile", "DE"],
  ];
  for (const [text, number, kind, country] of good) t.same(readNumber(text, country ? readCountry(country) : us), { number, kind }, text);
  const bad: [text: string, reason: RegExp][] = [
    ["12", /too short/],
    ["555-01", /too short/],
    ["555-0100", /too short for a number of US/],
    ["+1212555012345678", /too long/],
    ["(012) 555-0100", /not a number of US|wrong length/],
    ["+15550100123", /not a number of/],
    ["+999 123456", /no country code/],
    ["1.21256E+10", /spreadsheet/],
    ["1-800-FLOWERS", /letters/],
    ["n/a", /letters/],
    ["(212) 555-0123 ext 5", /extension/],
    ["+1 900 555 0100", /premium/],
    ["---", /not a number/],
    ["1".repeat(100), /too long/],
  ];
  for (const [text, reason] of bad) t.match(readNumber(text, us), { reason }, text);
  t.throws(() => readCountry("XX"), { code: "import-country" });
  t.ok(isZone("America/Chicago"));
  for (const zone of ["+05:00", "Mars/Base", "Central"]) t.notOk(isZone(zone), zone);
});

t.test("a row becomes a contact, or says why not", async (t) => {
  const plan = planColumns(["client_id", "mobile", "home phone", "time_zone", "amount due"]);
  const us = readCountry("US");
  const read = (...cells: string[]) => readRow({ line: 2, cells }, plan, us);
  t.same(read(" c1 ", "(212) 555-0100", "212-555-0101", "America/New_York", " $5 "), {
    contact: {
      clientId: "c1",
      timeZone: "America/New_York",
      addresses: [
        { number: "+12125550100", kind: "mobile" },
        { number: "+12125550101", kind: "unknown" },
      ],
      fields: { amount_due: "$5" },
    },
    dropped: [],
  });
  t.same(
    read("", "'+12125550100", "2125550100", "", "'=1"),
    {
      contact: { addresses: [{ number: "+12125550100", kind: "mobile" }], fields: { amount_due: "=1" } },
      dropped: [],
    },
    "without id and zone; the same number twice is one; apostrophes against formulas go",
  );
  t.match(read("c1", "12", "2125550100", "", ""), {
    contact: { addresses: [{ number: "+12125550100" }] },
    dropped: [{ column: "mobile", reason: /short/ }],
  });

  const refused: [name: string, row: ReturnType<typeof read>, column: string, reason: RegExp][] = [
    ["no number", read("c1", "", " ", "", ""), "mobile", /no telephone number/],
    ["no number that can be used", read("c1", "", "12", "", ""), "home phone", /too short/],
    ["too few cells", read("c1", "2125550100"), "row", /has 2 cells, the header has 5/],
    ["too many cells", read("c1", "2125550100", "", "", "", "x"), "row", /has 6 cells/],
    ["unknown zone", read("c1", "2125550100", "", "Eastern", ""), "time_zone", /IANA/],
    ["bytes that are no UTF-8", read("c1", "2125550100", "", "", "caf\uFFFD"), "amount due", /UTF-8/],
    ["NUL", read("c1", "2125550100", "", "", "a\0"), "amount due", /NUL/],
    ["a huge cell", read("c1", "2125550100", "", "", "x".repeat(10_001)), "amount due", /longer/],
    ["a huge id", read("c".repeat(201), "2125550100", "", "", ""), "client_id", /longer/],
  ];
  for (const [name, row, column, reason] of refused) t.match(row, { refused: { column, reason } }, name);
  t.notMatch(read("c1", "2125550100", "", "", "", "", " "), { refused: {} }, "empty cells too many, as spreadsheets leave them, do no harm");
});

t.test("mailboxes are read as people write them, in one form", async (t) => {
  const good: [text: string, mailbox: string][] = [
    ["ann@example.com", "ann@example.com"],
    ["Ann.Lee+news@Example.COM", "ann.lee+news@example.com"],
    ["mailto:ann@example.com", "ann@example.com"],
    ["ann@example.com.", "ann@example.com"],
    ["info@bücher.example", "info@xn--bcher-kva.example"],
    ["o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"],
    [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
  ];
  for (const [text, mailbox] of good) t.same(readMailbox(text), { mailbox }, text);
  for (const [, mailbox] of good) t.ok(isMailbox(mailbox), mailbox);
  const bad: [text: string, reason: RegExp][] = [
    ["ann", /no @/],
    ["ann@", /nothing behind/],
    ["@example.com", /nothing before/],
    ["ann@example.com, bob@example.com", /more than one @/],
    ["ann@example", /is no domain/],
    ["ann@192.0.2.1", /is no domain/],
    ["ann@[192.0.2.1]", /is no domain/],
    ["ann@exa mple.com", /is no domain/],
    ["ann@-example.com", /is no domain/],
    ["ann lee@example.com", /characters before the @/],
    ["ann..lee@example.com", /characters before the @/],
    ['"ann"@example.com', /characters before the @/],
    ["ånn@example.com", /characters before the @/],
    ["Ann <ann@example.com>", /is no domain|characters before/],
    ["ann@example.com\r\nBcc: eve@example.com", /control characters|more than one/],
    [`${"a".repeat(65)}@example.com`, /more than 64/],
    [`a@${"b".repeat(250)}.com`, /too long|no domain/],
    [`a@${"b".repeat(64)}.com`, /no domain/],
  ];
  for (const [text, reason] of bad) {
    t.match(readMailbox(text), { reason }, text);
    t.notOk(isMailbox(text), text);
  }
  t.notOk(isMailbox("Ann@example.com"), "not in its one form");
  // Neither hangs on a text that is made to.
  readMailbox(`${"a.".repeat(500_000)}@${"b.".repeat(500_000)}`);
  isMailbox(`${"a.".repeat(500_000)}@x.com`);
});

t.test("columns with mailboxes are recognised, and a contact needs a number or a mailbox", async (t) => {
  for (const name of ["email", "E-Mail", "eMail 2", "e_mail", "mail", "Work email address", "EMAIL_1", "emailAddress", "Primary Mailbox"])
    t.ok(holdsMailboxes(name), name);
  for (const name of ["email_opt_in", "mailing", "mail consent", "address", "mailing address", "phone", ""]) t.notOk(holdsMailboxes(name), name);
  const us = readCountry("US");
  const plan = planColumns(["mobile", "email", "email 2", "city"]);
  t.match(plan, { phones: [{ index: 0, kind: "mobile" }], mailboxes: [1, 2], fields: [{ index: 3, name: "city" }] });
  const read = (...cells: string[]) => readRow({ line: 2, cells }, plan, us);
  t.match(read("", "Ann@Example.com", "ann@example.com", "Rome"), {
    contact: { addresses: [{ kind: "email", mailbox: "ann@example.com" }], fields: { city: "Rome" } },
    dropped: [],
  });
  t.match(read("2125550100", "nobody", "ann@example.com", ""), {
    contact: { addresses: [{ number: "+12125550100" }, { mailbox: "ann@example.com" }] },
    dropped: [{ column: "email", reason: /no @/ }],
  });
  t.match(read("", "", "", "Rome"), { refused: { column: "mobile", reason: "neither a telephone number nor a mailbox" } });
  t.match(read("", "nobody", "", "Rome"), { refused: { column: "email", reason: /no @/ } });
  const alone = planColumns(["name", "Reach me"], { emails: ["Reach me"] });
  t.match(readRow({ line: 2, cells: ["Ann", ""] }, alone, us), { refused: { column: "Reach me", reason: "no mailbox" } });
  t.throws(() => planColumns(["name", "city"]), { code: "import-columns", message: /telephone numbers or mailboxes .* “email”/ });
  t.throws(() => planColumns(["phone"], { emails: ["mail"] }), { code: "import-columns", message: /no column “mail”/ });
});
