import t from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { decodeGsm, encodeGsm, isGsm } from "../../src/sms/gsm7.ts";
import { decodeText, partOf, withoutTables } from "../../src/sms/incoming.ts";
import { type Concatenation, concatenations } from "../../src/sms/ports.ts";
import { addPiece, joinedText, type Piece } from "../../src/sms/reassembly.ts";
import { forcingUcs2, measure, segment } from "../../src/sms/segment.ts";
import { transliterate } from "../../src/sms/transliterate.ts";
import { namesWayOut } from "../../src/sms/way-out.ts";

const a = (count: number) => "a".repeat(count);
const smile = "😀";

t.test("what is the same in ASCII is written as by the table", async (t) => {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter((character) => character !== "\r" && isGsm(character));
  for (const character of ascii) {
    const { parts, units } = segment(character, { concatenation: "udh-8" });
    t.same([...(parts[0]?.text ?? [])], [...encodeGsm(character)], JSON.stringify(character));
    t.equal(units, encodeGsm(character).length);
  }
  t.equal(ascii.length, 96);
});

t.test("how many segments a text takes", async (t) => {
  // text, encoding, units, segments with udh-8, udh-16 (and sar)
  const table: [string, string, "gsm" | "ucs-2", number, number, number][] = [
    ["nothing", "", "gsm", 0, 1, 1],
    ["160", a(160), "gsm", 160, 1, 1],
    ["161", a(161), "gsm", 161, 2, 2],
    ["304", a(304), "gsm", 304, 2, 2],
    ["305", a(305), "gsm", 305, 2, 3],
    ["306", a(306), "gsm", 306, 2, 3],
    ["307", a(307), "gsm", 307, 3, 3],
    ["459", a(459), "gsm", 459, 3, 4],
    ["460", a(460), "gsm", 460, 4, 4],
    ["159 and an extension character", `${a(159)}€`, "gsm", 161, 2, 2],
    ["158 and an extension character", `${a(158)}€`, "gsm", 160, 1, 1],
    ["80 extension characters", "{".repeat(80), "gsm", 160, 1, 1],
    ["81 extension characters", "{".repeat(81), "gsm", 162, 2, 2],
    // 76 pairs fill 152 of 153 septets: the 153 extension characters of two parts would be 306, but one septet of each stays empty.
    ["153 extension characters", "{".repeat(153), "gsm", 306, 3, 3],
    ["70", "б".repeat(70), "ucs-2", 70, 1, 1],
    ["71", "б".repeat(71), "ucs-2", 71, 2, 2],
    ["132", "б".repeat(132), "ucs-2", 132, 2, 2],
    ["134", "б".repeat(134), "ucs-2", 134, 2, 3],
    ["135", "б".repeat(135), "ucs-2", 135, 3, 3],
    ["35 pairs", smile.repeat(35), "ucs-2", 70, 1, 1],
    ["36 pairs", smile.repeat(36), "ucs-2", 72, 2, 2],
    // 33 pairs fill 66 of 67.
    ["67 pairs", smile.repeat(67), "ucs-2", 134, 3, 3],
    ["one that forces it", `${a(69)}’`, "ucs-2", 70, 1, 1],
    ["a letter with its accent apart", `${a(159)}e\u0301`, "gsm", 160, 1, 1],
    ["ends of lines", `${a(158)}\r\nb`, "gsm", 160, 1, 1],
  ];
  for (const [name, text, encoding, units, short, long] of table) {
    t.same(measure(text, { concatenation: "udh-8" }), { encoding, units, segments: short }, name);
    for (const concatenation of ["udh-16", "sar"] as const) t.equal(measure(text, { concatenation }).segments, long, `${name}, ${concatenation}`);
    for (const concatenation of concatenations) {
      const { parts, segments } = segment(text, { concatenation });
      t.equal(parts.length, concatenation === "payload" ? 1 : segments, `${name}: parts of ${concatenation}`);
    }
  }
  t.throws(() => segment(a(153 * 255 + 1), { concatenation: "udh-8" }), { code: "sms-too-long", message: /256 segments/ });
  t.equal(segment(a(153 * 255), { concatenation: "udh-8" }).parts.length, 255);
});

