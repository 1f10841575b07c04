import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import t from "tap";
import type { NewContact } from "../../src/contact/contact.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import type { Mapping } from "../../src/contact/mapping.ts";
import type { ContactLoad, Rejection } from "../../src/contact/ports.ts";
import { workbookOf, zipOf } from "./zip.ts";

const file = (name: string) => createReadStream(new URL(`workbooks/${name}`, import.meta.url));

/** Reads a file as an import does; the people are held instead of stored. */
async function read(csv: Readable | string | Buffer, mapping?: Mapping) {
  const people: NewContact[] = [];
  const told: string[] = [];
  const load: ContactLoad = {
    async add(batch) {
      people.push(...batch);
      return [];
    },
    commit: async () => ({ listId: "1", contacts: people.length, updated: 0, left: 0, suppressed: { voice: 0, sms: 0, email: 0 } }),
    abort: async () => {},
  };
  await importContacts({
    store: { openLoad: async () => load },
    name: "people",
    append: false,
    csv: csv instanceof Readable ? csv : Readable.from([Buffer.from(csv)]),
    rejected: ({ row, line, column, reason }: Rejection) => void told.push(`${row} ${line} ${column}: ${reason}`),
    ...(mapping && { mapping }),
  });
  return {
    people: people.map(({ clientId, addresses: [first], fields }) => [clientId, first && ("number" in first ? first.number : first.mailbox), fields]),
    told,
  };
}

t.setTimeout(280_000);

t.test("workbooks, as two other programs write them, are read as a person sees them", async (t) => {
  for (const [name, mapping] of [
    ["openpyxl.xlsx", { sheet: "People" }],
    ["xlsxwriter.xlsx", undefined],
  ] as const) {
    const { people, told } = await read(file(name), mapping);
    t.same(people, [
      ["c1", "+12125550101", { due: "2026-03-04", amount_due: "12.5", name: "Zoë & Söhne <x>", note: "a\nb" }],
      ["c2", "+12125550102", { due: "2026-03-04T15:30:00", amount_due: "0.1", name: "日本 😀", note: "true" }],
    ]);
    t.same(told, ["3 5 Mobile: has letters in it"], "the row of the sheet is told");
  }
  await t.rejects(read(file("openpyxl.xlsx"), { sheet: "Nobody" }), { code: "import-format", message: /no sheet “Nobody”; it has: Others, People/ });
});

t.test("a workbook that is damaged, or made to do harm, ends in one clear fault", async (t) => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith("carillon-import-")).length;
  const rows = (cells: string) => `<worksheet><sheetData><row r="1"><c t="str"><v>phone</v></c></row>${cells}</sheetData></worksheet>`;
  const good = zipOf(workbookOf(rows('<row r="2"><c><v>2125550101</v></c></row>')));
  t.equal((await read(good)).people.length, 1);
  const bomb = Buffer.alloc(50 * 2 ** 20, "<numFmt/>");
  const pieces = `${"x".repeat(4000)}<b/>`.repeat(100);
  const cases: [name: string, content: Buffer, message: RegExp][] = [
    ["cut off", good.subarray(0, good.length - 30), /its end is missing/],
    ["cut off in the middle", Buffer.concat([good.subarray(0, 200), good.subarray(-22)]), /damaged/],
    ["another archive", zipOf({ "letter.txt": "hello" }), /an archive, or a workbook without a sheet/],
    ["garbage where it is packed", zipOf(workbookOf(rows("")), () => Buffer.from("garbage")), /cannot be unpacked/],
    ["a text that is not there", zipOf(workbookOf(rows('<row r="2"><c t="s"><v>7</v></c></row>'))), /row 2, column 1 points at a text/],
    ["50 MB of nothing", zipOf(workbookOf(Buffer.alloc(50 * 2 ** 20, " "))), /too long/],
    [
      "texts without end",
      zipOf(workbookOf(rows(""), { "xl/sharedStrings.xml": `<sst>${`<si><t>${"x".repeat(4000)}</t></si>`.repeat(34_000)}</sst>` })),
      /more than 128 MB of text/,
    ],
    ["a text without end, between tags", zipOf(workbookOf(rows(""), { "xl/sharedStrings.xml": `<sst><si><t>${pieces}` })), /a cell that is too long/],
    ["a cell of that kind", zipOf(workbookOf(rows(`<row r="2"><c t="inlineStr"><is><t>${pieces}</t></is></c></row>`))), /a cell that is too long/],
    ["formats without end", zipOf(workbookOf(rows(""), { "xl/styles.xml": bomb })), /xl.styles.xml .* more than 16 MB/],
    ["far too many columns", zipOf(workbookOf(rows('<row r="2"><c r="ZZZ2"><v>1</v></c></row>'))), /column 18278/],
    ["rows beyond the end of sheets", zipOf(workbookOf(rows('<row r="2000000"><c><v>1</v></c></row>'))), /row 2000000/],
    ["entities of its own", zipOf(workbookOf('<!DOCTYPE x [<!ENTITY a "aaa">]><worksheet/>')), /document type/],
  ];
  for (const [name, content, message] of cases) await t.rejects(read(content), { message }, name);
  t.equal(
    (await readdir(tmpdir())).filter((name) => name.startsWith("carillon-import-")).length,
    before,
    "nothing is left in the directory for temporary files",
  );
});

