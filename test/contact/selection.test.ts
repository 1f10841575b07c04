import { Readable } from "node:stream";
import t from "tap";
import type { NewContact } from "../../src/contact/contact.ts";
import { type ImportReport, importContacts } from "../../src/contact/import-engine.ts";
import { type Mapping, readMapping } from "../../src/contact/mapping.ts";
import type { ContactLoad } from "../../src/contact/ports.ts";

/** Reads a file as an import does; the people are held instead of stored. */
async function read(csv: string, document: unknown) {
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
  const mapping: Mapping = readMapping(document);
  const report: ImportReport = await importContacts({
    store: { openLoad: async () => load },
    name: "people",
    append: false,
    csv: Readable.from([csv]),
    rejected: ({ row, column, reason }) => void told.push(`${row} ${column}: ${reason}`),
    mapping,
  });
  return { report, told, fields: people.map(({ clientId, fields }) => [clientId, fields["channel"] ?? ""]) };
}

const rules = [
  { name: "no consent", when: [{ field: "Consent", isNot: ["yes", "Y"] }], reject: "has not agreed to be contacted" },
  { name: "large", when: [{ field: "amount due", above: 1000 }, { has: "mobile" }], set: { Channel: "voice" } },
  { name: "by mail", when: [{ has: "email" }, { field: "language", is: ["EN"] }], set: { channel: "email" } },
  {
    name: "small",
    when: [
      { field: "amount due", below: 50.5 },
      { field: "language", empty: true },
    ],
    reject: "owes too little",
  },
  { name: "others", set: { channel: "sms" } },
];

const file = `id,mobile,email,consent,language,amount due
c1,2125550101,,yes,en,1000.01
c2,2125550102,c2@example.com,Y ,en,1000
c3,2125550103,,no,en,5000
c4,2125550104,,YES,,50
c5,2125550105,,yes,,50.5
c6,,c6@example.com,yes,en,9999
c7,2125550107,,yes,,"1,200"
c8,12,,yes,en,1
c9,2125550109,,,en,1
`;

t.test("of each row the first rule that holds is followed: it is rejected, or gets the fields of it", async (t) => {
  const { report, told, fields } = await read(file, { rules });
  t.same(fields, [
    ["c1", "voice"],
    ["c2", "email"],
    ["c5", "sms"],
    ["c6", "email"],
    ["c7", "sms"],
  ]);
  t.same(told, [
    "3 row: has not agreed to be contacted",
    "4 row: owes too little",
    "8 mobile: too short for a number of US",
    "9 row: has not agreed to be contacted",
  ]);
  t.same(report.rules, { "no consent": 2, large: 1, "by mail": 2, small: 1, others: 2 });
  t.match(report, { read: 9, accepted: 5, rejected: 4 });
  t.equal((await read(file, {})).report.rules, undefined);
  const json = '{"phone":"2125550101","consent":"yes","amount_due":"2000"}\n{"phone":"2125550102","consent":"yes","language":"en"}\n';
  t.same((await read(json, { rules })).fields, [
    [undefined, "sms"],
    [undefined, "sms"],
  ]);
});

t.test("rules that cannot be followed are refused before a row is read", async (t) => {
  await t.rejects(read("id,phone\n1,2125550101\n", { rules }), {
    code: "import-columns",
    message: /The rule “no consent” asks for the field “Consent”; the file has: none/,
  });
  const bad: [rules: unknown, message: RegExp][] = [
    [[], /\/rules/],
    [[{ name: "x", reject: "a", set: { b: "c" } }], /\/rules\/0/],
    [[{ name: "x", when: [{ field: "a", like: "b" }], reject: "c" }], /\/rules\/0/],
    [
      [
        { name: "x", set: { a: "b" } },
        { name: "y", reject: "c" },
      ],
      /no row ever comes to the rule “y”/,
    ],
    [
      [
        { name: "x", when: [{ field: "a", is: ["b"] }], reject: "c" },
        { name: "x", reject: "c" },
      ],
      /two rules are called “x”/,
    ],
    [[{ name: "x", set: { "--": "b" } }], /sets a field whose name/],
  ];
  for (const [rules, message] of bad) t.throws(() => readMapping({ rules }), { code: "mapping-invalid", message });
});
