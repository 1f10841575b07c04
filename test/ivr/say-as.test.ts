import { readFileSync } from "node:fs";
import t from "tap";
import { toAscii } from "../../src/adapter/tts/flite.ts";
import { sayAs, sayAsKinds } from "../../src/ivr/say-as.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";

type Kind = (typeof sayAsKinds)[number];

function spoken(kind: Kind, value: string, language: string, currency?: string): string {
  const said = sayAs(kind, value, language, currency === undefined ? {} : { currency });
  return "text" in said ? said.text : `FAULT ${said.fault}`;
}

t.test("numbers", async (t) => {
  const table: [string, string, string][] = [
    ["0", "zero", "cero"],
    ["-0", "zero", "cero"],
    ["1", "one", "uno"],
    ["+7", "seven", "siete"],
    ["11", "eleven", "once"],
    ["16", "sixteen", "dieciséis"],
    ["21", "twenty-one", "veintiuno"],
    ["30", "thirty", "treinta"],
    ["31", "thirty-one", "treinta y uno"],
    ["99", "ninety-nine", "noventa y nueve"],
    ["100", "one hundred", "cien"],
    ["101", "one hundred one", "ciento uno"],
    ["500", "five hundred", "quinientos"],
    ["999", "nine hundred ninety-nine", "novecientos noventa y nueve"],
    ["1000", "one thousand", "mil"],
    ["1001", "one thousand one", "mil uno"],
    ["0021000", "twenty-one thousand", "veintiún mil"],
    ["31021", "thirty-one thousand twenty-one", "treinta y un mil veintiuno"],
    ["100000", "one hundred thousand", "cien mil"],
    ["1000000", "one million", "un millón"],
    ["1000001", "one million one", "un millón uno"],
    ["21000000", "twenty-one million", "veintiún millones"],
    ["1000000000", "one billion", "mil millones"],
    ["1000000000000", "one trillion", "un billón"],
    [
      "999999999999999",
      "nine hundred ninety-nine trillion nine hundred ninety-nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
      "novecientos noventa y nueve billones novecientos noventa y nueve mil novecientos noventa y nueve millones novecientos noventa y nueve mil novecientos noventa y nueve",
    ],
    ["-3.14", "minus three point one four", "menos tres punto uno cuatro"],
    ["-0.05", "minus zero point zero five", "menos cero punto cero cinco"],
    [" 2.50 ", "two point five zero", "dos punto cinco cero"],
  ];
  for (const [value, english, spanish] of table) {
    t.equal(spoken("number", value, "en-US"), english, value);
    t.equal(spoken("number", value, "es-US"), spanish, value);
  }
  t.equal(spoken("number", "0.5", "es-ES"), "cero coma cinco");
  t.equal(spoken("number", "0.5", "es"), "cero coma cinco");
  for (const value of [
    "",
    "1,000",
    "1.000.000",
    "1e3",
    "0x1",
    "one",
    "1.",
    ".5",
    "1.1234567",
    "1000000000000000",
    "--1",
    "1 000",
    "٣",
    "NaN",
    "1\n2",
  ])
    t.match(sayAs("number", value, "en-US"), { fault: /not a number/ }, JSON.stringify(value));
});

t.test("money", async (t) => {
  const table: [string, string, string, string][] = [
    ["0", "USD", "zero dollars", "cero dólares"],
    ["0.00", "USD", "zero dollars", "cero dólares"],
    ["0.01", "USD", "one cent", "un centavo"],
    ["0.99", "USD", "ninety-nine cents", "noventa y nueve centavos"],
    ["1", "USD", "one dollar", "un dólar"],
    ["1.01", "USD", "one dollar and one cent", "un dólar con un centavo"],
    ["21.21", "USD", "twenty-one dollars and twenty-one cents", "veintiún dólares con veintiún centavos"],
    ["240.5", "USD", "two hundred forty dollars and fifty cents", "doscientos cuarenta dólares con cincuenta centavos"],
    ["240.5000", "USD", "two hundred forty dollars and fifty cents", "doscientos cuarenta dólares con cincuenta centavos"],
    ["-12.30", "USD", "minus twelve dollars and thirty cents", "menos doce dólares con treinta centavos"],
    ["-0.00", "USD", "zero dollars", "cero dólares"],
    ["1000000", "USD", "one million dollars", "un millón de dólares"],
    ["1000001", "USD", "one million one dollars", "un millón un dólares"],
    ["1", "GBP", "one pound", "una libra"],
    ["21.02", "GBP", "twenty-one pounds and two pence", "veintiuna libras con dos peniques"],
    ["200200", "GBP", "two hundred thousand two hundred pounds", "doscientas mil doscientas libras"],
    ["21000000", "GBP", "twenty-one million pounds", "veintiún millones de libras"],
    ["3.50", "EUR", "three euros and fifty cents", "tres euros con cincuenta céntimos"],
    ["100", "JPY", "one hundred yen", "cien yenes"],
    ["12", "PLN", "twelve Polish zlotys", "doce eslotis polacos"],
    ["1", "PLN", "one Polish zloty", "un esloti polaco"],
    ["12.50", "PLN", "twelve point five zero Polish zlotys", "doce punto cinco cero eslotis polacos"],
  ];
  for (const [value, currency, english, spanish] of table) {
    t.equal(spoken("money", value, "en-US", currency), english, `${value} ${currency}`);
    t.equal(spoken("money", value, "es-US", currency), spanish, `${value} ${currency}`);
  }
  t.equal(spoken("money", "2.00", "en-US"), "two dollars", "the US dollar when nothing is said");
  for (const [value, currency] of [
    ["$12", "USD"],
    ["12.345", "USD"],
    ["1,240.00", "USD"],
    ["12.5", "JPY"],
    ["", "USD"],
    ["12 USD", "USD"],
  ] as const)
    t.match(sayAs("money", value, "en-US", { currency }), { fault: /not an amount/ }, value);
  for (const currency of ["XXZ", "usd", "", "__proto__", "US"])
    t.match(sayAs("money", "1", "en-US", { currency }), { fault: /no currency/ }, currency);
});