t.test("NDJSON, fixed width, delimiters and encodings", async (t) => {
  const json =
    '{"id": 7, "phone": "2125550101", "vip": true}\r\n{"email":"b@example.com","id":"8"}\n\n{"id":"9"}\n{"id":\n["x"]\n{"id":"10","phone":{"a":1}}\n{"id":11,"phone":2125550111,"vip":null}';
  const { people, told } = await read(json);
  t.same(people, [
    ["7", "+12125550101", { vip: "true" }],
    ["8", "b@example.com", {}],
    ["11", "+12125550111", { vip: "" }],
  ]);
  t.match(told, [/^3 4 row: No column/, /^4 5 row: is no JSON/, /^5 6 row: is no object/, /^6 7 phone: holds a list or an object/]);
  const places: Mapping = {
    header: false,
    columns: [
      { column: 2, as: "number" },
      { column: 1, as: "clientId" },
      { column: 3, as: "nothing" },
    ],
  };
  t.same((await read("c1,2125550101,secret,x\n", places)).people, [["c1", "+12125550101", { column_4: "x" }]]);
  const words = "phone;name\n2125550101;Café “Ü”\n";
  for (const [name, bytes] of [
    ["UTF-8", Buffer.from(words)],
    ["UTF-16 without a mark", Buffer.from(words, "utf16le")],
    ["UTF-16, the other way round, with one", Buffer.from(`\uFEFF${words}`, "utf16le").swap16()],
    ["CP1252", Buffer.from(words.replace("“", "\x93").replace("”", "\x94"), "latin1")],
  ] as const)
    t.same((await read(bytes)).people, [[undefined, "+12125550101", { name: "Café “Ü”" }]], name);
  t.match(
    (await read(Buffer.concat([Buffer.from("phone,name\n2125550101,ok\n".repeat(4000)), Buffer.from("2125550102,Ren\xe9\n", "latin1")]))).told.at(-1),
    /not UTF-8/,
  );
  t.same((await read("phone^note\n2125550101^a,b\n", { delimiter: "^" })).people, [[undefined, "+12125550101", { note: "a,b" }]]);
  t.same((await read("id:phone:note\n1:2125550101:x\n")).people, [["1", "+12125550101", { note: "x" }]]);
});

t.test("a line without end, in any form, does not fill the memory", async (t) => {
  function* endless(begin: string) {
    yield begin;
    for (let piece = 0; piece < 200; piece += 1) yield "x".repeat(2 ** 20);
    yield "\n2125550102,b\n";
  }
  const before = process.memoryUsage().rss;
  const { people, told } = await read(Readable.from(endless("phone,name\n2125550101,a\n")));
  t.equal(people.length, 2);
  t.match(told, [/^2 3 .*longer than/]);
  const json = await read(Readable.from(endless('{"phone":"2125550101"}\n{"phone":"')));
  t.match(json.told, [/^2 2 .*longer than/, /no JSON/]);
  t.ok(process.memoryUsage().rss - before < 300e6, "of 400 MB that were read little is held");
});
