import { createHash } from "node:crypto";
import { join } from "node:path";
import t from "tap";
import { base32, codeAt, stepOf } from "../../src/access/totp.ts";
import { as, invite, login, password, settings, worldOf } from "./people-kit.ts";
import { world } from "./world.ts";

/** RFC 4648 §6, backwards. */
function bytesOf(base32Text: string): Buffer {
  const bits = Array.from(base32Text, (letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

t.test("a second factor is asked for, holds once, and can be recovered", async (t) => {
  const w = await worldOf(t);
  const { id } = await invite(w, "ann", "admin");
  const first = await login(w, "ann");
  const begun = await as(w, first, "POST", "/api/v1/me/second-factor", { password });
  t.match(begun, { status: 200, body: { secret: /^[A-Z2-7]{32}$/, uri: /^otpauth:/ } });
  t.equal((await login(w, "ann")).status, 200, "it is not in force before a code was given");
  const sealed = (await w.stores.users.find(id))?.sealedSeed ?? "";
  t.match(sealed, /^v1\./, "its seed is kept sealed");
  const secret = String(begun.body["secret"]);
  const seed = bytesOf(secret);
  t.equal(base32(seed), secret);
  const code = () => codeAt(seed, stepOf(Date.now()));
  t.match(await as(w, first, "POST", "/api/v1/me/second-factor/confirm", { code: "000000" === code() ? "000001" : "000000" }), { status: 401 });
  // The step of the confirming code is taken as well: the clock's hand may move between, so the codes are made by hand.
  const confirmed = await as(w, first, "POST", "/api/v1/me/second-factor/confirm", { code: code() });
  const recovery = confirmed.body["recoveryCodes"] as string[];
  t.equal(recovery.length, 10);
  t.match(await login(w, "ann"), { status: 401, body: { code: "second-factor-needed" } });
  const taken = (await w.stores.users.find(id))?.lastStep ?? 0;
  t.match(await login(w, "ann", { code: codeAt(seed, taken) }), { status: 401, body: { code: "login-refused" } }, "a code holds once");
  t.equal((await login(w, "ann", { code: codeAt(seed, taken + 1) })).status, 200, "the next one is taken");
  t.equal((await login(w, "ann", { code: codeAt(seed, taken + 1) })).status, 401, "once");
  t.equal((await login(w, "ann", { code: recovery[0]?.toLowerCase() ?? "" })).status, 200, "a recovery code opens");
  t.equal((await login(w, "ann", { code: recovery[0] ?? "" })).status, 401, "once");
  const last = await login(w, "ann", { code: recovery[1] ?? "" });
  const own = "/api/v1/me";
  const newPassword = "another row of words";
  for (const [code, wanted] of [
    [undefined, "second-factor-needed"],
    [recovery[1], "login-refused"],
  ] as const) {
    const again = { password, ...(code !== undefined && { code }) };
    t.match(
      await as(w, last, "POST", `${own}/second-factor/remove`, again),
      { status: 401, body: { code: wanted } },
      "both factors are asked for again",
    );
    t.match(await as(w, last, "PUT", `${own}/password`, { ...again, newPassword }), { status: 401, body: { code: wanted } });
  }
  t.match(await as(w, last, "PUT", `${own}/password`, { password, code: recovery[3], newPassword: "carillon1234" }), { status: 422 });
  const nowhere = await as(w, last, "POST", "/api/v1/sessions/999/end", { password, code: recovery[3] });
  t.match(nowhere, { status: 404 }, "a password that nobody may choose has spent no code");
  t.equal((await login(w, "ann", { code: recovery[3] ?? "" })).status, 401, "a code is spent, whatever became of what it was given for");
  const removed = await as(w, last, "POST", `${own}/second-factor/remove`, { password, code: recovery[2] });
  t.match(removed, { status: 204, headers: { "set-cookie": /Max-Age=0/, "clear-site-data": '"cache", "storage"' } });
  t.equal((await login(w, "ann")).status, 200);
});

t.test("an administrator helps whoever forgot their password", async (t) => {
  const w = await worldOf(t);
  const { id } = await invite(w, "ann", "admin");
  const first = await login(w, "ann");
  const seed = bytesOf(String((await as(w, first, "POST", "/api/v1/me/second-factor", { password })).body["secret"]));
  const confirmed = await as(w, first, "POST", "/api/v1/me/second-factor/confirm", { code: codeAt(seed, stepOf(Date.now())) });
  const [recovery = ""] = confirmed.body["recoveryCodes"] as string[];

  await t.test("administrators end somebody's sessions", async (t) => {
    t.match(await w.ask("POST", `/api/v1/users/${id}/sessions/end`), { status: 200, body: { name: "ann" } });
    t.equal((await as(w, first, "GET", "/api/v1/me")).status, 401);
  });

  await t.test("an invitation does not take the second factor away", async (t) => {
    const again = await w.ask("POST", `/api/v1/users/${id}/invitation`);
    t.match(await login(w, "ann", { code: recovery }), { status: 401, body: { code: "login-refused" } }, "the old password holds no more");
    const payload = { invitation: again.body["invitation"], password: "five other words in a row" };
    t.equal((await w.app.inject({ method: "POST", url: "/api/v1/invitations", payload })).statusCode, 204);
    t.match(await login(w, "ann", { password: payload.password }), { status: 401, body: { code: "second-factor-needed" } });
    // Nor does the new one run out by itself.
    await w.stores.pool.query("update user_account set password_at = now() - interval '10 years'");
    t.equal((await login(w, "ann", { password: payload.password, code: recovery })).status, 200);
  });

  await t.test("every login is in the log, and what was wrong with it", async (t) => {
    await login(w, "ann", { password: "five other words in a row", code: "000000x" });
    await login(w, "nobody");
    await w.ask("PATCH", `/api/v1/users/${id}`, { active: false });
    await login(w, "ann", { password: "five other words in a row" });
    const lines = w.noticed.filter(({ message }) => /login|logged in/.test(String(message)));
    const from = { address: "127.0.0.1" };
    t.match(lines, [
      { message: "somebody has logged in", user: id, factors: "password", ...from },
      { message: "a login was refused", user: id, wrong: "password", ...from },
      { message: "somebody has logged in", user: id, factors: "password and code" },
      { message: "a login was refused", user: id, wrong: "code" },
      { message: "a login was refused", user: "unknown", wrong: "password" },
      { message: "a login was refused", user: id, wrong: "not active" },
    ]);
    t.equal(lines.length, 6);
    for (const secret of [password, "five other words", recovery, "nobody"]) t.notMatch(JSON.stringify(lines), secret);
  });
});

t.test("where everybody needs a second factor, nothing is done without one", async (t) => {
  const sha1 = createHash("sha1").update("my cats are called Ada and Bob").digest("hex");
  const leaked = join(t.testdir({ "leaked.txt": `${sha1}:1\n` }), "leaked.txt");
  const access = { "access.secondFactor": "required", "access.passwordWords": ["Meridian"], "access.leakedPasswords": leaked };
  const w = await world(t, {}, { ...settings, ...access });
  const bea = await w.ask("POST", "/api/v1/users", { name: "bea.lindqvist", role: "admin" });
  const choose = async (chosen: string) => {
    const { invitation } = bea.body;
    const answer = await w.app.inject({ method: "POST", url: "/api/v1/invitations", payload: { invitation, password: chosen } });
    return { status: answer.statusCode, ...(answer.body === "" ? {} : answer.json<object>()) };
  };
  for (const weak of ["Meridian-2026!", "Lindqvist-1984!", "1qaz2wsx3edc", "my cats are called Ada and Bob"])
    t.match(await choose(weak), { status: 422, code: "password-weak" }, `${weak}; and the invitation is not spent`);
  t.match(await choose(password), { status: 204 });
  const session = await login(w, "bea.lindqvist");
  for (const [method, url] of [
    ["GET", "/api/v1/lists"],
    ["POST", "/api/v1/groups"],
    ["GET", "/metrics"],
  ] as const)
    t.match(await as(w, session, method, url, method === "POST" ? { name: "Sales" } : undefined), {
      status: 403,
      body: { code: "second-factor-missing" },
    });
  t.match(await as(w, session, "GET", "/api/v1/me"), { status: 200 });
  const begun = await as(w, session, "POST", "/api/v1/me/second-factor", { password });
  const seed = bytesOf(String(begun.body["secret"]));
  t.equal((await as(w, session, "GET", "/api/v1/lists")).status, 403, "nor with one that is not confirmed");
  t.match(await as(w, session, "POST", "/api/v1/me/second-factor/confirm", { code: codeAt(seed, stepOf(Date.now())) }), { status: 200 });
  t.equal((await as(w, session, "GET", "/api/v1/lists")).status, 200);
  t.equal((await w.ask("GET", "/api/v1/lists")).status, 200, "programs have keys");
});
