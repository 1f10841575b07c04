import { Readable } from "node:stream";
import { Fault } from "../../kernel/fault.ts";
import type { App } from "../parts.ts";

/**
 * Takes a request that says it is JSON and has no body for one without a body: clients send the header with everything.
 * Where a body is wanted its schema says so, or this does where the schema is one for each content type: Fastify looks at none of them when the type is
 * another one, or not said. Of what HEAD asks for, a stream is not read to its end for nobody.
 */
export function addBodies(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, String(body), done);
  });

  app.addHook("onSend", ({ method }, _reply, payload, done) => {
    if (method !== "HEAD" || !(payload instanceof Readable)) return done();
    payload.destroy();
    done(null, Readable.from([]));
  });

  app.addHook("onRoute", (route) => {
    const schema = route.schema?.body;
    if (typeof schema !== "object" || schema === null || !("content" in schema)) return;
    const types = Object.keys(schema.content ?? {});
    const wanted = `Send ${types.join(" or ")} as the body.`;
    const own = route.preValidation === undefined ? [] : [route.preValidation].flat();
    route.preValidation = [
      ...own,
      ({ headers, body }, _reply, done) => {
        if (body === undefined) throw new Fault("request-invalid", `The body is missing. ${wanted}`);
        const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
        // A document under another of the names of its type is a text as well, and is read as one.
        if (body instanceof Readable || (typeof body !== "string" && !types.includes(type))) throw new Fault("media-type", wanted);
        done();
      },
    ];
  });
}
