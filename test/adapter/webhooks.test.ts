import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { maxAnswerBytes } from "../../src/adapter/http/answer.ts";
import { sign } from "../../src/adapter/http/signature.ts";
import { HttpWebhooks, type WebhookOptions } from "../../src/adapter/http/webhooks.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { type Log, type LogFields, silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

/* A real HTTP server on loopback that answers well, and one that misbehaves in every way. */

const question = { attemptId: "7", step: "pay", idempotencyKey: "7:pay:1", amount: "240.00" };

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** A server; what `answer` does not end is ended with the test. */
async function serve(t: Test, answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const seen: Seen[] = [];
  const connections = new Set<Socket>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    seen.push({ method: request.method, path: request.url, headers: request.headers, text });
    answer(response, request);
  });
  let opened = 0;
  server.on("connection", (socket: Socket) => {
    opened += 1;
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    seen,
    connections,
    get opened() {
      return opened;
    },
  };
}

function open(
  t: Test,
  change: Partial<WebhookOptions> & { readonly url: string },
  { log = silentLog, clock = systemClock }: { readonly log?: Log; readonly clock?: Clock } = {},
): HttpWebhooks {
  const webhooks = new HttpWebhooks([{ name: "pay", method: "POST", timeoutMs: 5000, headers: [], maxConcurrent: 10, ...change }], clock, log);
  t.teardown(() => webhooks.close());
  return webhooks;
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

t.test("a question and its answer", async (t) => {
  const secret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
  const server = await serve(t, (response) => json(response, { result: "paid", payment: { id: 12 } }));
  const webhooks = open(t, { url: `${server.url}?tenant=a`, headers: ["Authorization: Bearer t0ken", "X-Empty:"], secret });
  t.same(webhooks.configured, ["pay"]);
  t.same(await webhooks.call("pay", question, 2000), { end: "answered", status: 200, body: { result: "paid", payment: { id: 12 } } });
  const [asked] = server.seen;
  t.match(asked, { method: "POST", path: "/hook?tenant=a", text: JSON.stringify(question) });
  t.match(asked?.headers, { authorization: "Bearer t0ken", "x-empty": "", "content-type": "application/json", "idempotency-key": '"7:pay:1"' });
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = asked?.headers ?? {};
  const wanted = createHmac("sha256", "0123456789abcdef0123456789abcdef").update(`${id}.${at}.${asked?.text}`).digest("base64");
  t.equal(signature, `v1,${wanted}`, "a receiver can check it with the key alone");
  t.equal(id, "7:pay:1");
  t.ok(Math.abs(Number(at) - Date.now() / 1000) < 60, "seconds");

  await webhooks.call("pay", question, 2000);
  t.equal(server.opened, 1, "the connection is used again");
  t.same(await webhooks.call("nobody", question, 2000), { end: "failed", reason: "no such webhook is configured" });
});

t.test("the signature of the specification", async (t) => {
  // The example of the Standard Webhooks specification's own libraries.
  const headers = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, '{"test": 2432232314}');
  t.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  t.equal(headers["webhook-timestamp"], "1614265330");
  t.equal(sign("any text that is long", "a.b", 0, "")["webhook-id"], "a_b");
});

t.test("any status, and JSON of any kind, is told", async (t) => {
  const cases: [number, string, string, unknown][] = [
    [201, "application/json; charset=utf-8", '{"a":1}', { a: 1 }],
    [200, "application/vnd.example+json", "[1]", [1]],
    [200, "Application/JSON", '"ok"', "ok"],
    [404, "text/html", "<p>no</p>", undefined],
    [500, "application/json", "{broken", undefined],
  ];
  for (const [status, type, text, body] of cases) {
    const server = await serve(t, (response) => response.writeHead(status, { "content-type": type }).end(text));
    t.same(await open(t, { url: server.url }).call("pay", question, 2000), { end: "answered", status, body }, `${status} ${type}`);
  }
});

