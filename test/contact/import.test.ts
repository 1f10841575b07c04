import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import t, { type Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { type ImportProgress, type ImportReport, type ImportRequest, importContacts } from "../../src/contact/import-engine.ts";
import type { Rejection } from "../../src/contact/ports.ts";
import { RejectsFile } from "../../src/contact/rejects-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";

async function openTestStores(t: Test): Promise<Stores> {
  const { url } = await openTestDatabase(t);
  const stores = await openStores({ url, log: silentLog, clock: systemClock });
  t.teardown(() => stores.close());
  return stores;
}

/** Imports a text, and gives everything that was said of it. */
async function load(
  stores: Stores,
  csv: string | Readable,
  more: Partial<ImportRequest> = {},
): Promise<ImportReport & { readonly told: Rejection[] }> {
  const told: Rejection[] = [];
  const report = await importContacts({
    store: stores.contacts,
    name: "customers",
    append: false,
    csv: typeof csv === "string" ? Readable.from([Buffer.from(csv)]) : csv,
    rejected: (rejection) => {
      told.push(rejection);
    },
    ...more,
  });
  return { ...report, told };
}

const count = async (stores: Stores, table: string) => {
  const { rows } = await stores.pool.query<{ n: string }>(`select count(*) as n from ${table}`);
  return Number(rows[0]?.n);
};

t.setTimeout(280_000);

t.test("what can be used goes in, the rest is told with row, line, column and reason", async (t) => {
  const stores = await openTestStores(t);
  const csv = [
    "Client ID;Mobile;Home Phone;Time Zone;Amount Due",
    'c1;(212) 555-0100;;America/New_York;"$1,50"',
    "c2;12;;;",
    "c3;;(212) 555-0103;;",
    "",
    '"c4;(212) 555-0104;;;',
    "c5;(212) 555-0105;;Eastern;",
    "c1;(212) 555-0106;;;same id",
    "c7;+1 212 555 0100;;;same number",
    "c8;(212) 555-0108",
    "c9;(212) 555-0109;5;;home number unusable",
    "c1;(212) 555-0110;;;same id again",
    "c11;(212) 555-0106;;;the number of a row that did not go in",
    "c2;(212) 555-0102;;;the id of a row that did not go in",
  ].join("\n");
  const dropped: Rejection[] = [];
  const report = await load(stores, csv, { dropped: (rejection) => void dropped.push(rejection) });
  t.match(report, { read: 12, accepted: 5, rejected: 7, duplicates: 3, dropped: 1 });
  t.same(
    report.told.map(({ row, line, column, reason }) => [row, line, column, reason]),
    [
      [2, 3, "Mobile", "too short for a number of US"],
      [4, 6, "Client ID", "a quote is opened here and never closed"],
      [5, 7, "Time Zone", "not a zone of the IANA database, such as America/Chicago"],
      [6, 8, "Client ID", "the client id c1 is on the list already"],
      [7, 9, "Mobile", "the number +12125550100 is on the list already"],
      [8, 10, "row", "has 2 cells, the header has 5"],
      [10, 12, "Client ID", "the client id c1 is on the list already"],
    ],
  );
  t.match(dropped, [{ row: 9, column: "Home Phone", reason: /short/ }]);
  t.same(report.told[0]?.raw, ["c2", "12", "", "", ""]);

  const list = await stores.lists.list(report.listId);
  t.match(list, { name: "customers", contacts: report.accepted });
  const contacts = await stores.lists.contacts(report.listId, { limit: 100 });
  t.same(
    contacts.map(({ clientId, addresses }) => [clientId, addresses.map(({ kind, number }) => `${kind} ${number}`)]),
    [
      ["c1", ["mobile +12125550100"]],
      ["c3", ["unknown +12125550103"]],
      ["c9", ["mobile +12125550109"]],
      ["c11", ["mobile +12125550106"]],
      ["c2", ["mobile +12125550102"]],
    ],
    "in the order of the file",
  );
  t.match(contacts[0], { timeZone: "America/New_York", fields: { amount_due: "$1,50" } });
});

t.test("a list that exists is added to only when that is asked for; nobody stands on it twice", async (t) => {
  const stores = await openTestStores(t);
  const first = await load(stores, "id,phone\n1,2125550100\n2,2125550101\n");
  await t.rejects(load(stores, "id,phone\n3,2125550102\n"), { code: "list-exists" });
  const more = await load(stores, "id,phone\n2,2125550109\n4,2125550100\n5,2125550105\n", { append: true });
  t.match(more, { listId: first.listId, accepted: 1, duplicates: 2 });
  t.same(
    more.told.map(({ column }) => column),
    ["id", "phone"],
  );
  t.equal((await stores.lists.list(first.listId))?.contacts, 3);
  const other = await load(stores, "id,phone\n1,2125550100\n", { name: "others" });
  t.not(other.listId, first.listId, "another list may hold the same people");
  const both = await Promise.all([
    load(stores, "id,phone\na,2125550120\nb,2125550121\n", { append: true }),
    load(stores, "id,phone\na,2125550120\nc,2125550122\n", { append: true }),
  ]);
  t.equal(both[0].accepted + both[1].accepted, 3, "two imports at once do not both take the same person");
});

t.test("nothing goes in of a file that cannot be imported as a whole", async (t) => {
  const stores = await openTestStores(t);
  async function* breaksOff() {
    yield Buffer.from(`phone\n${Array.from({ length: 3000 }, (_, index) => `212555${String(index).padStart(4, "0")}\n`).join("")}`);
    throw new Error("socket hang up");
  }
  const bad: [name: string, csv: string | Readable, fault: { code: string; retryable?: boolean; message?: RegExp }, more?: Partial<ImportRequest>][] =
    [
      ["broken off", Readable.from(breaksOff()), { code: "import-broken-off", retryable: true }],
      ["empty", "", { code: "import-empty" }],
      ["a header alone", "id,phone\n", { code: "import-empty" }],
      ["no numbers", "id,name\n1,Ada\n", { code: "import-columns", message: /id, name/ }],
      ["nothing usable", "id,phone\n1,12\n2,\n", { code: "import-nothing-usable", message: /None of the 2 rows/ }],
      ["a workbook", "PK\x03\x04 and so on", { code: "import-format" }],
      ["a name with a NUL", "phone\n2125550100\n", { code: "import-name" }, { name: "a\0b" }],
      ["no name", "phone\n2125550100\n", { code: "import-name" }, { name: " " }],
      ["no country", "phone\n2125550100\n", { code: "import-country" }, { defaultCountry: "ZZ" }],
    ];
  for (const [name, csv, fault, more] of bad) {
    t.comment(name);
    await t.rejects(load(stores, csv, more), fault);
  }
  for (const table of ["list", "contact", "address"]) t.equal(await count(stores, table), 0, table);
  t.equal(stores.pool.idleCount, stores.pool.totalCount, "no connection is kept");
});

t.test("other encodings, other delimiters, letters of the world", async (t) => {
  const stores = await openTestStores(t);
  const text = 'telefon\tname\r\n0171 1234567\tÜmit Ñandú 😀 "Ж"\r\n';
  const bom = Buffer.from([0xff, 0xfe]);
  const utf16 = Buffer.concat([bom, Buffer.from(text, "utf16le")]);
  async function* byteByByte() {
    for (const byte of utf16) yield Buffer.from([byte]);
  }
  const german = await load(stores, Readable.from(byteByByte()), { name: "utf-16", defaultCountry: "DE" });
  const [contact] = await stores.lists.contacts(german.listId, { limit: 2 });
  t.match(contact, { addresses: [{ kind: "mobile", number: "+491711234567" }], fields: { name: 'Ümit Ñandú 😀 "Ж"' } });

  const latin1 = Buffer.concat([Buffer.from("\uFEFFphone,name\n2125550100,Ada\n2125550101,Ren"), Buffer.from([0xe9]), Buffer.from("e\n")]);
  const mixed = await load(stores, Readable.from([latin1]), { name: "latin-1" });
  t.match(mixed, { accepted: 1, told: [{ row: 2, line: 3, column: "name", reason: /UTF-8/ }] });
});

t.test("a long file streams through, with progress, and its rejects can be put right and come back", async (t) => {
  const stores = await openTestStores(t);
  const dir = await mkdtemp(join(tmpdir(), "carillon-import-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const path = join(dir, "rejects.csv");
  const rows = 50_000;
  const areas = ["212", "213", "214", "303", "305", "312", "404", "415"];
  const numberOf = (row: number) => `+1${areas[Math.floor(row / 8000)]}${String(2_000_000 + (row % 8000)).padStart(7, "0")}`;
  const isBad = (row: number) => row % 50 === 7;
  function* file() {
    yield "client_id,phone,first_name,note\n";
    for (let row = 1; row <= rows; row += 1) yield `c${row},${isBad(row) ? "n/a" : numberOf(row)},"Name ${row}","=1+1, ""quoted"""\n`;
    // Of somebody written long ago, and of somebody who waits to be written.
    yield `c20,+12139000001,id again,\nc${rows + 1},${numberOf(30)},number again,\nc${rows},+12139000002,id of the last one,\n`;
    // Twice one after the other: of somebody written long ago, and of somebody new.
    yield `c21,+12139000003,id,\nc21,+12139000004,same id,\nc${rows + 2},${numberOf(31)},number,\nc${rows + 3},${numberOf(31)},same number,\n`;
    yield `c${rows + 4},+12139000005,new,\nc${rows + 4},+12139000006,new id again,\nc${rows + 5},+12139000005,new number again,\n`;
  }
  await stores.pool.query(`insert into suppression (number, client_id, channel, reason, source, created_at) values
    ('${numberOf(100)}', null, null, 'asked', 'admin', now()), ('${numberOf(40_000)}', null, 'voice', 'asked', 'admin', now()), (null, 'c30000', 'sms', 'asked', 'admin', now())`);
  const rejects = new RejectsFile(path);
  const seen: ImportProgress[] = [];
  const before = process.memoryUsage().rss;
  const report = await load(stores, Readable.from(file()), {
    rejected: (rejection) => rejects.write(rejection),
    planned: ({ header }) => rejects.headed(header),
    progress: (progress) => void seen.push(progress),
  });
  await rejects.close();
  t.match(report, {
    read: rows + 10,
    accepted: rows - rows / 50 + 1,
    rejected: rows / 50 + 9,
    duplicates: 9,
    suppressed: { voice: 2, sms: 2, email: 0 },
  });
  t.equal(await count(stores, "contact"), report.accepted);
  t.equal(await count(stores, "address"), report.accepted);
  t.ok(seen.length > 20, "progress is told on the way");
  t.ok(seen.every(({ read, bytes }, index) => index === 0 || (read >= (seen[index - 1]?.read ?? 0) && bytes >= (seen[index - 1]?.bytes ?? 0))));
  t.comment(`${Math.round((process.memoryUsage().rss - before) / 1e6)} MB more resident after ${rows} rows`);

  t.equal(rejects.count, report.rejected);
  t.equal((await stat(path)).mode & 0o777, 0o600, "it holds people's numbers");
  const text = await readFile(path, "utf8");
  t.notMatch(text, /(^|,)"?[=+@-]/m, "no formulas");
  let next = rows + 1;
  const repaired = text.replaceAll("n/a", () => numberOf(next++));
  const again = await load(stores, repaired, { append: true });
  t.match(again, { accepted: rows / 50, rejected: 9, duplicates: 9, listId: report.listId });
  const { rows: found } = await stores.pool.query("select fields from contact where list_id = $1 and client_id = 'c57'", [report.listId]);
  t.same(
    found,
    [{ fields: { first_name: "Name 57", note: '=1+1, "quoted"' } }],
    "the formula of the file is back, the columns of the rejects file are not",
  );

  const nowhere = new RejectsFile(join(dir, "missing", "rejects.csv"));
  const written = async (rejection: Rejection) => {
    await nowhere.write(rejection);
    await nowhere.close();
  };
  await t.rejects(load(stores, "phone\n12\n", { name: "x", rejected: written }), { code: "rejects-file" });
});

t.test("rejected rows of NDJSON keep their own properties, and can be put right", async (t) => {
  const stores = await openTestStores(t);
  const dir = await mkdtemp(join(tmpdir(), "carillon-import-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const rejects = new RejectsFile(join(dir, "people.rejects.ndjson"));
  const rejected = (rejection: Rejection) => rejects.write(rejection);
  const lines = [
    { client_id: "n1", mobile: "+12125550101", first_name: "Zoë" },
    { client_id: "n2", city: "Köln", email: "nope" },
    { client_id: "n3", mobile: "12", tags: ["x"] },
    { client_id: "n4" },
  ].map((each) => JSON.stringify(each));
  const file = `${[...lines, "no JSON", lines[0]].join("\n")}\n`;
  const report = await load(stores, file, { rejected, planned: ({ header }) => rejects.headed(header) });
  await rejects.close();
  t.match([report, rejects.form], [{ accepted: 1, rejected: 5, duplicates: 1 }, "ndjson"]);
  const text = await readFile(join(dir, "people.rejects.ndjson"), "utf8");
  t.match(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
    [
      { rejected_row: 2, rejected_line: 2, rejected_column: "email", rejected_reason: "has no @", client_id: "n2", city: "Köln", email: "nope" },
      { rejected_row: 3, rejected_column: "tags", client_id: "n3", mobile: "12", tags: '["x"]' },
      { rejected_row: 4, client_id: "n4" },
      { rejected_row: 5, rejected_reason: "is no JSON; each line must hold one object", row: "no JSON" },
      { rejected_row: 6, rejected_column: "client_id", client_id: "n1", first_name: "Zoë" },
    ],
  );
  const again = await load(stores, text.replace("nope", "n2@example.com"), { append: true });
  t.match(again, { accepted: 1, rejected: 4 });
  const { rows } = await stores.pool.query("select fields from contact where client_id = 'n2'");
  t.same(rows, [{ fields: { city: "Köln" } }], "what was written beside it is no field");
});
