import type { App } from "../parts.ts";

/**
 * Takes a request that says it is JSON and has no body for one without a body: clients send the header with everything.
 * Where a body is wanted its schema says so.
 */
export function addBodies(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, String(body), done);
  });
}
