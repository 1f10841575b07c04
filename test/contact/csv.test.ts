import t from "tap";
import { type CsvRecord, CsvScanner, maxRecordChars } from "../../src/contact/csv.ts";
import { rejectsHeader, rejectsLine } from "../../src/contact/rejects.ts";
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
  for (const mark of [
    [0xff, 0xfe, 0, 0, 0x70, 0, 0, 0],
    [0, 0, 0xfe, 0xff, 0, 0, 0, 0x70],
  ])
    t.throws(() => sniffEncoding(Buffer.from(mark)), { code: "import-format", message: /UTF-32/ });
  t.throws(() => sniffEncoding(Buffer.from("PK\x03\x04")), { code: "import-format", message: /CSV UTF-8/ });
  t.throws(() => sniffEncoding(Buffer.from([0x1f, 0x8b])), { code: "import-format", message: /compressed/ });
});

t.test("rejects come back as they were, and no spreadsheet takes them for formulas", async (t) => {
  const random: Random = seededRandom(seed + 2);
  const hostile = [
    '=HYPERLINK("http://x")',
    "+12125550100",
    "-1+1",
    "@SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "\t=1",
    "plain",
    'quo"te',
    "a,b",
    "two\nlines",
    "",
  ];
  for (let round = 0; round < 50; round += 1) {
    const raw = Array.from({ length: 4 }, () => pick(random, hostile));
    const [header, record, ...more] = scan(
      rejectsHeader(["a", "b", "c", "d"]) + rejectsLine({ row: 7, line: 9, column: "b", reason: "=too, short", raw }),
    );
    t.same(header?.cells, ["rejected_row", "rejected_line", "rejected_column", "rejected_reason", "a", "b", "c", "d"]);
    t.same(more, []);
    t.notOk(
      record?.cells.some((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell)),
      `seed ${seed}: ${JSON.stringify(record?.cells)}`,
    );
    const back = record?.cells.slice(4).map((cell) => (cell.startsWith("'") ? cell.slice(1) : cell));
    t.same(
      back,
      raw.map((cell) => (/^\s*[=+\-@＝＋－＠]/.test(cell) ? cell.trimStart() : cell)),
    );
  }
});
