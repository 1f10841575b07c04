import t from "tap";
import { columnName, describePlan, phoneKind, planColumns } from "../../src/contact/columns.ts";
import { type CsvRecord, CsvScanner, maxRecordChars } from "../../src/contact/csv.ts";
import { isZone, readCountry, readNumber } from "../../src/contact/normalise.ts";
import { rejectsHeader, rejectsLine } from "../../src/contact/rejects.ts";
import { readRow } from "../../src/contact/row.ts";
import { sniffDelimiter, sniffEncoding } from "../../src/contact/sniff.ts";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

function scan(text: string, delimiter = ",", cuts: readonly number[] = []): CsvRecord[] {
  const scanner = new CsvScanner(delimiter);
  const found: CsvRecord[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    found.push(...scanner.push(text.slice(from, cut)));
    from = cut;
  }
  return [...found, ...scanner.push(text.slice(from)), ...scanner.end()];
}

const cellsOf = (records: readonly CsvRecord[]) => records.map(({ cells }) => cells);

t.test("csv: what RFC 4180 writes is read", async (t) => {
  const cases: [name: string, text: string, cells: string[][]][] = [
    [
      "plain",
      "a,b\r\nc,d\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "no line break at the end",
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "empty cells",
      ",\n,,\n",
      [
        ["", ""],
        ["", "", ""],
      ],
    ],
    [
      "quotes, doubled quotes, delimiter and line breaks within",
      '"a ""b""","c,d","e\r\nf"\ng,h,i\n',
      [
        ['a "b"', "c,d", "e\r\nf"],
        ["g", "h", "i"],
      ],
    ],
    ["blanks around quotes", 'a, "b, c" ,d\n', [["a", "b, c", "d"]]],
    ["a quote within an unquoted cell is a letter", '5" pipe,x "y"\n', [['5" pipe', 'x "y"']]],
    ["an empty quoted cell at the end", 'a,""', [["a", ""]]],
    ["a lone CR within a cell", "a\rb,c\n", [["a\rb", "c"]]],
    ["nothing", "", []],
  ];
  for (const [name, text, cells] of cases) t.same(cellsOf(scan(text)), cells, name);
  t.same(
    scan('"a\nb"\nc\n').map(({ line }) => line),
    [1, 3],
    "lines are those of the file",
  );
  t.same(cellsOf(scan("a;b,c\n", ";")), [["a", "b,c"]]);
});

t.test("csv: a broken quote costs its own line only", async (t) => {
  const rest = ["3,Eve,x", "4,Ann,y"];
  const broken: [name: string, line: string, column: number, reason: RegExp][] = [
    ["never closed", '2,"Bob,x', 1, /never closed|closing quote/],
    ["text after the closing quote", '2,"Bob" Smith,x', 1, /closing quote/],
    ["a quote that opens the last cell", '2,Bob,"', 2, /never closed|closing quote/],
  ];
  for (const [name, line, column, reason] of broken) {
    const records = scan(["1,Al,z", line, ...rest].join("\r\n"));
    t.same(records.length, 4, name);
    t.match(records[1], { line: 2, fault: { column, reason } });
    t.same(
      records.slice(2).map(({ cells, fault, line }) => [line, fault, cells.join(",")]),
      [
        [3, undefined, rest[0]],
        [4, undefined, rest[1]],
      ],
      name,
    );
  }
  const more = scan(['1,"open', '2,"quoted, well",x', "3,c"].join("\n"));
  t.match(
    more,
    [
      { line: 1, fault: {} },
      { line: 2, cells: ["2", "quoted, well", "x"] },
      { line: 3, cells: ["3", "c"] },
    ],
    "closed by the next row's quote",
  );
  t.same(more[1]?.fault, undefined);
});

t.test("csv: an open quote or an endless line does not fill the memory", async (t) => {
  const line = `${"x".repeat(98)}\n`;
  const open = new CsvScanner(",");
  let count = open.push('a,"b\n').length;
  for (let pushed = 0; pushed < 4 * maxRecordChars; pushed += line.length) count += open.push(line).length;
  t.ok(count > (2 * maxRecordChars) / line.length, "the rows after it come out while the file still goes on");
  const endless = new CsvScanner(",");
  const found: CsvRecord[] = [];
  for (let pushed = 0; pushed < 3 * maxRecordChars; pushed += 1000) found.push(...endless.push("y".repeat(1000)));
  found.push(...endless.push("\nc,d\n"), ...endless.end());
  t.match(found, [
    { line: 1, fault: { reason: /longer than/ } },
    { line: 2, cells: ["c", "d"] },
  ]);
  t.equal(found.length, 2);
});

