import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { checkChosenPassword } from "../../src/access/known-password-engine.ts";
import { isLeaked } from "../../src/access/leaked-password-engine.ts";
import { blockMs, csrfToken, failureSubject, isCsrfToken, longestBlockMs } from "../../src/access/login.ts";
import { isKnownTo } from "../../src/access/password.ts";
import { hashPassword, isPassword } from "../../src/access/password-engine.ts";
import { checkGrant, mayChange } from "../../src/access/role.ts";
import { base32, codeAt, enrolmentUri, matchingStep, recoveryHash, recoveryText, stepOf } from "../../src/access/totp.ts";
import { sessionCookie, sessionOf } from "../../src/api/session-cookie.ts";

t.test("time-based codes are those of RFC 6238, and none holds twice", async (t) => {
  const seed = Buffer.from("12345678901234567890");
  // Appendix B, the SHA-1 column.
  for (const [seconds, code] of [
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ] as const)
    t.equal(codeAt(seed, stepOf(seconds * 1000), 8), code, String(seconds));
  const now = 1_111_111_111_000;
  const step = stepOf(now);
  for (const off of [-1, 0, 1]) t.equal(matchingStep(seed, codeAt(seed, step + off), now, undefined), step + off, `${off} steps off`);
  for (const off of [-2, 2]) t.equal(matchingStep(seed, codeAt(seed, step + off), now, undefined), undefined, `${off} steps off`);
  t.equal(matchingStep(seed, codeAt(seed, step), now, step), undefined, "the one that was taken");
  t.equal(matchingStep(seed, codeAt(seed, step - 1), now, step), undefined, "and one before it");
  for (const wrong of ["", "12345", "1234567", "abcdef", " 12345", "１２３４５６"])
    t.equal(matchingStep(seed, wrong, now, undefined), undefined, wrong);
  // RFC 4648 §10.
  t.equal(base32(Buffer.from("foobar")), "MZXW6YTBOI");
  t.equal(base32(Buffer.from("f")), "MY");
  t.match(
    enrolmentUri("ann@example.com", seed),
    /^otpauth:\/\/totp\/Carillon:ann%40example\.com\?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Carillon$/,
  );
  const code = recoveryText(Buffer.alloc(15, 0xa5));
  t.match(code, /^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
  t.equal(recoveryHash(code), recoveryHash(` ${code.toLowerCase().replaceAll("-", " ")} `), "however it is typed");
});

t.test("a password is kept as argon2id, and long enough", async (t) => {
  const hash = await hashPassword("correct horse battery");
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/, "with the costs of OWASP");
  t.not(hash, await hashPassword("correct horse battery"), "a salt of its own");
  t.equal(await isPassword("correct horse battery", hash), true);
  t.equal(await isPassword("correct horse batterz", hash), false);
  t.equal(await isPassword("correct horse battery", undefined), false, "nobody is there");
  t.equal(await isPassword("x", "$argon2id$v=19$m=19456,t=2,p=1$broken"), false);
  t.equal(await isPassword("cafe\u0301 on the corner", await hashPassword("caf\u00e9 on the corner")), true, "however the keyboard writes it");
});

t.test("a password is long, and none that is tried first here or anywhere", async (t) => {
  const choose = (password: string) => checkChosenPassword(password, "annabel.lee@example.com", { passwordWords: ["Meridian Bank", "meridian"] });
  for (const good of [
    "a few unrelated words",
    "the bank of no meridian anywhere",
    "x".repeat(11).concat("ÿ和 7"),
    "8392 7491 8273 64",
    `${"long ".repeat(25)}abc`,
  ])
    await t.resolves(choose(good), good);
  for (const [why, ...weak] of [
    [/12 to 128 characters/, "short", "elevenchars", "x".repeat(129)],
    [/tried first/, "aaaaaaaaaaaaaaa", "123456789012345", "Password12345", "carillon-2026!"],
    // From the top of the list, from its end, and with capitals.
    [/leaked/, "1qaz2wsx3edc", "q1w2e3r4t5y6", "Gearsofwar2012", "LeaveMeAlone"],
    [/does not hold the name/, "I am annabel.lee@example.com"],
    [/a word of this place/, "Meridian-2026!", "!!meridian bank!!", "Freeswitch 2026", "Supervisor#2026", "annabel-lee-1984", "9 Agent Campaign 9"],
  ] as const)
    for (const each of weak) await t.rejects(choose(each), { code: "password-weak", message: why }, each.slice(0, 20));
  t.equal(isKnownTo(Buffer.from("0000000001000000000200000000ff", "hex"), Buffer.from("0000000002aa", "hex")), true, "whatever comes behind");
  for (const none of ["0000000000", "0000000003", "ffffffffff"])
    t.equal(isKnownTo(Buffer.from("0000000001000000000200000000ff", "hex"), Buffer.from(none, "hex")), false, none);
});

