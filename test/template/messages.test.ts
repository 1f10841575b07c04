import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { checkDocument, compileMessage, documentFaults } from "../../src/template/document.ts";
import { fillMessage, neededBy } from "../../src/template/fill.ts";
import { compileTemplate, type Fields } from "../../src/template/template.ts";
import { readTemplateYaml } from "../../src/template/yaml.ts";

function rendered(source: string, fields: Fields, language?: string): string {
  try {
    return compileTemplate(source, "text", language).render(fields);
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

t.test("money, numbers, dates and times in the contact's own way", async (t) => {
  const money = '{x | money: "USD"}';
  const at = { x: "2026-11-24T15:00:00Z" };
  const table: [string, Fields, string | undefined, string][] = [
    [money, { x: "1234.5" }, undefined, "$1,234.50"],
    [money, { x: " 1234 " }, "es-ES", "1234,00 US$"],
    [money, { x: "12345.5" }, "de-DE", "12.345,50 $"],
    [money, { x: "1234.5", language: "es" }, "en-US", "$1,234.50"],
    [money, { x: "12345.5", language: "es-ES" }, "en-US", "12.345,50 US$"],
    [money, { x: "12345.5", locale: "es_ES", language: "en" }, "en-US", "12.345,50 US$"],
    [money, { x: "5", language: "Spanish, please" }, "en-US", "$5.00"],
    [money, { x: "-5.50" }, undefined, "-$5.50"],
    [money, { x: "+5" }, undefined, "$5.00"],
    [money, { x: "5.1000" }, undefined, "$5.10"],
    [money, { x: "5.101" }, undefined, "template-value"],
    [money, { x: "1,234.50" }, undefined, "template-value"],
    [money, { x: "$5" }, undefined, "template-value"],
    [money, { x: "" }, undefined, "template-value"],
    [money, { x: "1e5" }, undefined, "template-value"],
    [money, { x: "NaN" }, undefined, "template-value"],
    ['{x | money: "JPY"}', { x: "500" }, undefined, "¥500"],
    ['{x | money: "JPY"}', { x: "500.5" }, undefined, "template-value"],
    ["{x | money: c}", { x: "5", c: "EUR" }, "fr-FR", "5,00 €"],
    ["{x | money: c}", { x: "5", c: "euro" }, undefined, "template-value"],
    ["{x | money}", { x: "5" }, undefined, "template-syntax"],
    ['{x | money: "EURO"}', { x: "5" }, undefined, "template-syntax"],
    ['{x | money: "USD", 2}', { x: "5" }, undefined, "template-syntax"],
    ['{x | plus: 1 | money: "USD"}', { x: "5" }, undefined, "$6.00"],
    ['{x | default: "0" | money: "USD"}', {}, undefined, "$0.00"],
    ["{x | number}", { x: "1234567.5" }, undefined, "1,234,567.5"],
    ["{x | number}", { x: "1234567.5" }, "es-ES", "1.234.567,5"],
    ["{x | number: 2}", { x: "5" }, undefined, "template-syntax"],
    ["{x | date}", { x: "2026-11-24" }, undefined, "Nov 24, 2026"],
    ["{x | date}", { x: "2026-11-24" }, "es-ES", "24 nov 2026"],
    ['{x | date: "long"}', { x: "2026-11-24" }, undefined, "November 24, 2026"],
    ['{x | date: "full"}', { x: "2026-11-24", locale: "es-MX" }, undefined, "martes, 24 de noviembre de 2026"],
    ['{x | date: "short"}', { x: "2026-11-24" }, "de-DE", "24.11.26"],
    ["{x | date: style}", { x: "2026-11-24", style: "loud" }, undefined, "template-value"],
    ['{x | date: "loud"}', { x: "2026-11-24" }, undefined, "template-syntax"],
    ["{x | date}", { x: "2026-02-29" }, undefined, "template-value"],
    ["{x | date}", { x: "11/24/2026" }, undefined, "template-value"],
    ["{x | date}", { x: "2026-02-29T00:00:00Z" }, undefined, "template-value"],
    ["{x | date}", { x: "2026-11-24T25:00:00Z" }, undefined, "template-value"],
    ["{x | date}", { x: "2026-11-24T03:00:00Z", time_zone: "America/New_York" }, undefined, "Nov 23, 2026"],
    ["{x | date}", { x: "2026-11-24", time_zone: "America/New_York" }, undefined, "Nov 24, 2026"],
    ["{x | time}", at, undefined, "3:00 PM"],
    ["{x | time}", { ...at, time_zone: "America/New_York" }, undefined, "10:00 AM"],
    ["{x | time}", { ...at, time_zone: "Europe/Madrid" }, "es-ES", "16:00"],
    ["{x | time}", { ...at, time_zone: "Nowhere/At_All" }, undefined, "3:00 PM"],
    ["{x | time}", { x: "2026-11-24" }, undefined, "template-value"],
  ];
  for (const [source, fields, language, expected] of table)
    t.equal(rendered(source, fields, language), expected, `${source} ${JSON.stringify(fields)}`);
});

t.test("a message for one contact, or why there is none", async (t) => {
  const published = { versionId: "7", version: 2 };
  const letter = compileMessage(
    checkDocument({
      name: "letter",
      channel: "email",
      language: "en-us",
      subject: "{first_name}: {amount | money: 'USD'}",
      html: "<p>{first_name}</p>{% if city %}{city}{% endif %}",
      text: "{first_name}",
    }),
    published,
  );
  t.match(letter, { versionId: "7", version: 2, language: "en-US", attachments: [] });
  t.same(neededBy(letter), ["first_name", "amount"]);
  const filled = fillMessage(letter, { first_name: "<Ann>\r\nBcc: all@example.com", amount: "5" });
  t.same(filled, {
    channel: "email",
    subject: "<Ann> Bcc: all@example.com: $5.00",
    html: "<p>&lt;Ann&gt;\r\nBcc: all@example.com</p>",
    text: "<Ann>\r\nBcc: all@example.com",
  });
  t.same(fillMessage(letter, { first_name: "  " }), { held: "the contact has no first_name, amount", lacks: ["first_name", "amount"] });
  t.match(fillMessage(letter, { first_name: "Ann", amount: "five" }), { held: /“five” is not an amount in USD/, lacks: [] });
  const sms = compileMessage(checkDocument({ name: "s", channel: "sms", text: "{% if x %}{x}{% endif %} " }), published);
  t.match(fillMessage(sms, {}), { held: "the text is empty" });
  t.match(sms, { transliterate: false });
});

t.test("mutated files are refused or read, and never more", async (t) => {
  const source = `name: reminder
channel: email
language: en-US
subject: "{first_name}: your bill"
html: |
  <p style="a{b}">{first_name | default: "you"}, {% if due %}{due | date: "long"}{% endif %}</p>
attachments:
  - { name: a.txt, type: text/plain, content: aGk= }
`;
  t.same(documentFaults(readTemplateYaml(source).value), []);
  const seed = 20_260_104;
  const random = seededRandom(seed);
  const at = () => Math.floor(random.next() * source.length);
  const bits = ["{", "}", "[", "- ", ": ", "\n", '"', "|", "&a ", "*a", "!!js ", "\u0000", "<<: ", "? ", "%", "\t", "{% if x %}", "__proto__: 1\n"];
  let sound = 0;
  for (let round = 0; round < 1500; round++) {
    let text = source;
    for (let changes = Math.floor(random.next() * 4); changes >= 0; changes--) {
      const [from, to] = [at(), at()];
      const bit = bits[Math.floor(random.next() * bits.length)] ?? "";
      text = random.next() < 0.3 ? text.slice(0, Math.min(from, to)) + text.slice(Math.max(from, to)) : text.slice(0, from) + bit + text.slice(from);
    }
    try {
      const { value, placed } = readTemplateYaml(text);
      const places = placed(documentFaults(value));
      for (const { pointer } of places) if (!/^\d+:\d+$/.test(pointer)) t.fail(`${pointer} is no place, seed ${seed} round ${round}`);
      if (places.length > 0) continue;
      sound += 1;
      const template = compileMessage(checkDocument(value), { versionId: "1", version: 1 });
      fillMessage(template, { first_name: "Ann", due: "2026-11-24" });
    } catch (error) {
      if (!(error instanceof Fault)) throw new Error(`seed ${seed} round ${round}`, { cause: error });
    }
  }
  t.ok(sound > 50, `${sound} could be read`);
  for (const text of [
    "[".repeat(100_000),
    "- ".repeat(100_000),
    "{a: ".repeat(50_000),
    "a".repeat(600_000),
    "? ".repeat(100_000),
    `x: ${"[".repeat(9)}\n`.repeat(2000),
  ])
    t.throws(() => checkDocument(readTemplateYaml(text).value), { code: "template-invalid" }, text.slice(0, 10));
});