t.test("csv: what is written comes back, however the file is cut into pieces", async (t) => {
  const random = seededRandom(seed);
  const letters = ["a", "Ж", "😀", ",", ";", '"', "\n", "\r\n", " ", "1", "="];
  for (let round = 0; round < 300; round += 1) {
    const rows = Array.from({ length: intBetween(random, 1, 6) }, () =>
      Array.from({ length: intBetween(random, 2, 5) }, () => Array.from({ length: intBetween(random, 0, 6) }, () => pick(random, letters)).join("")),
    );
    const text = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n");
    const cuts = Array.from({ length: intBetween(random, 0, 6) }, () => intBetween(random, 0, text.length));
    t.same(cellsOf(scan(text, ",", cuts)), rows, `seed ${seed}, round ${round}`);
  }
});

t.test("csv: damage is never thrown, and gives the same however the file is cut", async (t) => {
  const random = seededRandom(seed + 1);
  const noise = (length: number) => Array.from({ length }, () => pick(random, ["a", ",", '"', '""', "\n", "\r\n", "\r", " ", "\0"])).join("");
  for (let round = 0; round < 500; round += 1) {
    const text = noise(intBetween(random, 0, 60));
    const cuts = Array.from({ length: 4 }, () => intBetween(random, 0, text.length));
    t.same(scan(text, ",", cuts), scan(text), `seed ${seed}, round ${round}: ${JSON.stringify(text)}`);
  }
});

t.test("the delimiter and the encoding are recognised", async (t) => {
  t.equal(sniffDelimiter("a;b;c\n1,5;2;3\n2,5;3;4\n"), ";");
  t.equal(sniffDelimiter("a\tb\n1\t2\n"), "\t");
  t.equal(sniffDelimiter("a|b\n1|2\n"), "|");
  t.equal(sniffDelimiter('name,note\n"x","a;b;c"\n'), ",");
  t.equal(sniffDelimiter("phone\n+12125550100\n"), ",");
  t.equal(sniffEncoding(Buffer.from("phone")), "utf-8");
  t.equal(sniffEncoding(Buffer.from([0xff, 0xfe, 0x70, 0])), "utf-16le");
  t.throws(() => sniffEncoding(Buffer.from("PK\x03\x04")), { code: "import-format", message: /CSV UTF-8/ });
  t.throws(() => sniffEncoding(Buffer.from([0x1f, 0x8b])), { code: "import-format", message: /compressed/ });
});

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
  t.match(describePlan(plan), /mobile \(mobile\).*client id: CustomerID/);
  const wished = planColumns(["ref", "callback", "phone"], { phones: ["Callback"], clientId: "ref" });
  t.match(wished, { phones: [{ index: 1, kind: "unknown" }], clientId: 0, fields: [{ index: 2, name: "phone" }] });

  t.throws(() => planColumns(["name", "street"]), { code: "import-columns", message: /name, street.*Name it/ });
  t.throws(() => planColumns(["+12125550100", "Ada"]), { code: "import-columns", message: /first row must hold the names/ });
  t.throws(() => planColumns(["phone"], { clientId: "nr" }), { code: "import-columns", message: /no column “nr”/ });
  t.throws(() => planColumns(Array.from({ length: 11 }, (_, index) => `phone${index}`)), { code: "import-columns", message: /at most 10/ });
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

t.test("rejects come back as they were, and no spreadsheet takes them for formulas", async (t) => {
  const random: Random = seededRandom(seed + 2);
  const hostile = ['=HYPERLINK("http://x")', "+12125550100", "-1+1", "@SUM(A1)", "\t=1", "plain", 'quo"te', "a,b", "two\nlines", ""];
  for (let round = 0; round < 50; round += 1) {
    const raw = Array.from({ length: 4 }, () => pick(random, hostile));
    const [header, record, ...more] = scan(
      rejectsHeader(["a", "b", "c", "d"]) + rejectsLine({ row: 7, line: 9, column: "b", reason: "=too, short", raw }),
    );
    t.same(header?.cells, ["rejected_row", "rejected_line", "rejected_column", "rejected_reason", "a", "b", "c", "d"]);
    t.same(more, []);
    t.notOk(
      record?.cells.some((cell) => /^\s*[=+\-@]/.test(cell)),
      `seed ${seed}: ${JSON.stringify(record?.cells)}`,
    );
    const back = record?.cells.slice(4).map((cell) => (cell.startsWith("'") ? cell.slice(1) : cell));
    t.same(
      back,
      raw.map((cell) => (/^\s*[=+\-@]/.test(cell) ? cell.trimStart() : cell)),
    );
  }
});
