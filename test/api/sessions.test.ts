import { randomUUID } from "node:crypto";
import t from "tap";
import { longestMs } from "../../src/access/login.ts";
import { PostgresLoginGuard, PostgresSessionStore } from "../../src/adapter/postgres/repository/session-store.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { until } from "../harness/far-side.ts";
import { as, invite, login, password, worldOf } from "./people-kit.ts";

t.test("people log in, are known by a cookie, and log out", async (t) => {
  const w = await worldOf(t);
  const ann = await invite(w, "ann", "admin");
  t.match(ann, { status: 204, made: { status: 201, body: { name: "ann", role: "admin", active: true } } });
  t.equal((await invite(w, "ann", "admin")).made.status, 409);
  t.match(
    (await w.app.inject({ method: "POST", url: "/api/v1/invitations", payload: { invitation: ann.made.body["invitation"], password } })).json(),
    {
      code: "invitation-unknown",
    },
  );
  const in1 = await login(w, "ann");
  t.match(in1, { status: 200, setCookie: /^__Host-carillon=[\w-]{43}; Max-Age=43\d{3}; Path=\/; Secure; HttpOnly; SameSite=Strict$/ });
  const in2 = await login(w, "ann");
  t.not(in1.cookie, in2.cookie, "each login has a session of its own");
  t.match(await as(w, in1, "GET", "/api/v1/me"), { status: 200, body: { kind: "user", name: "ann", role: "admin", csrfToken: in1.csrf } });
  t.equal((await as(w, in1, "POST", "/api/v1/groups", { name: "Sales" })).status, 201);

  await t.test("a change wants the token of the session, from a page of ours", async (t) => {
    for (const headers of [
      {},
      { "x-csrf-token": in2.csrf },
      { "x-csrf-token": in1.csrf, "sec-fetch-site": "cross-site" },
      { "x-csrf-token": in1.csrf, "sec-fetch-site": "same-site" },
    ]) {
      const answer = await w.app.inject({
        method: "POST",
        url: "/api/v1/groups",
        headers: { cookie: in1.cookie, ...headers },
        payload: { name: "Evil" },
      });
      t.match([answer.statusCode, answer.json()], [403, { code: "csrf" }], JSON.stringify(headers));
    }
    t.equal((await w.app.inject({ url: "/api/v1/groups", headers: { cookie: in1.cookie } })).statusCode, 200, "looking does not");
  });

  const list = (await as(w, in1, "GET", "/api/v1/sessions")).body["items"];
  t.match(list, [{ current: true, address: "127.0.0.1" }, { current: false }]);
  const forgotten = { "set-cookie": /^__Host-carillon=; Max-Age=0;/, "clear-site-data": '"cache", "storage"' };
  t.match(await as(w, in1, "DELETE", "/api/v1/session"), { status: 204, headers: forgotten });
  t.equal((await as(w, in1, "GET", "/api/v1/me")).status, 401, "a session that has ended opens nothing");
  const in3 = await login(w, "ann");
  const [there] = ((await as(w, in3, "GET", "/api/v1/sessions")).body["items"] as { id: string; current: boolean }[]).filter(
    ({ current }) => !current,
  );
  const ways = [`/api/v1/sessions/${there?.id}/end`, "/api/v1/sessions/end"];
  for (const url of ways) {
    t.match(await as(w, in3, "POST", url, {}), { status: 400, body: { code: "request-invalid" } });
    t.match(await as(w, in3, "POST", url, { password: "not the right one" }), { status: 401 }, "others are not kept out by whoever finds one open");
  }
  t.equal((await as(w, in2, "GET", "/api/v1/me")).status, 200);
  t.match(await as(w, in3, "POST", ways[0] ?? "", { password }), { status: 204 });
  t.equal((await as(w, in2, "GET", "/api/v1/me")).status, 401, "a session is ended from another one");
  t.match((await as(w, in3, "POST", "/api/v1/sessions/end", { password })).body, { ended: 1 });
  for (const person of [in2, in3]) t.equal((await as(w, person, "GET", "/api/v1/me")).status, 401, "nor any after a logout everywhere");
  t.match(await w.ask("GET", "/api/v1/sessions"), { status: 403 }, "a key has none");

  const in4 = await login(w, "ann");
  const changed = await as(w, in4, "PUT", "/api/v1/me/password", { password, newPassword: "quite another row of words" });
  t.match(changed, { status: 200, headers: { "set-cookie": /^__Host-carillon=/ } });
  t.equal((await as(w, in4, "GET", "/api/v1/me")).status, 401, "with another password the session is another one");
  t.equal((await login(w, "ann")).status, 401, "and the old one holds no more");
  const log = JSON.stringify((await w.ask("GET", "/api/v1/audit?limit=500")).body.items);
  for (const secret of [password, "quite another", in4.csrf, String(ann.made.body["invitation"])])
    t.notMatch(log, secret, "no secret is in the audit log");
  t.match(log, /"actor":"ann","action":"POST \/api\/v1\/session"/);
  const { rows } = await w.stores.pool.query(
    "select (select json_agg(u) from user_account u)::text || (select coalesce(json_agg(s), '[]') from user_session s)::text as all",
  );
  for (const secret of [password, in4.cookie.split("=")[1] ?? "x"]) t.notMatch(String(rows[0]?.all), secret, "nor in the database");
});

