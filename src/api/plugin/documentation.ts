import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { ApiParts, App } from "../parts.ts";
import { type ApiDocument, completeDocument } from "./document.ts";

/**
 * The API document (OpenAPI 3.1) at /openapi.json and a page that shows it at /docs. Both are open: they say what
 * Carillon is, nothing of what it holds, and a browser cannot send a key when it opens a page. `api.documentation` takes both away.
 */
export async function addDocumentation(app: App, { version, documentation = true }: Pick<ApiParts, "version" | "documentation">): Promise<void> {
  app.addHook("onRoute", (route) => {
    const { body, consumes } = route.schema ?? {};
    if (body === undefined && consumes) route.schema = { ...route.schema, ...{ "x-file": consumes } };
  });
  await app.register(swagger, {
    transformObject: (document) => {
      if (!("openapiObject" in document)) return document.swaggerObject;
      completeDocument(document.openapiObject as ApiDocument);
      return document.openapiObject;
    },
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Carillon",
        version,
        description: "Lists, contacts, campaigns and their attempts. Errors are problem documents (RFC 9457) with a stable `code`.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: carillon_…" } } },
      security: [{ key: [] }],
      tags: [
        { name: "lists", description: "Contact lists, the people on them, and imports" },
        { name: "compliance", description: "Who may not be contacted, who has agreed, how often, and why somebody was not" },
        { name: "privacy", description: "What is kept of people: told, forgotten, and for how long it stays" },
        { name: "strategies", description: "Passes over several channels, the campaigns that carry them out, and events from outside" },
        { name: "campaigns", description: "Who is contacted by which channel, how fast, with which script or template" },
        { name: "scripts", description: "Call flows, version by version" },
        { name: "prompts", description: "Recordings that call flows play, version by version" },
        { name: "templates", description: "What is written, version by version" },
        { name: "attempts", description: "What became of every call and message" },
        { name: "messages", description: "SMS, what people answered, and reports of delivery" },
        { name: "email", description: "E-mails, and what came back" },
        { name: "agents", description: "Who talks, in which group, and whom they call back" },
        { name: "trunks", description: "Ways out to the telephone network, and caller ids" },
        { name: "numbers", description: "Numbers of ours that people call" },
        { name: "servers", description: "FreeSWITCH and drachtio" },
        { name: "reports", description: "What it came to" },
        { name: "access", description: "Who may do what, and who did" },
        { name: "webhooks", description: "Systems that are told what happens here, and the stream of it" },
        { name: "operation", description: "How Carillon is" },
      ],
    },
  });
  if (!documentation) return;
  // One look at the page asks for a dozen files, which are the same for everybody and in memory.
  app.addHook("onRoute", (route) => {
    if (route.url === "/docs" || route.url.startsWith("/docs/")) route.config = { ...route.config, rateLimit: false };
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: true,
    // Plain HTTP on this machine: a browser told to upgrade would not find the page's own parts. The page has no base of its own.
    transformStaticCSP: (header) => header.replace("upgrade-insecure-requests;", "").replace(/base-uri [^;]*/, "base-uri 'none'"),
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
}
