import fastJson, { type AnySchema } from "fast-json-stringify";
import t from "tap";
import { Type } from "typebox";
import { compileSerializer } from "../../src/api/plugin/serialization.ts";
import { attemptSchema } from "../../src/api/schema/attempt.ts";
import { pageOf } from "../../src/api/schema/common.ts";
import { contactSchema } from "../../src/api/schema/list.ts";

const schema = pageOf(
  Type.Object({
    id: Type.String({ pattern: "^\\d+$" }),
    size: Type.Optional(Type.Integer()),
    share: Type.Optional(Type.Number()),
    open: Type.Optional(Type.Boolean()),
    kind: Type.Optional(Type.Enum(["a", "b"])),
    more: Type.Optional(Type.Object({ name: Type.String() })),
    fields: Type.Optional(Type.Record(Type.String(), Type.String())),
    tags: Type.Optional(Type.Array(Type.String())),
  }),
);
const write = compileSerializer({ schema });
/** What a serializer by the schema alone makes of it. */
const bySchema: (value: unknown) => string = fastJson(schema as AnySchema);
const read = (text: string): unknown => JSON.parse(text);

class Row {
  readonly id = "1";
  readonly secret = "s";
}

t.test("what is as its schema says is written whole", (t) => {
  const fields = { "first name": 'Ada "A" \\ \u2028 \ud800', empty: "" };
  const whole = { id: "1", size: 2, share: 0.5, open: false, kind: "a", more: { name: "x" }, fields, tags: ["a", ""] };
  const page = { items: [whole, { id: "2", size: undefined }], next: "c" };
  t.same(read(write(page)), { items: [whole, { id: "2" }], next: "c" });
  t.same(read(write(page)), read(bySchema(page)));
  t.equal(write(page), JSON.stringify(page), "as the engine writes it");
  t.equal(write({ items: [] }), '{"items":[]}');
  t.end();
});

t.test("what is not is written by its schema, which lets out nothing else", (t) => {
  const hidden: readonly object[] = [
    { id: "1", secret: "s" },
    { id: "1", more: { name: "x", secret: "s" } },
    { id: "1", toJSON: () => ({ id: "1", secret: "s" }) },
    Object.create({ secret: "s" }, { id: { value: "1", enumerable: true } }) as object,
    new Row(),
  ];
  for (const item of hidden) {
    const text = write({ items: [{ id: "0" }, item] });
    t.notMatch(text, /secret/);
    t.match(read(text), { items: [{ id: "0" }, { id: "1" }] });
  }
  t.notMatch(write({ items: [], secret: "s" }), /secret/);
  t.notMatch(write(Object.assign([], { items: [], secret: "s" })), /secret/);
  const otherwise: readonly object[] = [{ id: 1 }, { id: "1", size: 1.5 }, { id: "1", share: Number.POSITIVE_INFINITY }, { id: "1", open: "yes" }];
  for (const item of otherwise) t.equal(write({ items: [item] }), bySchema({ items: [item] }), "types are those of the schema");
  t.throws(() => write({ items: [{ size: 1 }] }), /id/, "what has to be there is");
  t.throws(() => write({ items: [{ id: undefined }] }), /id/);
  t.end();
});

t.test("pages of people and attempts go the short way, and what its schema leaves open does not", (t) => {
  const contact = { id: "1", addresses: [{ id: "2", kind: "mobile", number: "+12125550101" }], fields: { name: "Ada" } };
  const people = compileSerializer({ schema: pageOf(contactSchema) });
  t.equal(people({ items: [contact] }), JSON.stringify({ items: [contact] }));
  const attempt = { id: "1", direction: "outbound", channel: "voice", address: "+12125550101", state: "ended", result: "busy", reservedAt: "x" };
  const attempts = compileSerializer({ schema: pageOf(attemptSchema) });
  t.equal(attempts({ items: [attempt] }), JSON.stringify({ items: [attempt] }));
  const either = compileSerializer({ schema: pageOf(Type.Union([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })])) });
  t.notMatch(either({ items: [{ a: "1", secret: "s" }] }), /secret/);
  t.end();
});