t.test("dates and times", async (t) => {
  const dates: [string, string, string][] = [
    ["2026-11-24", "Tuesday, November twenty-fourth, twenty twenty-six", "martes veinticuatro de noviembre de dos mil veintiséis"],
    ["2024-02-29", "Thursday, February twenty-ninth, twenty twenty-four", "jueves veintinueve de febrero de dos mil veinticuatro"],
    ["2000-02-29", "Tuesday, February twenty-ninth, two thousand", "martes veintinueve de febrero de dos mil"],
    ["1905-05-01", "Monday, May first, nineteen oh five", "lunes primero de mayo de mil novecientos cinco"],
    ["1900-12-31", "Monday, December thirty-first, nineteen hundred", "lunes treinta y uno de diciembre de mil novecientos"],
    ["2009-01-30", "Friday, January thirtieth, two thousand nine", "viernes treinta de enero de dos mil nueve"],
    ["2010-06-20", "Sunday, June twentieth, twenty ten", "domingo veinte de junio de dos mil diez"],
  ];
  for (const [value, english, spanish] of dates) {
    t.equal(spoken("date", value, "en-US"), english, value);
    t.equal(spoken("date", value, "es-US"), spanish, value);
  }
  t.equal(spoken("date", "2026-11-24", "en-GB"), "Tuesday, the twenty-fourth of November, twenty twenty-six");
  t.equal(spoken("date", "2026-05-01", "es-ES"), "viernes uno de mayo de dos mil veintiséis");
  for (const value of [
    "2023-02-29",
    "1900-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "11/24/2026",
    "2026-1-1",
    "0999-01-01",
    "2026-11-24T10:00",
  ])
    t.match(sayAs("date", value, "en-US"), { fault: /not a date/ }, value);

  const times: [string, string, string][] = [
    ["00:00", "midnight", "las doce de la medianoche"],
    ["24:00", "midnight", "las doce de la medianoche"],
    ["00:01", "twelve oh one a.m.", "las doce y uno de la noche"],
    ["01:00", "one a.m.", "la una de la madrugada"],
    ["06:05", "six oh five a.m.", "las seis y cinco de la mañana"],
    ["11:59", "eleven fifty-nine a.m.", "las once y cincuenta y nueve de la mañana"],
    ["12:00", "twelve noon", "las doce del mediodía"],
    ["12:30", "twelve thirty p.m.", "las doce y treinta de la tarde"],
    ["13:00", "one p.m.", "la una de la tarde"],
    ["14:30:00", "two thirty p.m.", "las dos y treinta de la tarde"],
    ["20:00", "eight p.m.", "las ocho de la noche"],
    ["23:21", "eleven twenty-one p.m.", "las once y veintiuno de la noche"],
  ];
  for (const [value, english, spanish] of times) {
    t.equal(spoken("time", value, "en-US"), english, value);
    t.equal(spoken("time", value, "es-US"), spanish, value);
  }
  for (const value of ["24:01", "25:00", "12:60", "2:30", "14.30", "14:30:15", "2:30 pm", ""])
    t.match(sayAs("time", value, "en-US"), { fault: /not a time/ }, value);
});