t.test("a list of all that leaked is looked through by halves", async (t) => {
  const folder = t.testdir({});
  const sha1 = (text: string) => createHash("sha1").update(text).digest("hex").toUpperCase();
  const leaked = Array.from({ length: 500 }, (_, at) => `a password that leaked ${at}`);
  const lines = leaked.map((each, at) => `${sha1(each)}:${at * 37}`).sort();
  // As it is downloaded, without the last end of a line, and with nothing but hashes.
  for (const [form, text] of [
    lines.join("\r\n"),
    `${lines.join("\n")}\n`,
    lines.map((line) => line.slice(0, 40).toLowerCase()).join("\n"),
  ].entries()) {
    const path = join(folder, `${form}.txt`);
    writeFileSync(path, text);
    for (const each of leaked) if (!(await isLeaked(path, each))) t.fail(`${each} is not found in form ${form}`);
    for (const each of ["", "a password that leaked", "a password that leaked 500", "A password that leaked 1"])
      t.equal(await isLeaked(path, each), false, each);
  }
  const leakedPasswords = join(folder, "0.txt");
  await t.rejects(checkChosenPassword(leaked[7] ?? "", "ann", { passwordWords: [], leakedPasswords }), { code: "password-weak", message: /leaked/ });
  await t.resolves(checkChosenPassword("a password that nobody had", "ann", { passwordWords: [], leakedPasswords }));
  await t.rejects(checkChosenPassword("a password that nobody had", "ann", { passwordWords: [], leakedPasswords: join(folder, "none") }), {
    code: "ENOENT",
  });
  writeFileSync(join(folder, "empty.txt"), "");
  t.equal(await isLeaked(join(folder, "empty.txt"), "x"), false);
});

t.test("each failure makes the next try wait, up to a quarter of an hour", async (t) => {
  t.same(
    [1, 4, 5, 6, 7, 8].map((failures) => blockMs("account", failures)),
    [0, 0, 1000, 2000, 4000, 8000],
  );
  t.equal(blockMs("account", 10_000), longestBlockMs);
  t.equal(blockMs("address", 19), 0, "many people may sit behind one address");
  t.equal(failureSubject("account", "Ann"), failureSubject("account", "ann"));
  t.not(failureSubject("account", "ann"), failureSubject("address", "ann"));
});

t.test("cookies and tokens of a session", async (t) => {
  const token = "t".repeat(43);
  t.equal(sessionCookie(token, 60), `__Host-carillon=${token}; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict`);
  t.equal(sessionOf(`a=b; __Host-carillon=${token}; c=d`), token);
  for (const none of [undefined, "", "a=b", `x__Host-carillon=${token}`, `__Host-carillon=${token}; __Host-carillon=${"u".repeat(43)}`])
    t.equal(sessionOf(none), undefined, String(none).slice(0, 30));
  t.equal(isCsrfToken(token, csrfToken(token)), true);
  for (const wrong of ["", token, csrfToken("other"), `${csrfToken(token)}x`]) t.equal(isCsrfToken(token, wrong), false);
});

t.test("who gives what to whom", async (t) => {
  checkGrant({ role: "owner", groupIds: undefined }, { role: "owner" });
  checkGrant({ role: "agent", groupIds: ["1"] }, { role: "admin" });
  for (const [grant, by] of [
    [{ role: "owner", groupIds: undefined }, "admin"],
    [{ role: "read-only", groupIds: undefined }, "supervisor"],
  ] as const)
    t.throws(() => checkGrant(grant, { role: by }), { code: "forbidden" });
  t.throws(() => checkGrant({ role: "agent", groupIds: undefined }), { code: "access-invalid" });
  t.same([mayChange({ role: "owner" }, "owner"), mayChange({ role: "admin" }, "owner"), mayChange({ role: "admin" }, "admin")], [true, false, true]);
});
