import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import type { Role } from "../../src/access/role.ts";
import { asCsv, csv, world } from "./world.ts";

t.setTimeout(280_000);

/* One test for each item of the OWASP API Security Top 10 (2023), by its name. More stand behind most of them: docs/security.md. */
t.test("OWASP API Top 10 (2023)", async (t) => {
  const { app, ask, stores, key } = await world(t, {}, { "secret.key": Buffer.alloc(32, 7).toString("base64") });
  const bearer = async (role: Role, groupIds?: readonly string[]) => {
    const { text } = await issueKey(stores.keys, role, { role, ...(groupIds && { groupIds }) });
    return { authorization: `Bearer ${text}` };
  };
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  const contactId = String((await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items[0]?.["id"]);
  const { id: groupId } = await stores.agents.addGroup("Other", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });

  await t.test("API1 broken object level authorization: another group's contact is not there", async (t) => {
    const foreign = await bearer("agent", [groupId]);
    const there = await ask("GET", `/api/v1/contacts/${contactId}`, undefined, foreign);
    const nowhere = await ask("GET", "/api/v1/contacts/999999", undefined, foreign);
    t.match(there, { status: 404, body: { code: "contact-unknown" } });
    t.equal(there.text.replaceAll(contactId, "ID"), nowhere.text.replaceAll("999999", "ID"), "in the very words of what is not there");
    t.equal((await ask("GET", `/api/v1/contacts/${contactId}`)).status, 200);
  });

  await t.test("API2 broken authentication: nothing but a whole key that holds opens", async (t) => {
    for (const authorization of ["", "Bearer", `Bearer ${key}x`, `Bearer ${key.slice(0, -1)}`, `Basic ${key}`, key]) {
      const answer = await app.inject({ url: "/api/v1/lists", headers: { authorization } });
      t.equal(answer.statusCode, 401, authorization.slice(0, 12));
    }
    t.equal(
      (await app.inject({ url: "/api/v1/lists", headers: { cookie: `__Host-carillon=${"x".repeat(43)}` } })).statusCode,
      401,
      "a made-up session",
    );
    t.equal((await app.inject({ url: `/api/v1/lists?key=${key}` })).statusCode, 401, "nor does a key in the address");
  });

  await t.test("API3 broken object property level authorization: no unknown property is taken, no secret shown", async (t) => {
    const answer = await ask("POST", "/api/v1/keys", { name: "x", role: "read-only", agentId: "1", hash: "f".repeat(64) });
    t.match(answer, { status: 400, body: { code: "request-invalid" } });
    t.notMatch((await ask("GET", "/api/v1/keys")).text, /hash|carillon_/);
    t.match(await ask("POST", "/api/v1/groups", { name: "G", id: "7" }), { status: 400 });
  });

  await t.test("API4 unrestricted resource consumption: bodies, pages and requests are bounded", async (t) => {
    t.equal((await ask("POST", "/api/v1/groups", { name: "x".repeat(70_000) })).status, 413);
    t.equal((await ask("GET", "/api/v1/lists?limit=100000")).status, 400);
    let statuses = 0;
    while ((await app.inject({ url: "/api/v1/lists", headers: { authorization: "Bearer guess" } })).statusCode === 401 && statuses < 100)
      statuses += 1;
    t.ok(statuses < 40, "whoever guesses keys is stopped");
  });

  await t.test("API5 broken function level authorization: a role does what its line says", async (t) => {
    const reader = await bearer("read-only");
    t.equal((await ask("GET", "/api/v1/lists", undefined, reader)).status, 200);
    for (const [method, url] of [
      ["POST", "/api/v1/groups"],
      ["DELETE", `/api/v1/contacts/${contactId}`],
      ["GET", "/api/v1/keys"],
      ["POST", "/api/v1/users"],
      ["GET", "/api/v1/audit"],
    ] as const)
      t.match(await ask(method, url, undefined, reader), { status: 403, body: { code: "forbidden" } }, `${method} ${url}`);
    t.equal((await ask("GET", `/api/v1/contacts/${contactId}`)).status, 200, "and nothing was done");
  });

  await t.test("API6 unrestricted access to sensitive business flows: sent again, a request is done once", async (t) => {
    const once = { "idempotency-key": "flow" };
    const answers = await Promise.all([1, 2].map(() => ask("POST", "/api/v1/groups", { name: "Once" }, once)));
    t.ok(answers.some(({ status }) => status === 201));
    t.equal((await ask("GET", "/api/v1/groups")).body.items.filter(({ name }) => name === "Once").length, 1);
  });

  await t.test("API7 server side request forgery: no webhook leads into the own network", async (t) => {
    const named = (url: string) => ask("POST", "/api/v1/webhooks", { name: "inside", url, events: ["campaign.changed"] });
    for (const url of [
      "http://169.254.169.254/latest",
      "https://127.0.0.1/x",
      "https://[::1]/x",
      "https://[::ffff:10.0.0.7]/x",
      "https://10.0.0.7/x",
    ])
      t.match(await named(url), { status: 422, body: { code: "webhook-invalid", detail: /url is not taken: \S+ is no public address/ } }, url);
    t.match(await named("file:///etc/passwd"), { status: 400, body: { code: "request-invalid" } });
    t.equal((await named("https://192.0.43.10/x")).status, 201, "one that leads outside is taken");
  });

  await t.test("API8 security misconfiguration: headers, and errors that tell nothing of the inside", async (t) => {
    const { headers } = await ask("GET", "/api/v1/lists");
    t.match(headers, { "content-security-policy": /default-src 'none'/, "x-content-type-options": "nosniff", "x-frame-options": /./ });
    t.notOk(Object.hasOwn(headers, "access-control-allow-origin"), "no other origin is let in");
    t.notOk(Object.hasOwn(headers, "x-powered-by"));
    const preflight = await app.inject({ method: "OPTIONS", url: "/api/v1/lists", headers: { origin: "https://evil.example" } });
    t.ok(preflight.statusCode >= 400, "nor asked");
    t.notMatch((await ask("GET", "/api/v1/nothing")).text, /node_modules|at \w+ \(/);
  });

  await t.test("API9 improper inventory management: every route is in the document with its roles", async (t) => {
    const { paths } = app.swagger() as unknown as { paths: Record<string, Record<string, { "x-roles"?: string[]; security?: unknown[] }>> };
    let seen = 0;
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, told] of Object.entries(methods)) {
        seen += 1;
        t.ok(told["x-roles"] !== undefined || told.security?.length === 0, `${method} ${path} says who may use it`);
      }
    }
    t.ok(seen > 150);
  });

  await t.test("API10 unsafe consumption of APIs: what comes from outside is held against its form", async (t) => {
    for (const body of ['{"name":"x","__proto__":{"role":"owner"}}', '{"name":"x","constructor":{}}', '{"name":', "[]", "null", '"x"']) {
      const { status } = await ask("POST", "/api/v1/groups", body, { "content-type": "application/json" });
      t.equal(status, 400, body);
    }
  });
});
