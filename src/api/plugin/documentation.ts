import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { App } from "../parts.ts";

/**
 * The API document (OpenAPI 3.1) at /openapi.json and a page that shows it at /docs. Both are open: they say what
 * Carillon is, nothing of what it holds, and a browser cannot send a key when it opens a page.
 */
export async function addDocumentation(app: App, version: string): Promise<void> {
  await app.register(swagger, {
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
        { name: "lists", description: "Contact lists and the people on them" },
        { name: "scripts", description: "Call flows, version by version" },
        { name: "campaigns", description: "Who calls which list, how fast, with which script" },
        { name: "attempts", description: "What became of every call" },
        { name: "agents", description: "Who talks, in which group, and whom they call back" },
        { name: "operation", description: "How Carillon is" },
      ],
    },
  });
  app.addHook("onRoute", (route) => {
    if (route.url === "/docs" || route.url.startsWith("/docs/")) route.config = { ...route.config, open: true, rateLimit: false };
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: true,
    // Plain HTTP on this machine: a browser told to upgrade would not find the page's own parts.
    transformStaticCSP: (header) => header.replace("upgrade-insecure-requests;", ""),
  });
  app.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, () => app.swagger());
}
