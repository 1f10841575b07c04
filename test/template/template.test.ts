import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { fieldsOf, lacking } from "../../src/template/fields.ts";
import { compileTemplate, type Fields, type TemplateKind } from "../../src/template/template.ts";

const render = (source: string, fields: Fields, kind: TemplateKind = "text") => compileTemplate(source, kind).render(fields);

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

t.test("what a template becomes", async (t) => {
  const table: [TemplateKind, string, Fields, string][] = [
    ["prompt", "Hello {first_name}.", { first_name: "Ann" }, "Hello Ann."],
    ["prompt", "Hello {{ first_name }}.", { first_name: "Ann" }, "Hello Ann."],
    ["prompt", "  two\n  lines {x} ", { x: "a\tb\nc" }, "two lines a b c"],
    ["prompt", "{x}", { x: "a\u0000b\u001b[2J" }, "a b [2J"],
    ["text", "two\nlines {x}", { x: "a\nb" }, "two\nlines a\nb"],
    ["line", "Re: {x}", { x: "a\r\nBcc: all@example.com" }, "Re: a Bcc: all@example.com"],
    [
      "html",
      "<style>p { color: red } .a{b}</style><p>{b}</p>",
      { b: "<i>&'\"" },
      "<style>p { color: red } .a&lt;i&gt;&amp;&#39;&#34;</style><p>&lt;i&gt;&amp;&#39;&#34;</p>",
    ],
    ["text", "{x} {% if x %}", { x: "" }, "fault template-syntax"],
    ["text", "\\{x\\} \\\\ {x}", { x: "1" }, "{x} \\ 1"],
    ["text", "{x | upcase} {x | append: '!' | prepend: \"<\"}", { x: "ab" }, "AB <ab!"],
    ["text", "{x | default: 'friend'}", {}, "friend"],
    ["text", "{x | default: 'friend'}", { x: "" }, "friend"],
    ["text", "{% if city %}in {city}{% else %}nowhere{% endif %}", {}, "nowhere"],
    ["text", "{% if city %}in {city}{% else %}nowhere{% endif %}", { city: "" }, "nowhere"],
    ["text", "{% if city != '' and city != 'Rome' %}in {city}{% endif %}", { city: "Bonn" }, "in Bonn"],
    ["text", "{% case tier %}{% when 'gold', 'silver' %}dear {% else %}{% endcase %}x", { tier: "silver" }, "dear x"],
    ["text", "{x}", { x: "{y} {{ y }} {% if y %}" }, "{y} {{ y }} {% if y %}"],
    ["text", "{constructor}{__proto__}", {}, "fault template-field-missing"],
    ["text", "{toString}", {}, "fault template-field-missing"],
    ["text", "{% include 'x' %}", {}, "fault template-syntax"],
    ["text", "{% for a in b %}{% endfor %}", { b: "x" }, "fault template-syntax"],
    ["text", "{x.y}", { x: "" }, "fault template-syntax"],
    ["text", "{x | raw}", { x: "" }, "fault template-syntax"],
    ["html", "{x | raw}", { x: "" }, "fault template-syntax"],
    ["text", "{x | nosuch}", { x: "" }, "fault template-syntax"],
    ["text", "{first name}", {}, "fault template-syntax"],
    ["text", "{x", { x: "" }, "fault template-syntax"],
    ["text", "x}", {}, "fault template-syntax"],
    ["text", "{{x}", { x: "" }, "fault template-syntax"],
    ["text", "{% if x y %}{% endif %}", { x: "" }, "fault template-syntax"],
    ["prompt", "{x}", { x: "a".repeat(2001) }, "fault template-too-long"],
    ["prompt", "{x}", { x: "a".repeat(2000) }, "a".repeat(2000)],
  ];
  for (const [kind, source, fields, expected] of table) {
    let got: string;
    try {
      got = render(source, fields, kind);
    } catch (error) {
      got = error instanceof Fault ? `fault ${error.code}` : String(error);
    }
    t.equal(got, expected, `${kind}: ${source}`);
  }
});

t.test("missing fields are all named, and syntax faults have a place", async (t) => {
  const missing = faultOf(() => render("{a} {b} {c | default: 'x'} {a}", { b: "" }));
  t.same(missing.detail["fields"], ["a"]);
  t.same(faultOf(() => render("{a} {d}", {})).detail["fields"], ["a", "d"]);
  t.match(faultOf(() => compileTemplate("one\ntwo {first name}", "prompt")).detail, { line: 2, column: 5 });
  t.same(fieldsOf("{a} {b | default: c} {% if d %}{d}{e}{% endif %}{d}", "text"), {
    fields: ["a", "b", "c", "d", "e"],
    needed: ["a", "c", "e", "d"],
  });
  t.same(lacking(["a", "b", "c", "toString"], { a: "x", b: "  " }), ["b", "c", "toString"]);
});

t.test("no text makes the reader throw anything but a fault", async (t) => {
  const seed = 20261122;
  const random = seededRandom(seed);
  const parts = [
    "{",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "x",
    " ",
    "|",
    "if",
    "endif",
    "\\",
    "'",
    '"',
    ":",
    "default",
    "\n",
    "é",
    "case",
    "when",
    "else",
    "-",
  ];
  let rendered = 0;
  for (let round = 0; round < 3000; round++) {
    let source = "";
    for (let length = Math.floor(random.next() * 14); length > 0; length--) source += parts[Math.floor(random.next() * parts.length)];
    for (const kind of ["prompt", "text", "line", "html"] as const) {
      try {
        compileTemplate(source, kind).render({ x: "1" });
        rendered += 1;
      } catch (error) {
        if (!(error instanceof Fault)) t.fail(`seed ${seed}: ${JSON.stringify(source)} threw ${String(error)}`);
      }
    }
  }
  t.ok(rendered > 500, `${rendered} of 12000 were templates`);
});