t.test("what stands in the parts", async (t) => {
  const [first, second, ...others] = segment(`${a(152)}€b`.padEnd(161, "c"), { concatenation: "udh-8", reference: 0x1234 }).parts;
  t.same(others, []);
  t.same([first?.udh, first?.text.length, first?.dataCoding], [Uint8Array.of(5, 0, 3, 0x34, 2, 1), 152, 0], "the pair is not cut");
  t.same([...(second?.text ?? [])].slice(0, 3), [0x1b, 0x65, 0x62]);
  const [wide] = segment(a(161), { concatenation: "udh-16", reference: 0x1234 }).parts;
  t.same(wide?.udh, Uint8Array.of(6, 8, 4, 0x12, 0x34, 2, 1));
  const pairs = segment(smile.repeat(67), { concatenation: "udh-8" }).parts;
  t.same(
    pairs.map(({ text, dataCoding }) => [text.length, dataCoding]),
    [
      [132, 8],
      [132, 8],
      [4, 8],
    ],
  );
  t.same(segment(a(161), { concatenation: "sar", reference: 7 }).parts[1]?.sar, { reference: 7, total: 2, number: 2 });
  t.match(segment(a(161), { concatenation: "payload" }).parts, [{ payload: true, dataCoding: 0 }]);
  t.notOk(segment(a(160), { concatenation: "payload" }).parts[0]?.payload, "a short one needs none");
  const [latin] = segment("¡Año {1}!", { concatenation: "udh-8", dataCoding0: "latin-1" }).parts;
  t.same([Buffer.from(latin?.text ?? []).toString("latin1"), latin?.dataCoding], ["¡Año {1}!", 0]);
  t.equal(measure("€", { concatenation: "udh-8", dataCoding0: "latin-1" }).encoding, "ucs-2", "Latin-1 has no euro sign");
  t.equal(measure("ê", { concatenation: "udh-8", dataCoding0: "latin-1" }).encoding, "ucs-2", "and seven bits no ê");
  t.same(forcingUcs2("“Año” ☎ “ê”"), ["“", "”", "☎", "ê"]);
});

t.test("the alphabet there and back, and any octets", async (t) => {
  const all = Array.from({ length: 128 }, (_, code) => code).filter((code) => code !== 0x1b);
  const extended = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65];
  const text = decodeGsm(Uint8Array.from([...all, ...extended.flatMap((code) => [0x1b, code])]));
  t.equal([...text].length, 127 + 10);
  t.equal(new Set(text).size, 137, "no character twice");
  t.ok(isGsm(text));
  t.same(decodeGsm(encodeGsm(text)), text);
  t.equal(text.slice(0, 12), "@£$¥èéùìòÇ\nØ");
  t.equal(text.slice(-10), "\f^{}\\[~]|€");
  t.equal(decodeGsm(Uint8Array.of(0x1b, 0x61, 0x1b, 0x1b, 0x1b)), "a  ", "what the extension lacks, two escapes, one at the end");
  const octets = (...list: number[]) => Uint8Array.from(list);
  const table: [number, Uint8Array, "gsm" | "latin-1", string][] = [
    [0, octets(0x00, 0x1b, 0x65), "gsm", "@€"],
    [0, octets(0x41, 0xf1), "gsm", "Añ"],
    [0, octets(0x40), "latin-1", "@"],
    [1, octets(0x53, 0x54), "gsm", "ST"],
    [3, octets(0xe9, 0x00, 0x07), "gsm", "é"],
    [8, octets(0xd8, 0x3d, 0xde, 0x00), "gsm", smile],
    [8, octets(0xd8, 0x3d, 0x00), "gsm", "\ufffd"],
    [6, octets(0xc1), "gsm", "С"],
    [0x11, octets(0x00), "latin-1", "@"],
    [0x18, octets(0x00, 0x41), "gsm", "A"],
    [0xf1, octets(0x00), "latin-1", "@"],
    [0xf5, octets(0x40), "gsm", "@"],
    [0xe0, octets(0x04, 0x21), "gsm", "С"],
  ];
  for (const [dataCoding, bytes, default0, expected] of table) t.equal(decodeText({ text: bytes, dataCoding }, default0), expected, `${dataCoding}`);
  const seed = 20_260_101;
  const random = seededRandom(seed);
  const octet = () => Math.floor(random.next() * 256);
  for (let round = 0; round < 2000; round++) {
    const text = Uint8Array.from({ length: octet() }, octet);
    const read = decodeText({ text, dataCoding: octet() }, "gsm");
    if (read.includes("\u0000") || !read.isWellFormed()) t.fail(`not fit to be kept, seed ${seed} round ${round}`);
    const mark = partOf({ udh: text });
    if (mark && (mark.number < 1 || mark.number > mark.total || mark.total < 2)) t.fail(`no part, seed ${seed} round ${round}`);
  }
});

