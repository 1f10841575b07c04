import { connect, createServer } from "node:net";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { listen } from "../../src/api/app.ts";
import { readCursor, writeCursor } from "../../src/api/cursor.ts";
import { problemCodes, toProblem } from "../../src/api/problem.ts";
import { loadConfig } from "../../src/config/load.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { asCsv, world } from "./world.ts";

t.test("on a real socket", async (t) => {
  const { app, key, nextImport } = await world(t);
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${port}`;
  const authorization = `Bearer ${key}`;
  t.equal((await fetch(`${origin}/healthz`)).status, 200);

  // A list larger than any buffer, sent as it is made.
  const rows = 20_000;
  const encoder = new TextEncoder();
  let row = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (row === 0) controller.enqueue(encoder.encode("phone,note\n"));
      for (let batch = 0; batch < 500 && row < rows; batch++, row++)
        controller.enqueue(encoder.encode(`+1212${5_000_000 + row},${"x".repeat(100)}\n`));
      if (row === rows) controller.close();
    },
  });
  const big = await fetch(`${origin}/api/v1/lists?name=Big`, { method: "POST", headers: { authorization, ...asCsv }, body, duplex: "half" });
  t.match(await big.json(), { read: rows, accepted: rows, rejected: 0 });

  // A sender that goes away in the middle leaves nothing behind.
  const begun = nextImport();
  const sender = connect(port, "127.0.0.1", () => {
    const head = `POST /api/v1/lists?name=Half HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nIdempotency-Key: half\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\n`;
    sender.write(`${head}phone\n+12125550101\n+12125550102\n`);
  });
  const { end } = await begun;
  sender.destroy();
  await t.rejects(end, { code: "import-broken-off" });
  // And may send it again, all of it, with the same key.
  const headers = { authorization, "idempotency-key": "half", ...asCsv };
  const again = () => fetch(`${origin}/api/v1/lists?name=Half`, { method: "POST", headers, body: "phone\n+12125550101\n" });
  let answer = await again();
  while (answer.status === 409) answer = await again();
  t.equal(answer.status, 201);
  const names = ((await (await fetch(`${origin}/api/v1/lists`, { headers: { authorization } })).json()) as { items: { name: string }[] }).items.map(
    ({ name }) => name,
  );
  t.same(names.sort(), ["Big", "Half"]);

  // Damage on the wire: one answer or none, and the server lives on.
  for (const junk of [
    "\0\x01\x02 junk\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
    "POST /api/v1/campaigns HTTP/1.1\r\nContent-Length: -4\r\n\r\n",
  ]) {
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(junk));
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
      });
      socket.once("error", () => {});
      socket.once("close", () => resolve(text));
    });
    t.match(answer, /^(HTTP\/1\.1 4\d\d |$)/, JSON.stringify(junk.slice(0, 20)));
  }
  t.equal((await fetch(`${origin}/healthz`)).status, 200);
});

t.test("limits, per key and per address", async (t) => {
  const { app, ask, stores } = await world(t, { maxRequestsPerMinute: 5 });
  const statuses: number[] = [];
  for (let request = 0; request < 7; request++) statuses.push((await ask("GET", "/api/v1/lists")).status);
  t.same(statuses, [200, 200, 200, 200, 200, 429, 429]);
  t.match(await ask("GET", "/api/v1/lists"), { body: { code: "rate-limited" }, headers: { "retry-after": /\d+/ } });
  t.equal((await ask("POST", "/api/v1/campaigns/999999/stop")).status, 404, "to stop must always be possible");
  const other = await issueKey(stores.keys, "other");
  t.equal((await ask("GET", "/api/v1/lists", undefined, { authorization: `Bearer ${other.text}` })).status, 200, "another key has its own");
  await stores.keys.revoke(other.key.id);
  t.equal((await ask("GET", "/api/v1/lists", undefined, { authorization: `Bearer ${other.text}` })).status, 401, "a revoked one is out at once");
  let guesses = 0;
  while ((await app.inject({ url: "/api/v1/lists", headers: { authorization: "Bearer guess" } })).statusCode === 401 && guesses < 100) guesses++;
  t.ok(guesses < 40, `${guesses} wrong keys a minute, then no more`);
});

t.test("behind proxies of ours, the address is that of whoever asks them", async (t) => {
  const { app, ask, key } = await world(t, { trustedProxies: ["10.9.0.0/16", "fd00::/8"], maxRequestsPerMinute: 100_000 });
  const originOf = async (remoteAddress: string, said?: string | string[]) => {
    const headers = { authorization: `Bearer ${key}`, ...(said !== undefined && { "x-forwarded-for": said }) };
    count += 1;
    const group = await app.inject({ method: "POST", url: "/api/v1/groups", remoteAddress, headers, payload: { name: `g${count}` } });
    t.equal(group.statusCode, 201);
    return (await ask("GET", "/api/v1/audit?limit=500")).body.items.at(-1)?.["origin"];
  };
  let count = 0;
  t.equal(await originOf("10.9.1.1", "203.0.113.7"), "203.0.113.7");
  t.equal(await originOf("10.9.1.1", "198.51.100.1, 203.0.113.7"), "203.0.113.7", "what stood there before anybody can have written");
  t.equal(await originOf("10.9.1.1", "198.51.100.1, 203.0.113.7, 10.9.2.2"), "203.0.113.7", "through two of them");
  t.equal(await originOf("::ffff:10.9.1.1", "::ffff:203.0.113.7"), "203.0.113.7", "over a socket of both kinds");
  t.equal(await originOf("fd00::1", "2001:db8::7"), "2001:db8::7");
  t.equal(await originOf("192.0.2.1", "203.0.113.7"), "192.0.2.1", "nobody else is believed");
  t.equal(await originOf("10.9.1.1"), "10.9.1.1");
  for (const junk of ["' or 1", "203.0.113.7:80", "unknown", ",,,", "10.9.2.2,"])
    t.match(await originOf("10.9.1.1", junk), /^10\.9\.(1\.1|2\.2)$/, junk);
  // Who guesses is stopped, not whoever comes through the same proxy.
  const guess = async (said: string) =>
    (await app.inject({ url: "/api/v1/lists", remoteAddress: "10.9.1.1", headers: { authorization: "Bearer guess", "x-forwarded-for": said } }))
      .statusCode;
  let guesses = 0;
  while ((await guess("203.0.113.66")) === 401 && guesses < 100) guesses++;
  t.ok(guesses < 40, `${guesses} wrong keys`);
  t.equal(await guess("203.0.113.67"), 401, "another one has guessed nothing yet");
});

t.test("proxies are named by their networks, and nobody is everybody", async (t) => {
  const load = (network: string) => loadConfig({ env: { CARILLON_API_TRUSTED_PROXIES: network }, flags: {}, purpose: "admin" });
  t.same(load("10.9.0.0/16").api.trustedProxies, ["10.9.0.0/16"]);
  for (const wrong of ["10.9.0.0/33", "999.1.1.1/8", "0.0.0.0/0", "::/0", "proxy.example.com"])
    t.throws(() => load(wrong), { code: "config-invalid", message: /trustedProxies/ }, wrong);
});

t.test("a process that is too busy says so, and still takes an order to stop", async (t) => {
  // Any event loop is later than this; the first measurement is a second away.
  let at = systemClock.now();
  const clock = { ...systemClock, now: () => at };
  const { ask, app } = await world(t, { maxEventLoopDelayMs: 1e-9, clock });
  // While a server begins it refuses nothing.
  at += 60_000;
  let answer = await ask("GET", "/api/v1/lists");
  while (answer.status === 200) answer = await ask("GET", "/api/v1/lists");
  t.match(answer, { status: 503, body: { code: "overloaded" }, headers: { "retry-after": "5" } });
  for (const order of ["pause", "stop"]) t.equal((await ask("POST", `/api/v1/campaigns/999999/${order}`)).status, 404, order);
  t.equal((await ask("POST", "/api/v1/campaigns/999999/start")).status, 503, "a start can wait");
  const many = (order: string) => ask("POST", "/api/v1/campaign-orders", { order, campaignIds: ["999999"] });
  for (const order of ["pause", "stop"]) t.match(await many(order), { status: 200, body: { items: [{ status: 404 }] } }, `${order} many`);
  for (const order of ["start", "resume"]) t.match(await many(order), { status: 503, body: { code: "overloaded" } }, `${order} many`);
  t.equal((await app.inject("/healthz")).statusCode, 200);
});

t.test("a failure of ours is told as one, and not in its words", async (t) => {
  const reject = (error: Error) => () => Promise.reject(error);
  const lists = {
    lists: reject(new Error("relation secret_table")),
    list: reject(new Fault("database-away", "10.0.0.9 refused", { retryable: true })),
    contacts: reject(new Error()),
    contact: reject(new Error()),
  };
  const { ask, logged } = await world(t, { lists });
  const internal = await ask("GET", "/api/v1/lists");
  t.match(internal, { status: 500, body: { code: "internal" } });
  const away = await ask("GET", "/api/v1/lists/1");
  t.match(away, { status: 503, body: { code: "unavailable" }, headers: { "retry-after": "5" } });
  t.notMatch(internal.text + away.text, /secret_table|10\.0\.0\.9/);
  t.match(logged, [{ error: "relation secret_table", route: "/api/v1/lists" }, { error: "10.0.0.9 refused" }]);
});

t.test("a port in use gives one clear line", async (t) => {
  const { app } = await world(t);
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  t.teardown(() => holder.close());
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await t.rejects(listen(app, { host: "127.0.0.1", port }), {
    code: "api-port-in-use",
    message: `Port ${port} on 127.0.0.1 is in use by another program; give api.port another one.`,
  });
});

t.test("cursors and problems", async (t) => {
  for (const id of ["1", "42", "9".repeat(18)]) t.equal(readCursor(writeCursor(id)), id);
  for (const wrong of [
    "",
    "x",
    writeCursor("0"),
    writeCursor("-1"),
    writeCursor("1; drop"),
    `${writeCursor("1")}=`,
    Buffer.from("after:1\n").toString("base64url"),
  ])
    t.throws(() => readCursor(wrong), { code: "cursor-invalid" }, JSON.stringify(wrong));
  for (const code of problemCodes) {
    const problem = toProblem(new Fault(code, "words"));
    t.match(problem, { code, type: `urn:carillon:problem:${code}` });
    t.ok(problem.status >= 400 && problem.status < 600, code);
  }
  t.equal(toProblem(new Fault("constructor", "x")).code, "internal", "no way into the table's prototype");
});
