import t from "tap";
import { Compile } from "typebox/compile";
import { ruledRoutes } from "../../src/access/route-table.ts";
import type { JsonSchema } from "../../src/api/schema/example.ts";
import { world } from "./world.ts";

/*
 * The API document is whole: every operation says what it does, who may do it, what it takes and answers with an example that fits its schema,
 * and how it refuses.
 */

interface Content {
  readonly schema?: JsonSchema & { readonly $ref?: string };
  readonly example?: unknown;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: JsonSchema; readonly example?: unknown }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, Content>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: { readonly Problem: JsonSchema } };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

t.test("every route is in the document, with all that a program or a person needs", async (t) => {
  const { ask } = await world(t);
  const document = (await ask("GET", "/openapi.json")).body as unknown as Document;
  t.match(document.openapi, /^3\.1\./);
  const { Problem } = document.components.schemas;
  const tags = new Set(document.tags.map(({ name }) => name));
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, method, operation })),
  );
  const undocumented = ["GET /openapi.json", "GET /api/v1/agent", "GET /metrics"];
  const shown = new Set(operations.map(({ name }) => name.replace(/\{(\w+)\}/g, ":$1")));
  t.same(
    ruledRoutes.filter((route) => !shown.has(route) && !undocumented.includes(route) && !/^\w+ \/[lu]\//.test(route)),
    [],
    "no route is left out",
  );
  t.ok(operations.length > 150, `${operations.length} operations`);
  t.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length, "each has a name of its own");
  for (const { name, operation, path, method } of operations) {
    const { summary = "", description = "", responses = {}, parameters = [], requestBody } = operation;
    const lacks: string[] = [];
    if (summary.length < 5) lacks.push("summary");
    if (!/\n\nFor: .+\.$/.test(description)) lacks.push("roles");
    if (!operation.tags?.length || !operation.tags.every((tag) => tags.has(tag))) lacks.push(`a tag of the document (${operation.tags})`);
    const good = Object.keys(responses).filter((status) => /^[23]/.test(status));
    if (good.length === 0) lacks.push("an answer");
    for (const status of good) {
      const { content = {} } = responses[status] ?? {};
      if (status !== "204" && status !== "302" && Object.keys(content).length === 0) lacks.push(`schema of ${status}`);
    }
    if (operation.security === undefined && !["401", "403", "429"].every((status) => status in responses)) lacks.push("401, 403, 429");
    if (method === "post" && requestBody === undefined && "415" in responses) lacks.push("what its body is");
    if (path.includes("{") && !("404" in responses) && method !== "put") lacks.push("404");
    const bodies = [
      ...Object.entries(requestBody?.content ?? {}),
      ...Object.values(responses).flatMap(({ content = {} }) => Object.entries(content)),
    ];
    for (const [type, { schema: written, example }] of bodies) {
      const schema = written?.$ref === "#/components/schemas/Problem" ? Problem : written;
      if (schema === undefined) lacks.push(`schema of ${type}`);
      else if (example === undefined) lacks.push(`example of ${type}`);
      else if (/json/.test(type) && !Compile(schema).Check(example)) lacks.push(`an example that fits: ${JSON.stringify(example).slice(0, 200)}`);
    }
    for (const { name: parameter, schema, example } of parameters)
      if (schema === undefined || example === undefined || !Compile(schema).Check(example))
        lacks.push(`example of ${parameter}: ${JSON.stringify(example)}`);
    t.same(lacks, [], name);
  }
});

t.test("nothing in a URL says who somebody is", async (t) => {
  const { ask } = await world(t);
  const { paths } = (await ask("GET", "/openapi.json")).body as unknown as Document;
  const parameters = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
      parameters.map((parameter) => ({ route: `${method.toUpperCase()} ${path}`, ...parameter })),
    ),
  );
  const telling = parameters.filter(
    ({ in: place, name }) =>
      place !== "header" && /^(number|mailbox|clientId|client|subject|address|whom|person|phone|email|search|text)$/i.test(name),
  );
  t.same(
    telling.map(({ route, name }) => `${route}: ${name}`).filter((each) => !/ \/api\/v1\/numbers\/\{number\}/.test(each)),
    [],
    "numbers of ours apart",
  );
  t.ok(parameters.length > 200, `${parameters.length} parameters`);
  for (const whom of ["/api/v1/suppressions?number=%2B12125550101", "/api/v1/consents/evidence?clientId=c-1", "/api/v1/lookup-answers?subject=c-1"])
    t.equal((await ask("GET", whom)).status, 404, whom);
});
