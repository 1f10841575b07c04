/*
 * The types of every operation, from the server's OpenAPI document. A generator of our own: the document has no references and few keywords, and what is
 * wanted is types only, so that nothing of it is left at run time.
 */

/** A schema of the document, as far as our schemas go. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

interface Content {
  readonly schema?: Schema;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const head = `/* Made from the server's API document by \`npm run client\`: do not edit. */

/** What is no JSON: a text, or a file as it comes in. */
export type Upload = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

`;
/** An object of fewer properties is written where it is used. */
const leastNamed = 3;
/** Names that a program needs for something else. */
const hidden = new Set(["Number", "String", "Object", "Upload", "Operations"]);

/** The text of operations.ts. The same document makes the same text. */
export function writeOperations({ paths, components }: OpenApi): string {
  const names = new Names();
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  // What one GET of one thing answers gives the thing its name, whoever else answers it.
  for (const { path, method, operation } of all)
    if (method === "GET" && path.endsWith("}")) names.typeOf(answerSchema(operation) ?? {}, nounOf(path));
  const rows = all.map((each) => operationText(each, names));
  const codes = components?.schemas?.["Problem"]?.properties?.["code"]?.enum ?? [];
  const codeType = `/** What programs look at in a refusal. */\nexport type ProblemCode =\n${codes.map((code) => `  | ${JSON.stringify(code)}`).join("\n")};\n`;
  return `${head}${names.declarations()}\n${codeType}\n/** Every operation, by method and path: what it takes and what it answers. */\nexport interface Operations {\n${rows.join("\n")}\n}\n`;
}

function operationText({ path, method, operation }: { path: string; method: string; operation: Operation }, names: Names): string {
  const { summary = "", parameters = [], requestBody, responses = {} } = operation;
  const call: string[] = [];
  for (const [place, property] of [
    ["path", "path"],
    ["query", "query"],
  ] as const) {
    const own = parameters.filter((each) => each.in === place);
    if (own.length === 0) continue;
    const properties = own.map(({ name, required, description, schema = {} }) =>
      propertyText(name, required === true, description, names.typeOf(schema, nounOf(path) + capital(name))),
    );
    call.push(`readonly ${property}${own.some(({ required }) => required) ? "" : "?"}: {\n${indent(properties.join("\n"))}\n};`);
  }
  const bodies = Object.entries(requestBody?.content ?? {});
  if (bodies.length > 0) call.push(bodyText(bodies, names, bodyName(method, path)));
  for (const header of ["idempotency-key", "if-match"])
    if (parameters.some(({ in: place, name }) => place === "header" && name === header)) call.push(`readonly ${camel(header)}?: string;`);
  const answers = Object.entries(responses).flatMap(([status, { content = {} }]) => (/^2/.test(status) ? [content["application/json"]?.schema] : []));
  const answer = [...new Set(answers.map((schema) => (schema === undefined ? "undefined" : names.typeOf(schema, answerName(method, path)))))];
  const files = Object.keys(responses["200"]?.content ?? {}).filter((type) => type !== "application/json");
  const lines = [
    `readonly call: ${call.length === 0 ? "{ readonly path?: undefined }" : `{\n${indent(call.join("\n"))}\n}`};`,
    `readonly answer: ${answer.length === 0 ? "undefined" : answer.join(" | ")};`,
    ...(files.length > 0 ? [`readonly file: ${files.map((type) => JSON.stringify(type)).join(" | ")};`] : []),
  ];
  return indent(`/** ${comment(summary)} */\n${JSON.stringify(`${method} ${path}`)}: {\n${indent(lines.join("\n"))}\n};`);
}

/** JSON is sent as such and needs no type; of everything else the sender says what it is. */
function bodyText(bodies: readonly (readonly [string, Content])[], names: Names, name: string): string {
  const json = bodies.find(([type]) => type === "application/json")?.[1].schema;
  const texts = bodies.flatMap(([type]) => (type === "application/json" ? [] : [JSON.stringify(type)]));
  const type = json === undefined ? "" : names.typeOf(json, name);
  if (texts.length === 0) return `readonly body: ${type};`;
  return `readonly body: ${[...(type === "" ? [] : [type]), "Upload"].join(" | ")};\n/** What the body is${type === "" ? "" : ", when it is no JSON"}. */\nreadonly type${type === "" ? "" : "?"}: ${texts.join(" | ")};`;
}

/** The names of the objects of the document, each once, whoever uses it. */
class Names {
  readonly #byText = new Map<string, string>();
  readonly #taken = new Map<string, string>();

  /** @param name what the object is called if it has no name yet */
  typeOf(schema: Schema, name: string): string {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return [...new Set(choices.map((choice) => this.typeOf(choice, name)))].join(" | ");
    if (schema.allOf) return schema.allOf.map((part) => bracketed(this.typeOf(part, name))).join(" & ");
    const types = [schema.type ?? (schema.properties ? "object" : [])].flat();
    return types.length === 0 ? "unknown" : types.map((type) => this.#simple(type, schema, name)).join(" | ");
  }

  #simple(type: string, schema: Schema, name: string): string {
    if (type === "integer" || type === "number") return "number";
    if (type === "array") return `readonly ${bracketed(this.typeOf(schema.items ?? {}, singular(name)))}[]`;
    return type === "object" ? this.#object(schema, name) : type;
  }

  #object({ properties = {}, patternProperties = {}, additionalProperties, required = [], description }: Schema, name: string): string {
    const entries = Object.entries(properties);
    const free = Object.values(patternProperties)[0] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
    if (entries.length === 0) return `Readonly<Record<string, ${free ? this.typeOf(free, name) : "unknown"}>>`;
    const lines = entries.map(([key, property]) =>
      propertyText(key, required.includes(key), property.description, this.typeOf(property, key === "items" ? name : name + capital(key))),
    );
    const text = `{\n${indent(lines.join("\n"))}\n}`;
    if (entries.length < leastNamed) return text;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const wished = "items" in properties ? `${name}Page` : hidden.has(name) ? `${name}Entry` : name;
    let own = wished;
    for (let count = 2; this.#taken.has(own); count++) own = `${wished}${count}`;
    this.#taken.set(own, `${description === undefined ? "" : `/** ${comment(description)} */\n`}export interface ${own} ${text}\n`);
    this.#byText.set(text, own);
    return own;
  }

  declarations(): string {
    return [...this.#taken]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, text]) => text)
      .join("\n");
  }
}

function propertyText(name: string, required: boolean, description: string | undefined, type: string): string {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
  return `${description === undefined ? "" : `/** ${comment(description)} */\n`}readonly ${key}${required ? "" : "?"}: ${type};`;
}

function answerSchema({ responses = {} }: Operation): Schema | undefined {
  return responses["200"]?.content?.["application/json"]?.schema;
}

/** `/api/v1/campaigns/{id}/caller-id-pools` → `CallerIdPool`, or of what is part of one thing `CampaignMessageRules`. */
function nounOf(path: string): string {
  const words = path
    .replace(/^\/api\/v1/, "")
    .split("/")
    .filter((word) => word !== "" && !word.startsWith("{"));
  const last = words.at(-1) ?? "";
  return path.endsWith("}") || words.length === 1 ? singular(capital(camel(last))) : words.map((word) => singular(capital(camel(word)))).join("");
}

function bodyName(method: string, path: string): string {
  return `${method === "PATCH" ? "" : "New"}${nounOf(path)}${method === "PATCH" ? "Change" : ""}`;
}

function answerName(method: string, path: string): string {
  return `${nounOf(path)}${method === "GET" ? "" : "Answer"}`;
}

function singular(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  return /sses$/.test(word) ? word.slice(0, -2) : word.replace(/ies$/, "y").replace(/s$/, "");
}

function capital(word: string): string {
  return camel(word).replace(/^./, (letter) => letter.toUpperCase());
}

function camel(words: string): string {
  return words.replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "");
}

function bracketed(type: string): string {
  return type.includes(" | ") || type.startsWith("readonly ") ? `(${type})` : type;
}

function comment(text: string): string {
  return text.replaceAll("*/", "* /").replaceAll(/\s*\n\s*/g, " ");
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