t.test("what somebody may do is changed, and they log in anew", async (t) => {
  const w = await worldOf(t);
  const { id: groupId } = await w.stores.agents.addGroup("Sales", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
  const bob = await invite(w, "bob", "supervisor", { groupIds: [groupId] });
  const session = await login(w, "bob");
  t.equal((await as(w, session, "GET", "/api/v1/users")).status, 403);
  t.match((await as(w, session, "GET", "/api/v1/me")).body, { role: "supervisor", groupIds: [groupId] });
  t.match(await w.ask("PATCH", `/api/v1/users/${bob.id}`, { groupIds: ["4711"] }), { status: 404, body: { code: "group-unknown" } });
  t.match(await w.ask("PATCH", `/api/v1/users/${bob.id}`, { role: "agent", groupIds: null }), { status: 422, body: { code: "access-invalid" } });
  t.match(await w.ask("PATCH", `/api/v1/users/${bob.id}`, { role: "read-only", groupIds: null }), { status: 200, body: { role: "read-only" } });
  t.equal((await as(w, session, "GET", "/api/v1/me")).status, 401);
  t.match(await w.ask("POST", "/api/v1/users", { name: "eve", role: "owner" }), { status: 403 }, "an administrator makes no owner");
  t.match(await w.ask("POST", "/api/v1/keys", { name: "eve", role: "owner" }), { status: 403 });
  t.match(await w.ask("PATCH", `/api/v1/users/${bob.id}`, { role: "owner" }), { status: 403 });

  const owner = await w.stores.users.add({ name: "olga", role: "owner", groupIds: undefined, createdBy: "test" });
  t.match(await w.ask("PATCH", `/api/v1/users/${owner.id}`, { active: false }), { status: 403 });
  await t.rejects(w.stores.users.change(owner.id, { active: false }), { code: "user-last-owner" });
  await t.rejects(w.stores.users.change(owner.id, { role: "admin" }), { code: "user-last-owner" });

  const again = await login(w, "bob");
  t.match(await w.ask("PATCH", `/api/v1/users/${bob.id}`, { active: false }), { body: { active: false } });
  t.equal((await as(w, again, "GET", "/api/v1/me")).status, 401);
  t.match(await login(w, "bob"), { status: 401, body: { code: "login-refused" } });
  t.match(await w.ask("POST", "/api/v1/users", { name: "Bad Name", role: "admin" }), { status: 422, body: { code: "user-name" } });
});

t.test("whoever guesses waits, and does not learn whether there is such an account", async (t) => {
  const w = await worldOf(t);
  await invite(w, "ann", "admin");
  const tried = async (name: string, wrong = "a wrong password") => {
    const answer = await w.app.inject({ method: "POST", url: "/api/v1/session", payload: { name, password: wrong } });
    return { status: answer.statusCode, wait: Number(answer.headers["retry-after"] ?? 0), ...answer.json<Record<string, unknown>>() };
  };
  const [ann, nobody] = [await tried("ann"), await tried("nobody")];
  t.same(ann, nobody, "one answer for both");
  t.match(ann, { status: 401, code: "login-refused" });
  for (const name of ["ann", "nobody"]) {
    const statuses: number[] = [];
    // However slow the machine is: each failure makes the wait longer, until it is longer than a try takes.
    while (statuses.at(-1) !== 429 && statuses.length < 25) statuses.push((await tried(name)).status);
    t.match(statuses.join(), /^401,401,401(,401)+,429$/, `${name}: ${statuses.join()}`);
  }
  await w.stores.pool.query("update login_failure set blocked_until = now() + interval '1 hour'");
  const right = await tried("ann", password);
  t.match(right, { status: 429, code: "rate-limited", detail: /wait \d+ s/ }, "nor does the right one open then");
  t.ok(right.wait > 3000 && right.wait <= 3600, `${right.wait} s to wait are told`);
});

t.test("a login that is under way while the password is changed begins no session, or one that ends with it", async (t) => {
  const { pool, users } = (await worldOf(t)).stores;
  const { id: userId } = await users.add({ name: "ann", role: "admin", groupIds: undefined, createdBy: "test" });
  await users.setPassword(userId, "old");
  const session = (password: string) => ({ hash: randomUUID(), userId, expiresAt: Date.now() + 60_000, address: "a", browser: "b", password });
  const slow = await pool.connect();
  try {
    await slow.query("begin");
    const begun = await new PostgresSessionStore({ query: slow.query.bind(slow), connect: pool.connect.bind(pool) }, systemClock).add(session("old"));
    t.equal(begun, true);
    const changing = users.setPassword(userId, "new");
    const waits = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await until(async () => (await pool.query(waits)).rowCount === 1, "the change to wait for the session");
    await slow.query("commit");
    await changing;
  } finally {
    slow.release();
  }
  t.same(await new PostgresSessionStore(pool, systemClock).list(userId), []);
  t.equal(await new PostgresSessionStore(pool, systemClock).add(session("old")), false);
});

t.test("whoever guesses elsewhere keeps nobody out of where they have logged in", async (t) => {
  const w = await worldOf(t);
  await invite(w, "ann", "admin");
  const tried = async (remoteAddress: string, given = "a wrong password") =>
    (await w.app.inject({ method: "POST", url: "/api/v1/session", payload: { name: "ann", password: given }, remoteAddress })).statusCode;
  t.equal(await tried("192.0.2.1", password), 200);
  t.equal(await tried("198.51.100.1"), 401);
  await w.stores.pool.query("update login_failure set failures = 900, blocked_until = now() + interval '1 hour' where failures > 0");
  t.equal(await tried("198.51.100.1", password), 429);
  t.equal(await tried("198.51.100.2", password), 429, "whoever they are elsewhere, they wait");
  t.equal(await tried("192.0.2.1", password), 200, "where they have been, they get in");

  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 25) statuses.push(await tried("192.0.2.1"));
  t.match(statuses.join(), /^401,401,401,401(,401)+,429$/, "guessing there has its bounds, too");
  let now = Date.now();
  const guard = new PostgresLoginGuard(w.stores.pool, { now: () => now, after: () => ({ cancel() {} }) });
  await guard.succeed("ann", "192.0.2.1");
  for (const [days, known] of [
    [29, true],
    [31, false],
  ] as const) {
    now = Date.now() + days * 86_400_000;
    await guard.begin("account", "somebody");
    t.equal((await guard.beginAt("ann", "192.0.2.1")) !== "stranger", known, `after ${days} days`);
  }
});