t.test("which part of a long message something is", async (t) => {
  const table: [number[], unknown][] = [
    [[5, 0, 3, 9, 2, 1], { reference: 9, total: 2, number: 1 }],
    [[6, 8, 4, 1, 2, 3, 3], { reference: 258, total: 3, number: 3 }],
    [[9, 0x25, 1, 2, 0, 3, 9, 2, 2], { reference: 9, total: 2, number: 2 }],
    [[5, 0, 3, 9, 2, 3], undefined],
    [[5, 0, 3, 9, 2, 0], undefined],
    [[5, 0, 3, 9, 1, 1], undefined],
    [[5, 0, 3, 9], undefined],
    [[200, 0, 200, 9], undefined],
    [[], undefined],
  ];
  for (const [udh, expected] of table) t.same(partOf({ udh: Uint8Array.from(udh) }), expected, `${udh}`);
  t.same(partOf({ sar: { reference: 70_000, total: 2, number: 2 } }), { reference: 70_000, total: 2, number: 2 });
});

t.test("parts come in any order, repeatedly, and cut through a character", async (t) => {
  const text = `${"б".repeat(66)}${smile}${"в".repeat(80)} STOP`;
  const octets = Buffer.from(text, "utf16le").swap16();
  const pieces = [0, 134, 268].map((from, index): Piece => {
    return { reference: 5, total: 3, number: index + 1, text: octets.subarray(from, from + 134), dataCoding: 8, at: 1000 + index };
  });
  const orders = [
    [0, 1, 2],
    [2, 1, 0],
    [1, 1, 0, 1, 2],
    [2, 0, 0, 2, 1],
  ];
  for (const order of orders) {
    let held: readonly Piece[] = [];
    const wholes: string[] = [];
    for (const index of order) {
      const piece = pieces[index];
      if (!piece) throw new Error("no such piece");
      const joined = addPiece(held, piece);
      held = joined.held;
      if (joined.whole) wholes.push(joinedText(joined.whole, "gsm"));
    }
    t.same([wholes, held], [[text], []], `${order}`);
  }
  const [one, two, three] = pieces;
  if (!one || !two || !three) throw new Error("no pieces");
  const other = { ...one, text: Buffer.from([0, 0x41]) };
  const superseded = addPiece([three, one], other);
  t.same([superseded.held, superseded.whole], [[other], undefined], "the reference begins anew");
  t.equal(joinedText(superseded.incomplete ?? [], "gsm").includes("[…]"), true, "and what waited is read with its gap");
  t.match(joinedText(superseded.incomplete ?? [], "gsm"), /STOP$/);
  t.same(addPiece([one], { ...two, at: one.at + 600_001 }).held.length, 1, "too late to belong to it");
  t.equal(joinedText([one], "gsm").endsWith("[…]"), true);
});

t.test("every text comes back from its parts", async (t) => {
  const seed = 20_260_102;
  const random = seededRandom(seed);
  const signs = ["a", "é", "€", "{", "\n", " ", "Ω", "б", smile, "’", "漢"];
  for (let round = 0; round < 400; round++) {
    const some = signs.slice(0, 3 + Math.floor(random.next() * (signs.length - 2)));
    const text = Array.from({ length: Math.floor(random.next() * 500) }, () => some[Math.floor(random.next() * some.length)]).join("");
    const concatenation: Concatenation = concatenations[Math.floor(random.next() * 3)] ?? "sar";
    const { parts } = segment(text, { concatenation, reference: 77 });
    const limit = { gsm: [160, concatenation === "udh-8" ? 153 : 152], ucs: [140, concatenation === "udh-8" ? 134 : 132] };
    for (const part of parts) {
      const most = limit[part.dataCoding === 8 ? "ucs" : "gsm"][parts.length === 1 ? 0 : 1] ?? 0;
      if (part.text.length > most) t.fail(`a part of ${part.text.length} octets, seed ${seed} round ${round}`);
      if (parts.length > 1 && !decodeText(part, "gsm").isWellFormed()) t.fail(`a pair is cut, seed ${seed} round ${round}`);
    }
    let held: readonly Piece[] = [];
    let whole: readonly Piece[] | undefined;
    for (const part of parts.toReversed()) {
      const mark = partOf(part);
      if (mark) ({ held, whole } = addPiece(held, { ...mark, text: part.text, dataCoding: part.dataCoding, at: 0 }));
    }
    const [only] = parts;
    const read = whole ? joinedText(whole, "gsm") : decodeText(only ?? { text: new Uint8Array(), dataCoding: 0 }, "gsm");
    if (read !== text) t.equal(read, text, `seed ${seed} round ${round}`);
  }
});

