import { ruleOf } from "../../access/route-table.ts";
import { problemCodes, problemsWith } from "../problem.ts";
import { problemSchema } from "../schema/common.ts";
import { exampleOf, type JsonSchema } from "../schema/example.ts";
import { shownAt } from "./precondition.ts";

interface Content {
  schema?: JsonSchema | { readonly $ref: string };
  example?: unknown;
}

interface Header {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: unknown;
}

interface Operation {
  summary?: string;
  description?: string;
  operationId?: string;
  security?: readonly unknown[];
  parameters?: { readonly name: string; readonly in?: string; readonly description?: string; readonly schema?: JsonSchema; example?: unknown }[];
  requestBody?: { required?: boolean; content?: Record<string, Content> };
  responses?: Record<string, { description?: string; headers?: Record<string, Header>; content?: Record<string, Content> }>;
  /** The types of a body that streams by: no schema is held against it. */
  "x-file"?: readonly string[];
}

/** An API document (OpenAPI 3.1) as the routes make it. */
export interface ApiDocument {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown> };
}

const tagExample = '"mJ8kP2v0bq3cW1xYz7Lr4A"';
const tagSchema: JsonSchema = { type: "string", examples: [tagExample] };
const tagHeader: Header = { description: "Of all that is shown here: send it as If-Match with a change.", schema: tagSchema, example: tagExample };

/**
 * Completes the document with what follows from the routes: a name for each operation, who may use it, an example of everything that is sent
 * and answered, and the codes that each refusal may have. Changes the document it is given.
 */
export function completeDocument(document: ApiDocument): void {
  const { properties } = problemSchema;
  const code = { ...properties.code, enum: [...problemCodes] };
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: { ...problemSchema, properties: { ...properties, code } } },
  };
  const paths = document.paths ?? {};
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (["put", "patch", "delete"].includes(method))
        addPrecondition(operation, paths[shownAt(path, (at) => "get" in (paths[at] ?? {})) ?? ""]?.["get"]);
      complete(operation, method, path);
    }
  }
}

/** @param shown what shows the thing that is changed */
function addPrecondition(operation: Operation, shown: Operation | undefined): void {
  const answer = shown?.responses?.["200"];
  if (answer === undefined) return;
  answer.headers = { ...answer.headers, etag: tagHeader };
  const description = "The ETag of what was read: nothing is changed when it is another one by now.";
  operation.parameters = [...(operation.parameters ?? []), { name: "if-match", in: "header", description, schema: tagSchema }];
  const refused = operation.responses?.["401"];
  if (refused && operation.responses) operation.responses["412"] ??= structuredClone(refused);
}

function complete(operation: Operation, method: string, path: string): void {
  operation.operationId = operationName(method, path);
  addFile(operation);
  const rule = ruleOf(method.toUpperCase(), path.replace(/\{([^}]+)\}/g, ":$1"));
  const open = rule?.roles === "open";
  if (open) operation.security = [];
  const roles = open || rule === undefined ? "everybody, without a key" : [...rule.roles].join(", ");
  operation.description = `${operation.description ?? `${operation.summary}.`}\n\nFor: ${roles}.`;
  const refused = operation.responses?.["401"];
  if (!open && refused && operation.responses) operation.responses["403"] ??= structuredClone(refused);
  for (const parameter of operation.parameters ?? []) if (parameter.schema) parameter.example = exampleOf(parameter.schema, parameter.name);
  for (const content of Object.values(operation.requestBody?.content ?? {})) if (hasOwn(content)) content.example ??= exampleOf(content.schema);
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    for (const [type, content] of Object.entries(response.content ?? {})) {
      const codes = type === "application/problem+json" ? problemsOf(Number(status), path) : [];
      const [first] = codes;
      if (first) {
        content.schema = { $ref: "#/components/schemas/Problem" };
        content.example = {
          type: `urn:carillon:problem:${first.code}`,
          title: first.title,
          status: Number(status),
          detail: `${first.title}.`,
          code: first.code,
        };
        response.description = `A problem document (RFC 9457). \`code\`: ${codes.map(({ code }) => code).join(", ")}.`;
      } else if (hasOwn(content)) content.example ??= exampleOf(content.schema);
    }
  }
}

/** A file as the body, of each of the types that are taken. */
function addFile(operation: Operation): void {
  const types = operation["x-file"];
  if (types === undefined) return;
  delete operation["x-file"];
  const content = types.map((type) => [type, { schema: { type: "string", description: "The file, as it is." }, example: fileExample }]);
  operation.requestBody = { required: true, content: Object.fromEntries(content) };
}

const fileExample = "client_id,phone,first_name\nC-1042,+12125550142,Ada\n";

function hasOwn(content: Content): content is Content & { readonly schema: JsonSchema } {
  return content.schema !== undefined && !("$ref" in content.schema);
}

/** What may go wrong on any route. */
const everywhere = /^(request-|cursor-|media-type|unauthorized|forbidden|idempotency-|precondition-|rate-limited|overloaded|unavailable|internal)/;

/** The codes that a refusal on that path may have: those of its nouns, and those of every route. */
function problemsOf(status: number, path: string): ReturnType<typeof problemsWith> {
  const all = problemsWith(status);
  const nouns = path
    .split("/")
    .flatMap((word) => [word.replace(/ies$/, "y").replace(/s$/, ""), ...word.split("-").map((part) => part.replace(/s$/, ""))]);
  const own = all.filter(({ code }) => everywhere.test(code) || nouns.some((noun) => noun !== "" && code.startsWith(`${noun}-`)));
  return own.length > 0 ? own : all;
}

/** `get /api/v1/lists/{id}/contacts` → `getListsIdContacts`: the same for ever, as programs are generated from it. */
export function operationName(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1/, "").split(/[^A-Za-z0-9]+/);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