t.test("sessions end by themselves, and waits double", async (t) => {
  const w = await worldOf(t);
  let now = Date.parse("2026-11-23T08:00:00Z");
  const clock = { now: () => now, after: () => ({ cancel() {} }) };
  const sessions = new PostgresSessionStore(w.stores.pool, clock);
  const user = await w.stores.users.add({ name: "ann", role: "admin", groupIds: undefined, createdBy: "test" });
  const add = (hash: string) => sessions.add({ hash, userId: user.id, expiresAt: now + longestMs, address: "a", browser: "b", password: undefined });
  await add("idle");
  now += 31 * 60_000;
  t.equal(await sessions.find("idle"), undefined, "half an hour without a request");
  await add("busy");
  const begun = now;
  for (; now < begun + longestMs; now += 20 * 60_000) if (!(await sessions.find("busy"))) t.fail(`ended after ${now - begun} ms`);
  t.equal(await sessions.find("busy"), undefined, "and twelve hours in any case");

  const guard = new PostgresLoginGuard(w.stores.pool, clock);
  const waits: number[] = [];
  for (let failures = 0; failures < 20; failures += 1) {
    const until = await guard.begin("account", "ann");
    if (until === undefined) continue;
    waits.push((until - now) / 1000);
    now = until;
  }
  t.same(waits.slice(0, 5), [1, 2, 4, 8, 16]);
  now += 20 * 60_000;
  const all = await Promise.all(Array.from({ length: 30 }, () => guard.begin("account", "bob")));
  t.equal(all.filter((each) => each === undefined).length, 5, "many at once are no more than one after the other");
  await guard.succeed("bob", "192.0.2.1");
  t.equal(await guard.begin("account", "bob"), undefined, "whoever gets in begins anew");
});
