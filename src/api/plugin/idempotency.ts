import { createHash, type Hash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { type Caller, callerKey } from "../../access/role.ts";
import { Fault } from "../../kernel/fault.ts";
import type { RequestKey } from "../answer-ports.ts";
import type { ApiParts, App } from "../parts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set while a request with an Idempotency-Key is worked on for the first time. */
    kept: { readonly key: RequestKey; readonly request: () => string | undefined } | undefined;
  }
}

const header = "idempotency-key";
const headersSchema = Type.Object({
  [header]: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: "^[\\x21-\\x7e]+$",
      description:
        "Any text of your own, new for each thing you want. The same request with the same key within 24 hours does nothing and gets the first answer again, unless that held a secret.",
    }),
  ),
});
/** Headers of an answer that belong to it and not to the connection. */
const keptHeaders = ["content-type", "location"] as const;

/**
 * A POST that is sent again with the same Idempotency-Key is not done again (draft-ietf-httpapi-idempotency-key-header-07): it gets
 * the first answer, also from another node and after a restart. What failed by our own fault (5xx) may be tried again with the key.
 * Must be added before any route.
 */
export async function addIdempotency(app: App, { answers, log }: ApiParts): Promise<void> {
  app.decorateRequest("kept", undefined);
  app.addHook("onRoute", (route) => {
    if (route.method === "POST") route.schema = { ...route.schema, headers: headersSchema };
  });

  app.addHook("preHandler", (request, reply, done) => {
    const key = request.headers[header];
    return request.method !== "POST" || typeof key !== "string" || request.caller === undefined ? done() : take(request, reply, key, request.caller);
  });
  const take = async (request: FastifyRequest, reply: FastifyReply, key: string, caller: Caller) => {
    const owner = { owner: callerKey(caller), key };
    const hash = createHash("sha256").update(`${request.method} ${request.url}\n`);
    const { body } = request;
    const streamed = body instanceof Readable;
    if (!streamed) hash.update(JSON.stringify(body, withoutPassword) ?? "");
    const known = await answers.take(owner, streamed ? "" : hash.copy().digest("hex"));
    if (known.state === "busy")
      throw new Fault("idempotency-key-busy", "A request with this Idempotency-Key is being worked on; ask again when it has been answered.");
    if (known.state === "taken") {
      const passing = streamed ? hashing(body, hash) : { body, request: () => hash.copy().digest("hex") };
      request.body = passing.body;
      request.kept = { key: owner, request: passing.request };
      return;
    }
    if (streamed) for await (const chunk of body) hash.update(chunk);
    if (hash.digest("hex") !== known.request)
      throw new Fault("idempotency-key-reused", "This Idempotency-Key belongs to another request; give each thing you want a key of its own.");
    const { status, headers, body: text } = known.answer;
    // Serialized already.
    return reply
      .code(status)
      .headers({ ...headers, "idempotency-replayed": "true" })
      .serializer(String)
      .send(text);
  };

  app.addHook("onSend", (request, reply, payload, done) => (request.kept === undefined ? done() : keep(request.kept, request, reply, payload)));
  const keep = async (kept: NonNullable<FastifyRequest["kept"]>, request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    request.kept = undefined;
    const whole = kept.request();
    try {
      // An answer to half a file would be no answer to the whole one; a secret is told once, and kept nowhere.
      const secret = reply.getHeader("cache-control") === "no-store";
      if (secret || reply.statusCode >= 500 || reply.statusCode === 429 || whole === undefined || typeof payload !== "string")
        await answers.giveBack(kept.key);
      else await answers.keep(kept.key, whole, { status: reply.statusCode, headers: headersOf(reply), body: payload });
    } catch (error) {
      // It was done, and whoever asked learns so.
      log.error({ err: error, route: request.route.url }, "an answer could not be kept for its Idempotency-Key");
    }
    return payload;
  };
}

/** Of passwords nothing is kept, not even a hash: weak ones could be found out with it. */
function withoutPassword(name: string, value: unknown): unknown {
  return /^(password|newPassword|code|invitation)$/.test(name) ? null : value;
}

/** The same body, whose hash is known once all of it has passed. */
function hashing(body: Readable, hash: Hash): { readonly body: Readable; readonly request: () => string | undefined } {
  let request: string | undefined;
  const passing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
    flush(done) {
      request = hash.digest("hex");
      done();
    },
  });
  // Not a pipeline: that would end the connection, and with it the answer, when the import stops reading.
  body.pipe(passing);
  body.on("error", (error) => passing.destroy(error));
  // Whoever reads it hears of it; where nobody does, it must not end the process.
  passing.on("error", () => undefined);
  body.once("close", () => {
    if (!body.readableEnded) passing.destroy(new Error("the sender went away in the middle of the file"));
  });
  return { body: passing, request: () => request };
}

function headersOf(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(keptHeaders.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])));
}
