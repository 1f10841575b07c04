import { request } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { listen } from "../../src/api/app.ts";
import { examineAccess } from "../../src/command/doctor-access.ts";
import { loadConfig } from "../../src/config/load.ts";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import { webParts } from "../../src/start/web.ts";
import { asCsv, csv, world } from "./world.ts";

const proxy = "10.9.1.1";
const overTls = "max-age=31536000; includeSubDomains";

t.test("what a browser is told with every answer", async (t) => {
  const { app, ask, key, stores, noticed } = await world(t, { trustedProxies: ["10.9.0.0/16"], origins: ["https://desk.example.com"] });
  const authorization = `Bearer ${key}`;

  await t.test("nothing is kept on the way, framed, sniffed, or sent on", async (t) => {
    const { body } = await ask("POST", "/api/v1/lists?name=May", csv, asCsv);
    for (const url of [
      `/api/v1/lists/${body["listId"]}/contacts`,
      "/api/v1/me",
      "/api/v1/nothing",
      "/metrics",
      "/healthz",
      "/openapi.json",
      "/u/none",
    ]) {
      const { headers } = await ask("GET", url);
      t.match(headers, { "cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" }, url);
      for (const directive of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        t.match(headers["content-security-policy"], directive, url);
      t.match(headers["content-type"], /^(application\/(problem\+)?json|text\/(html|plain)); (version=0\.0\.4; )?charset=utf-8$/, url);
    }
    const page = await app.inject("/docs/static/");
    t.match(page.headers["content-security-policy"], /object-src 'none'/);
    t.match(page.headers["content-security-policy"], /base-uri 'none'/);
    t.match(page.headers["content-security-policy"], /script-src 'self'(?! 'unsafe-inline')/, "the page about the API runs its own scripts only");
    t.match(page.body, /<title>Swagger UI<\/title>/, "a folder shows its page, and is not listed");
  });

  await t.test("HTTPS from now on, where it came over HTTPS", async (t) => {
    const headersOf = async (remoteAddress: string, said?: string) =>
      (await app.inject({ url: "/healthz", remoteAddress, ...(said !== undefined && { headers: { "x-forwarded-proto": said } }) })).headers;
    t.equal((await headersOf(proxy, "https"))["strict-transport-security"], overTls);
    t.equal((await headersOf(proxy, "http, https"))["strict-transport-security"], overTls);
    for (const [from, said] of [
      [proxy, "http"],
      [proxy, "https, http"],
      [proxy, undefined],
      ["192.0.2.1", "https"],
    ] as const)
      t.notOk(Object.hasOwn(await headersOf(from, said), "strict-transport-security"), `${said} from ${from}`);
  });

  await t.test("no other origin, method or second value gets in", async (t) => {
    const traced = await app.inject({ method: "TRACE", url: "/api/v1/lists", headers: { authorization } });
    t.equal(traced.statusCode, 404);
    t.notMatch(traced.body, key);
    for (const url of ["/api/v1/lists?limit=1&limit=2", "/api/v1/lists?cursor=a&cursor=b", "/api/v1/lists?limit[]=1", "/api/v1/lists?limit=1%002"])
      t.match(await ask("GET", url), { status: 400, body: { code: "request-invalid" } }, url);
    t.match(await ask("POST", "/api/v1/groups?name=Query", {}), { status: 400 }, "what belongs into the body is not taken from elsewhere");
    const answer = await app.inject({ url: "/api/v1/lists", headers: { authorization, origin: "https://evil.example" } });
    t.notOk(Object.keys(answer.headers).some((name) => name.startsWith("access-control-")));
    const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}`;
    for (const [origin, opens] of [
      [url, true],
      ["https://desk.example.com", true],
      ["https://evil.example", false],
      ["https://desk.example.com.evil.example", false],
      ["null", false],
    ] as const)
      t.equal(await handshake(url, origin), opens ? 101 : 403, origin);
  });

  await t.test("what somebody wrote comes back as data, wherever it might be taken for more", async (t) => {
    const written = "</script><img src=x onerror=alert(1)>\"'\\\u2028{{7*7}}#{7*7}%0d%0aset-cookie: a=b";
    const made = await ask("POST", "/api/v1/groups", { name: written });
    t.match(made, { status: 201, body: { name: written }, headers: { location: /^\/api\/v1\/groups\/\d+$/ } });
    const shown = await ask("GET", "/api/v1/groups");
    t.ok(shown.body.items.some(({ name }) => name === written));
    t.match(shown.headers, { "content-type": /^application\/json/, "x-content-type-options": "nosniff" });
    const problem = await ask("GET", `/api/v1/groups/${encodeURIComponent("<b>\r\nset-cookie: a=b")}`);
    t.match(problem, { status: 400, headers: { "content-type": /^application\/problem\+json/ } });
    t.notOk(Object.hasOwn(problem.headers, "set-cookie"));
  });

  await t.test("whoever is refused is in the log, and what they sent is not", async (t) => {
    noticed.length = 0;
    const { text } = await issueKey(stores.keys, "reader\nof lists", { role: "read-only" });
    const from = { remoteAddress: "192.0.2.7" };
    await app.inject({ url: "/api/v1/lists", ...from });
    await app.inject({ url: "/api/v1/lists", ...from, headers: { authorization: "Bearer carillon_guess" } });
    await app.inject({ method: "POST", url: "/api/v1/groups", ...from, headers: { authorization: `Bearer ${text}` }, payload: { name: "x" } });
    await app.inject({ method: "POST", url: "/api/v1/groups", ...from, headers: { authorization }, payload: { nmae: "a secret of somebody" } });
    t.match(noticed, [
      { level: "info", status: 401, code: "unauthorized" },
      { level: "warn", status: 401, code: "unauthorized", route: "/api/v1/lists", address: "192.0.2.7", message: "a request was refused" },
      { level: "warn", status: 403, code: "forbidden", caller: "reader\nof lists", role: "read-only", address: "192.0.2.7" },
      { level: "info", status: 400, code: "request-invalid", caller: "test" },
    ]);
    t.notMatch(JSON.stringify(noticed), /guess|nmae|a secret/);
  });
});

t.test("with a certificate, HTTPS and nothing else", async (t) => {
  const { cert, key } = selfSigned("127.0.0.1", Date.now());
  const { app, key: apiKey } = await world(t, { tls: { cert, key }, documentation: false });
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const ask = (path: string) =>
    new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, ca: cert, headers: { authorization: `Bearer ${apiKey}` } }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, headers: response.headers });
      });
      sent.on("error", reject).end();
    });
  t.match(await ask("/healthz"), { status: 200, headers: { "strict-transport-security": overTls } });
  for (const path of ["/docs", "/docs/static/index.html", "/openapi.json"])
    t.equal((await ask(path)).status, 404, `${path} is not shown where that is not wanted`);
  const protocolOf = (maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
    new Promise<string>((resolve) => {
      const socket: TLSSocket = connect(
        { host: "127.0.0.1", port, ca: cert, minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT:@SECLEVEL=0" },
        () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        },
      );
      socket.on("error", ({ message }) => resolve(message));
    });
  t.match(await protocolOf("TLSv1.3"), /^TLSv1\.3 TLS_(AES_256_GCM|AES_128_GCM|CHACHA20)/, "the newest is preferred");
  t.match(await protocolOf("TLSv1.2"), /^TLSv1\.2 ECDHE-ECDSA-/, "with forward secrecy");
  t.match(await protocolOf("TLSv1.1"), /alert|version|disconnected/i, "and nothing older");
  const clear = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  t.notOk(clear?.ok, "in the clear there is no answer");
});

t.test("what the configuration may not say of it", async (t) => {
  const { cert, key } = selfSigned("127.0.0.1", Date.now());
  const load = (flags: Record<string, unknown>) => loadConfig({ env: {}, flags, purpose: "admin" });
  t.match(load({ "api.certificate": cert, "api.certificateKey": key }).api, { certificate: cert });
  t.throws(() => load({ "api.certificate": cert }), { code: "config-invalid", message: /certificateKey: is missing/ });
  t.throws(() => load({ "access.secondFactor": "required" }), { code: "config-invalid", message: /secret\.key/ });
  const { cert: other } = selfSigned("127.0.0.1", Date.now());
  for (const wrong of [other, "no certificate"])
    t.throws(() => webParts(load({ "api.certificate": wrong, "api.certificateKey": key })), {
      code: "api-certificate",
      message: /api\.certificate and/,
    });
  t.throws(() => load({ "api.origins": ["https://desk.example.com/path"] }), { code: "config-invalid", message: /origin/ });
});

t.test("carillon doctor tells whether the way to the API can be read by others", async (t) => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const { cert, key } = selfSigned("127.0.0.1", now);
  const told = (flags: Record<string, unknown>, at = now) => {
    const clock = { ...systemClock, now: () => at };
    return examineAccess(loadConfig({ env: {}, flags, purpose: "admin" }), clock)[0];
  };
  t.match(told({}), { grade: "ok", seen: /this machine only/ });
  t.match(told({ "api.host": "0.0.0.0" }), { grade: "warning", seen: /in the clear/, advice: /api\.certificate/ });
  t.match(told({ "api.host": "10.0.0.7", "api.trustedProxies": ["10.0.0.0/24"] }), { grade: "ok", seen: /proxies at 10\.0\.0\.0\/24/ });
  const own = { "api.host": "0.0.0.0", "api.certificate": cert, "api.certificateKey": key };
  const dayMs = 86_400_000;
  t.match(told(own), { grade: "ok", seen: /30 more days|29 more days/ });
  t.match(told(own, now + 20 * dayMs), { grade: "warning", advice: /renewed/ });
  t.match(told(own, now + 40 * dayMs), { grade: "fault", seen: /holds from/ });
  t.match(told({ ...own, "api.certificateKey": "none" }), { grade: "fault", advice: /will not start/ });
});

/** The status that opening the agents' WebSocket is answered with. */
async function handshake(url: string, origin: string): Promise<number | undefined> {
  const { request: ask } = await import("node:http");
  const headers = {
    origin,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "MDEyMzQ1Njc4OTAxMjM0NQ==",
  };
  return await new Promise((resolve, reject) => {
    const sent = ask(`${url}/api/v1/agent`, { headers, agent: false });
    sent.on("response", (response) => resolve(response.resume().statusCode));
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}