t.test("letters of GSM 03.38 for others, where that is enough", async (t) => {
  const table: [string, string][] = [
    ["Größe – “naïve” café…", 'Größe - "naive" café...'],
    ["œuvre\u00a0Łódź ĳ ½ ﬁn", "oeuvre Lódz ij 1/2 fin".replace("ó", "o")],
    ["ço va", "co va"],
    ["e\u0301", "é"],
    ["x\u200by\u00adz", "xyz"],
    ["“hi” 😀", "“hi” 😀"],
    ["Привет “you”", "Привет “you”"],
    ["price 5€", "price 5€"],
  ];
  for (const [text, expected] of table) t.equal(transliterate(text), expected, text);
});

t.test("a text that names another way out than an answer", async (t) => {
  const out = [
    "opt out: https://x.example/o",
    "to stop: example.com/stop",
    "write to out@example.de",
    "www.example.es",
    "x.ly/a1",
    "call +1 800 555 0100 to stop",
    "call 18005550100",
    "ring 0800-123456",
  ];
  const none = [
    "Reply STOP to end",
    "$5 is due.Reply STOP",
    "ok.it is due",
    "You owe $1,234.56",
    "Due 12.5.",
    "Hi. Thanks",
    "balance 75.50",
    "due 2026-11-22",
    "due 22.11.2026",
  ];
  for (const text of out) t.ok(namesWayOut(text), text);
  for (const text of none) t.notOk(namesWayOut(text), text);
});

t.test("what people write with the tables of their language is read with them (3GPP TS 23.038 annex A)", (t) => {
  const [turkish, spanish, portuguese, hindi] = [1, 2, 3, 6];
  const written: readonly (readonly [single: number, locking: number, octets: string, expected: string])[] = [
    [turkish, 0, "I\u001bste\u001bgim \u001bGl \u001bI \u001bc \u001bg \u001bi \u001bs \u001bS \u001be", "Işteğim Ğl İ ç ğ ı ş Ş €"],
    [0, turkish, "\u0007\u000b\u000c\u001c\u001d\u0004\u0040\u0060", "ıĞğŞş€İç"],
    [turkish, turkish, "\u001d\u001bs\u001b(", "şş{"],
    [spanish, 0, "M\u001bas ma\u007dana, \u001bi \u001bo \u001bu \u001bA \u001bI \u001bO \u001bU \u001b\u0009", "Más mañana, í ó ú Á Í Ó Ú ç"],
    [spanish, spanish, "\u001ba", "á"],
    [portuguese, 0, "N\u001b{o \u001b| \u001b\u007f \u001b\u0005 \u001b[ \u001b\\ \u001b\u000b \u001ba", "Não õ â ê Ã Õ Ô Â"],
    [0, portuguese, "N{o quero, voc\u0004 n{o \u0005 |\u0009", "Não quero, você não é õç"],
    [portuguese, portuguese, "\u001e\u001b\u001f\u001be", "ÊÊ€"],
    [hindi, hindi, "a\u001b<", "a["],
    [0, 0, "\u001bs", "s"],
  ];
  for (const [single, locking, octets, expected] of written) {
    const elements = [...(single > 0 ? [0x24, 1, single] : []), ...(locking > 0 ? [0x25, 1, locking] : [])];
    const udh = Uint8Array.from([elements.length, ...elements]);
    const read = withoutTables({ udh, text: Buffer.from(octets, "latin1"), dataCoding: 0 }, "gsm");
    t.equal(decodeText(read, "gsm"), expected, `${single} ${locking}`);
  }
  const [part, text] = [Uint8Array.of(8, 0, 3, 7, 2, 1, 0x24, 1, turkish), Buffer.from("\u001bs")];
  t.same(partOf({ udh: part }), { reference: 7, total: 2, number: 1 }, "beside the mark of a part");
  t.same(withoutTables({ udh: part, text, dataCoding: 8 }, "gsm"), { text, dataCoding: 8 }, "UCS-2 needs none");
  t.same(withoutTables({ udh: part, text, dataCoding: 0 }, "latin-1"), { text, dataCoding: 0 }, "nor has Latin-1 any");
  t.equal(
    decodeText(withoutTables({ udh: Uint8Array.of(3, 0x24, 9, 1), text, dataCoding: 0 }, "gsm"), "gsm"),
    "s",
    "a header that is cut off has none",
  );
  const joined = joinedText(
    [1, 2].map((number) => {
      const octets = withoutTables({ udh: part, text, dataCoding: number === 1 ? 0 : 8 }, "gsm");
      return { reference: 7, total: 2, number, at: 0, ...octets, ...(number === 2 && { text: Buffer.from([0x01, 0x5f]) }) };
    }),
    "gsm",
  );
  t.equal(joined, "şş", "parts of different kinds make one text");
  t.end();
});
