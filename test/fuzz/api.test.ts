import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import t from "tap";
import { listen } from "../../src/api/app.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { csv, script, world } from "../api/world.ts";
import { type HostileRequest, hostile, type Operation } from "./api-requests.ts";

/*
 * A server that runs, and requests from its own document with something in each that does not belong there. None of them may be answered with
 * a fault of ours, and the server is as it was afterwards. FUZZ_REQUESTS=10000 FUZZ_SEED=… makes more, and others, than the few of every run.
 */

const seed = Number(process.env["FUZZ_SEED"] ?? 20_261_123);
const requests = Number(process.env["FUZZ_REQUESTS"] ?? 1_000);
const atOnce = 16;
t.setTimeout(280_000 + requests * 100);

/** What is said of parts that need daemons. */
const away = async (): Promise<never> => missing();
function missing(): never {
  throw new Fault("trunk-unknown", "There is no such thing here.");
}

function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = document as {
    paths: Record<string, Record<string, { parameters?: Operation["parameters"]; requestBody?: { content?: object } }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const content = Object.entries(requestBody?.content ?? {}) as [string, { example?: unknown; schema?: object }][];
      const bodies = content.map(([type, { example, schema = {} }]) => [type, example, schema] as const);
      return { method, path, parameters, bodies };
    }),
  );
}

t.test(`${requests} hostile requests (seed ${seed})`, async (t) => {
  const none = { all: () => [], find: missing, add: away, change: away, remove: away };
  const trunkControl = { ...none, reseal: away, reload: away };
  const w = await world(t, { trunkControl, routes: none, pools: none, textTests: { send: away }, servers: { servers: async () => [], drain: away } });
  const { app, ask, key, logged } = w;
  const operations = operationsOf((await ask("GET", "/openapi.json")).body);
  const { body: list } = await ask("POST", "/api/v1/lists?name=people", csv, { "content-type": "text/csv" });
  await ask("POST", "/api/v1/scripts", script, { "content-type": "application/yaml" });
  await ask("POST", "/api/v1/agents", { name: "ann" });
  await ask("POST", "/api/v1/groups", { name: "desk" });
  t.ok(list["listId"] ?? list["id"], JSON.stringify(list));
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const random = seededRandom(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  t.teardown(() => agent.destroy());
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  // The stream of events does not end, and what ends the server's own keys would end the test.
  const usable = operations.filter(({ path, method }) => path !== "/api/v1/stream" && !(path.includes("/keys/") && method !== "get"));
  let left = requests;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const operation = usable[Math.floor(random.next() * usable.length)];
      if (!operation) return;
      const sent = hostile(operation, random, key, ["1", "2", "3", "999999"]);
      let { status, text } = await send(agent, port, sent);
      // A connection that the server closes behind a refusal is lost to whoever uses it next.
      for (let again = 0; status === 0 && again < 3; again++) ({ status, text } = await send(new Agent(), port, sent));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500 && !/"unavailable"/.test(text))
        faults.push(`${sent.method} ${sent.path} ${sent.body?.toString("utf8").slice(0, 300)} → ${status} ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const told = new Map(logged.map((each) => [`${each["route"]} ${each["error"]}`, each]));
  t.same([...told.values()].slice(0, 20), [], `nothing is logged as a fault of ours (seed ${seed})`);
  t.same(faults.slice(0, 10), [], `nothing is answered as one (seed ${seed})`);
  const answered = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  t.comment(answered.join(", "));
  t.notOk(statuses.has(0), "each is answered");
  t.ok((statuses.get(400) ?? 0) > requests / 10 && [...statuses.keys()].some((status) => status < 300), "they come past the first look");
  t.equal((await ask("GET", "/healthz")).status, 200, "the server is well");
  t.equal(Object.getOwnPropertyNames(Object.prototype).includes("admin"), false, "no prototype was reached");

  for (const raw of smuggled) {
    const said = await sendRaw(port, raw.replaceAll("KEY", key));
    t.match(said, /^(HTTP\/1\.1 (2|4)\d\d |$)/, JSON.stringify(raw.slice(0, 80)));
    t.notMatch(said, /\r\nx-injected:/i);
  }
  t.equal((await ask("GET", "/healthz")).status, 200, "and is well still");
});

/** Never rejects: a connection that breaks is status 0. */
function send(agent: Agent, port: number, { method, path, headers, body }: HostileRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      agent,
      method: method.toUpperCase(),
      path,
      headers: { ...headers, "content-length": body?.length ?? 0 },
    });
    // 413 may come before all has been sent.
    let answered = false;
    request.on("response", (response) => {
      answered = true;
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", () => undefined);
      response.on("close", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, text: "" });
    });
    request.on("error", () => answered || resolve({ status: isEarly(body, path) ? 413 : 0, text: "" }));
    request.end(body);
  });
}

/** Of what is too long the connection may be closed before the answer was read. */
function isEarly(body: Buffer | undefined, path: string): boolean {
  return (body?.length ?? 0) > 64 * 1024 || path.length > 8000;
}

/** Requests as no HTTP library sends them (RFC 9112 §11.2). */
const smuggled = [
  "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
  "POST /api/v1/groups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /api/v1/groups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\nTransfer-Encoding: chunked, identity\r\n\r\nzz\r\n",
  "POST /api/v1/groups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\nContent-Length: -1\r\n\r\n",
  "GET /api/v1/lists HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\nX: a\r\n folded\r\n\r\n",
  "GET /api/v1/lists\u0000 HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET http://evil.example/api/v1/lists HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer KEY\r\n\r\n",
  `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  `GET /healthz HTTP/1.1\r\nHost: a\r\n${"X-A: b\r\n".repeat(3000)}\r\n`,
  "GET /healthz HTTP/9.9\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "TRACE /api/v1/lists HTTP/1.1\r\nHost: a\r\n\r\n",
  "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n",
  "\u0016\u0003\u0001\u0002\u0000\u0001",
];

/** What comes back until the server closes, or a whole head has come. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(text, "latin1")));
    socket.setEncoding("latin1").on("data", (chunk) => {
      said += chunk;
      if (said.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(said));
  });
}