t.test("whatever a server does, there is an end, and the question is asked once", async (t) => {
  const endless = (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/json" });
    const chunk = "1".repeat(10_000);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };
  const dribble = (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  };
  const ok = { "content-type": "application/json" };
  const bomb = gzipSync(Buffer.alloc(10_000_000, "1"));
  const cases: [string, (response: ServerResponse) => void, string | RegExp][] = [
    ["a slow body", dribble, "timeout"],
    ["no answer", () => {}, "timeout"],
    ["a head and nothing else", (response) => response.writeHead(200, ok).flushHeaders(), "timeout"],
    ["an endless body", endless, /longer than/],
    [
      "a body that is said to be long",
      (response) => response.writeHead(200, { ...ok, "content-length": maxAnswerBytes + 1 }).flushHeaders(),
      /longer/,
    ],
    ["an error with an endless body", (response) => endless(Object.assign(response, { statusCode: 500 })), /longer than/],
    ["a gzip bomb", (response) => response.writeHead(200, { ...ok, "content-encoding": "gzip" }).end(bomb), /compressed/],
    ["wrong JSON", (response) => response.writeHead(200, ok).end('{"result": paid}'), /not JSON/],
    ["no JSON at all", (response) => response.writeHead(200, { "content-type": "text/plain" }).end("paid"), /not JSON .content-type/],
    ["an empty answer", (response) => response.writeHead(204).end(), /not JSON .content-type/],
    ["bytes that are no UTF-8", (response) => response.writeHead(200, ok).end(Buffer.from([0x22, 0xff, 0xfe, 0x22])), /not JSON/],
    ["deep JSON", (response) => response.writeHead(200, ok).end("[".repeat(60_000)), /not JSON/],
    ["a redirect", (response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end(), /redirects are not followed/],
    ["a reset before the answer", (response) => void response.socket?.resetAndDestroy(), /ECONNRESET/],
    [
      "a reset in the middle",
      (response) => response.writeHead(200, { ...ok, "content-length": 100 }).write("{", () => response.socket?.resetAndDestroy()),
      /broke|ECONNRESET/,
    ],
    [
      "an end in the middle",
      (response) => response.writeHead(200, { ...ok, "content-length": 100 }).write("{", () => response.socket?.end()),
      /broke/,
    ],
    ["huge headers", (response) => response.writeHead(200, { ...ok, "x-big": "1".repeat(100_000) }).end("{}"), /OVERFLOW/],
  ];
  for (const [what, answer, wanted] of cases) {
    const server = await serve(t, answer);
    // Its time is over when the question has arrived: all else has its end however busy the machine is.
    const clock = new VirtualClock();
    const asked = open(t, { url: server.url, timeoutMs: 60_000 }, { clock }).call("pay", question, 60_000);
    await until(() => server.seen.length > 0, `${what}: the question`);
    if (wanted === "timeout") await clock.advance(60_000);
    const end = await asked;
    if (wanted === "timeout") t.same(end, { end: "timeout" }, what);
    else t.match(end, { end: "failed", reason: wanted }, what);
    t.equal(server.seen.length, 1, `${what}: asked once`);
    // After a whole answer, however bad, the connection may be used again.
    if (!String(wanted).includes("JSON")) await until(() => server.connections.size === 0, `${what}: the connection is let go`);
  }
});

t.test("a server that speaks no HTTP, or is not there", async (t) => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write("SIP/2.0 200 OK\r\n\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  t.match(await open(t, { url: `http://127.0.0.1:${port}/` }).call("pay", question, 2000), { end: "failed", reason: /HPE_/ });
  server.close();
  t.match(await open(t, { url: `https://127.0.0.1:${port}/` }).call("pay", question, 2000), { end: "failed" }, "no TLS there");
  t.match(await open(t, { url: "http://127.0.0.1:9/" }).call("pay", question, 2000), { end: "failed", reason: /ECONNREFUSED/ });
});

t.test("no more at once than configured; who waits is timed, and is not asked late", async (t) => {
  const waiting: ServerResponse[] = [];
  const server = await serve(t, (response) => void waiting.push(response));
  const webhooks = open(t, { url: server.url, maxConcurrent: 2 });
  const calls = Array.from({ length: 2 }, () => webhooks.call("pay", question, 5000));
  await until(() => waiting.length === 2, "two questions");
  t.same(await webhooks.call("pay", { ...question, step: "late" }, 100), { end: "timeout" }, "the third waits in vain");
  const fourth = webhooks.call("pay", { ...question, step: "fourth" }, 5000);
  for (const response of waiting.splice(0)) json(response, {});
  await until(() => waiting.length === 1, "the fourth");
  for (const response of waiting.splice(0)) json(response, {});
  t.ok((await Promise.all([...calls, fourth])).every(({ end }) => end === "answered"));
  t.notOk(
    server.seen.some(({ text }) => text.includes("late")),
    "what was given up before it left never leaves",
  );
});

t.test("what the configuration allows is the longest, and closing ends what is under way", async (t) => {
  const server = await serve(t, () => {});
  const clock = new VirtualClock();
  const configured = open(t, { url: server.url, timeoutMs: 100 }, { clock }).call("pay", question, 60_000);
  await until(() => server.seen.length === 1, "the first question");
  await clock.advance(100);
  t.same(await configured, { end: "timeout" });
  const webhooks = open(t, { url: server.url });
  const asked = webhooks.call("pay", question, 60_000);
  await until(() => server.seen.length === 2, "the question");
  webhooks.close();
  t.match(await asked, { end: "failed" });
});

t.test("secrets stay out of the log and of faults", async (t) => {
  const lines: LogFields[] = [];
  const keep = (fields: LogFields) => void lines.push(fields);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  const server = await serve(t, (response) => response.writeHead(200).end("s3cret-answer"));
  const webhooks = open(t, { url: `${server.url}?key=s3cret-1`, headers: ["X-Key: s3cret-2"], secret: "s3cret-3-s3cret-3" }, { log });
  await webhooks.call("pay", { ...question, card: "s3cret-4" }, 2000);
  t.match(lines, [{ webhook: "pay", key: "7:pay:1", end: "failed", reason: String }]);
  t.notMatch(JSON.stringify(lines), /s3cret/);
  for (const change of [
    { headers: ["X-Key s3cret"] },
    { headers: ["X: s3cret\r\nY: 1"] },
    { headers: ["Transfer-Encoding: s3cret"] },
    { url: "ftp://s3cret@h/" },
    { url: "s3cret" },
  ])
    t.throws(() => open(t, { url: server.url, ...change }), { code: "webhook-invalid", message: /^(?!.*s3cret)/ });
});