t.test("telephone numbers, and what is spelled", async (t) => {
  const telephones: [string, string, string][] = [
    ["+15550100310", "one, five five five, zero one zero, zero three one zero", "uno, cinco cinco cinco, cero uno cero, cero tres uno cero"],
    [
      "+442079460958",
      "plus four four, two zero, seven nine four six, zero nine five eight",
      "más cuatro cuatro, dos cero, siete nueve cuatro seis, cero nueve cinco ocho",
    ],
    ["(800) 555-0100", "eight zero zero, five five five, zero one zero zero", "ocho cero cero, cinco cinco cinco, cero uno cero cero"],
    ["8005550100", "eight zero zero, five five five, zero one zero zero", "ocho cero cero, cinco cinco cinco, cero uno cero cero"],
    ["555 0100", "five five five, zero one zero zero", "cinco cinco cinco, cero uno cero cero"],
    ["911", "nine one one", "nueve uno uno"],
  ];
  for (const [value, english, spanish] of telephones) {
    t.equal(spoken("telephone", value, "en-US"), english, value);
    t.equal(spoken("telephone", value, "es-US"), spanish, value);
  }
  for (const value of ["12", "+12345", "+0123456789", "1234567890123456", "555-CALL", "555 0100 x3", "1+2345678", "()-. "])
    t.match(sayAs("telephone", value, "en-US"), { fault: /not a telephone/ }, value);

  const spelled: [string, string, string][] = [
    ["AB-12", "A, B, dash, one, two", "a, be, guion, uno, dos"],
    ["zé", "Z, E", "zeta, e"],
    ["w ñ", "W, space, Ñ", "doble uve, espacio, eñe"],
    ["a_b@c.d", "A, underscore, B, at, C, dot, D", "a, guion bajo, be, arroba, ce, punto, de"],
    ["0", "zero", "cero"],
  ];
  for (const [value, english, spanish] of spelled) {
    t.equal(spoken("spelled", value, "en-US"), english, value);
    t.equal(spoken("spelled", value, "es-MX"), spanish, value);
  }
  for (const value of ["", "  ", "-", "a$b", "a→b", "x".repeat(65), "a\u0000b"])
    t.match(sayAs("spelled", value, "en-US"), { fault: /not 1 to 64/ }, JSON.stringify(value));
});

t.test("other languages, and none", async (t) => {
  t.equal(spoken("number", "-1240.50", "de-DE"), "-1240,50");
  t.equal(spoken("number", "1.123456", "de-DE"), "1,123456");
  t.equal(spoken("money", "1.05", "de-DE", "EUR"), "1,05 Euro");
  t.equal(spoken("money", "240.00", "fr-FR", "EUR"), "240 euros");
  t.equal(spoken("date", "2026-11-24", "de"), "Dienstag, 24. November 2026");
  t.equal(spoken("time", "14:30", "de"), "14:30");
  t.equal(spoken("telephone", "555 0100", "pt-BR"), "5 5 5, 0 1 0 0");
  t.equal(spoken("spelled", "ab1", "de"), "A, B, 1");
  for (const language of ["", "xx", "tlh", "en_US", "not a language", "__proto__"])
    t.match(sayAs("number", "1", language), { fault: /no language/ }, language);
});

t.test("nothing in English words is lost on Flite, and nothing a stranger sends throws", async (t) => {
  const seed = 20_261_124;
  const random = seededRandom(seed);
  const alphabet = "0123456789-+.:() /@#&_aZñé$→\u0000\ud800";
  for (let round = 0; round < 20_000; round++) {
    const value = Array.from({ length: intBetween(random, 0, 12) }, () => alphabet[intBetween(random, 0, alphabet.length - 1)]).join("");
    for (const kind of sayAsKinds) {
      const said = sayAs(kind, value, "en-US");
      if ("text" in said && !/^[A-Za-zÑ.,\- ]+$/.test(said.text)) t.fail(`seed ${seed}: ${kind} ${JSON.stringify(value)} → ${said.text}`);
      sayAs(kind, value, "es-US");
    }
  }
  t.equal(toAscii(spoken("money", "1240.50", "en-US")), "one thousand two hundred forty dollars and fifty cents");
});

t.test("the table in docs/ivr.md is true", async (t) => {
  const page = readFileSync(new URL("../../docs/ivr.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| `([^`]+)`[^|]*\| ([^|]+) \| ([^|]+) \|$/gm)].filter(([, kind]) =>
    sayAsKinds.some((known) => known === kind),
  );
  t.same(
    rows.map(([, kind]) => kind),
    sayAsKinds,
    "every kind is there",
  );
  for (const [, name = "", value = "", english = "", spanish = ""] of rows) {
    for (const kind of sayAsKinds.filter((known) => known === name)) {
      t.equal(spoken(kind, value, "en-US"), english, name);
      t.equal(spoken(kind, value, "es-US"), spanish, name);
    }
  }
});
