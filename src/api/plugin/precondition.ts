import { hash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { Fault } from "../../kernel/fault.ts";
import type { App } from "../parts.ts";
import { textInside } from "./inner-request.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Lets the next change of the same thing begin; set while this one was let begin. */
    letNext: (() => void) | undefined;
  }
  interface FastifyInstance {
    /** The path at which the thing is shown that a request changes, or that itself; undefined for what makes or moves something. */
    thingOf(request: FastifyRequest): string | undefined;
  }
}

const changing = new Set(["PUT", "PATCH", "DELETE"]);

/**
 * Where the thing is shown that a change is of: at its own path, or at that of what it is a part of (the group whose member is changed).
 * @param shows whether that path is read by GET
 * @returns undefined where nothing is shown that could have been read before
 */
export function shownAt(path: string, shows: (path: string) => boolean): string | undefined {
  if (shows(path)) return path;
  const parts = path.split("/");
  for (let most = parts.length - 1; most > 0; most -= 1) {
    const above = parts.slice(0, most).join("/");
    if (/[:{]/.test(parts[most - 1] ?? "") && shows(above)) return above;
  }
  return undefined;
}

/**
 * What may be changed has an ETag (RFC 9110 §8.8.3) where it is read, of all that is shown of it; a change with If-Match (§13.1.1) is refused when it
 * has another one by then. Changes of the same thing wait for each other: those with If-Match on a node here, so that they take no connection meanwhile, and all of them, over
 * all nodes, in the database (`Change.hold`). Must be added before any route, and after what asks who somebody is.
 */
export function addPreconditions(app: App): void {
  const read = new Set<string>();
  const changed = new Set<string>();
  /** Of each route that changes something, the one that shows it; known when all routes are. */
  const shown = new Map<string, string>();
  app.decorateRequest("letNext", undefined);
  app.addHook("onRoute", ({ url, method }) => {
    for (const each of [method].flat()) (each === "GET" ? read : changing.has(each) ? changed : undefined)?.add(url);
  });
  app.addHook("onReady", (done) => {
    for (const url of changed) {
      const place = shownAt(url, (path) => read.has(path));
      if (place !== undefined) shown.set(url, place);
    }
    changeable = new Set(shown.values());
    done();
  });
  let changeable: ReadonlySet<string> = new Set();

  app.addHook("onSend", (request, reply, payload, done) => {
    if (request.method === "GET" && reply.statusCode === 200 && typeof payload === "string" && changeable.has(request.route.url ?? ""))
      reply.header("etag", tagOf(payload));
    done();
  });

  app.decorate("thingOf", (request) => {
    if (!changing.has(request.method)) return undefined;
    const [asked = ""] = request.url.split("?");
    const { url = "" } = request.route;
    return asked
      .split("/")
      .slice(0, (shown.get(url) ?? url).split("/").length)
      .join("/");
  });

  const last = new Map<string, Promise<void>>();
  app.addHook("preHandler", (request, _reply, done) => {
    const wanted = request.headers["if-match"];
    const path = wanted === undefined ? undefined : app.thingOf(request);
    return wanted === undefined || path === undefined ? done() : holdAgainst(request, path, wanted);
  });
  const holdAgainst = async (request: FastifyRequest, path: string, wanted: string) => {
    const before = last.get(path);
    const done = Promise.withResolvers<void>();
    last.set(path, done.promise);
    request.letNext = () => {
      if (last.get(path) === done.promise) last.delete(path);
      done.resolve();
    };
    await before;
    await request.change?.hold();
    // As whoever asks would be shown it.
    const present = request.caller && (await textInside(app, request.caller, path));
    const tags = wanted.split(",").map((tag) => tag.trim());
    if (present === undefined || !(tags.includes("*") || tags.includes(tagOf(present))))
      throw new Fault(
        "precondition-failed",
        "It is not any more, or not yet, as If-Match says: read it again, and send the change with its new ETag.",
      );
  };
  // When it has been kept, or undone: whoever asked may have gone away by then, and no response ever goes out.
  app.addHook("onSend", (request, _reply, _payload, done) => {
    request.letNext?.();
    done();
  });
}

function tagOf(text: string): string {
  return `"${hash("sha256", text, "base64url").slice(0, 22)}"`;
}
