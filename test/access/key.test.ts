import { randomBytes } from "node:crypto";
import t from "tap";
import { authenticate, issueKey } from "../../src/access/access-engine.ts";
import { type ApiKey, hashKey, isKeyText, keyBytes, keyText } from "../../src/access/key.ts";
import type { KeyStore } from "../../src/access/ports.ts";
import type { Role } from "../../src/access/role.ts";
import { Fault } from "../../src/kernel/fault.ts";

/** A store that counts how often it was asked. */
function memoryStore(): KeyStore & { readonly rows: ApiKey[]; asked: number } {
  const rows: ApiKey[] = [];
  return {
    rows,
    asked: 0,
    async add(wanted) {
      const key = { ...wanted, id: String(rows.length + 1), createdAt: 0, revokedAt: undefined, lastUsedAt: undefined };
      rows.push(key);
      return key;
    },
    async findByHash(hash) {
      this.asked++;
      return rows.find((key) => key.hash === hash && key.revokedAt === undefined);
    },
    async find(id) {
      return rows.find((key) => key.id === id);
    },
    async revoke(id) {
      const at = rows.findIndex((key) => key.id === id);
      const key = rows[at];
      if (key === undefined) return false;
      rows[at] = { ...key, revokedAt: 1 };
      return true;
    },
    async over(ids) {
      return new Set(rows.filter((key) => ids.includes(key.id) && key.revokedAt !== undefined).map(({ id }) => id));
    },
    async revokeOf(agentId) {
      for (const [at, key] of rows.entries()) if (key.agentId === agentId) rows[at] = { ...key, revokedAt: 1 };
    },
    async list() {
      return rows;
    },
  };
}

t.test("the text of a key", async (t) => {
  const text = keyText(randomBytes(keyBytes));
  t.match(text, /^carillon_[\w-]{43}$/);
  t.ok(isKeyText(text));
  t.ok(keyBytes * 8 >= 128);
  t.throws(() => keyText(randomBytes(8)), RangeError);
  for (const not of ["", "carillon_", `${text}x`, ` ${text}`, `${text}\n`, text.toUpperCase(), "carillon_' OR 1=1 --"])
    t.notOk(isKeyText(not), JSON.stringify(not));
  // FIPS 180-4, the one-block example.
  t.equal(hashKey("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

t.test("a key is shown once, kept as its hash, and holds until it is revoked", async (t) => {
  const store = memoryStore();
  const { key, text } = await issueKey(store, "reports");
  const other = await issueKey(store, "dialler");
  t.not(text, other.text);
  t.notMatch(JSON.stringify(store.rows), text.slice("carillon_".length), "the text is nowhere in the store");

  for (const header of [`Bearer ${text}`, `bearer ${text}`]) t.equal((await authenticate(store, header))?.id, key.id, header.slice(0, 7));
  const before = store.asked;
  const refused = [
    undefined,
    "",
    text,
    `Basic ${text}`,
    `Bearer  ${text}`,
    `Bearer ${text}, Bearer ${text}`,
    `Bearer ${text} `,
    "Bearer x",
    `Bearer ${"a".repeat(100_000)}`,
  ];
  for (const header of refused) t.equal(await authenticate(store, header), undefined, String(header).slice(0, 20));
  t.equal(store.asked, before, "what has not the form of a key never reaches the store");

  t.equal(await authenticate(store, `Bearer ${keyText(randomBytes(keyBytes))}`), undefined, "one of the right form that nobody was given");
  await store.revoke(key.id);
  t.equal(await authenticate(store, `Bearer ${text}`), undefined, "revoked");
  t.equal((await authenticate(store, `Bearer ${other.text}`))?.name, "dialler", "the other one holds on");

  for (const name of ["", "  ", "x".repeat(101)])
    await t.rejects(
      issueKey(store, name).catch((error: unknown) => Promise.reject(error instanceof Fault ? new Error(error.code) : error)),
      { message: "key-name" },
    );
});

t.test("a key is for a role, and nobody gives more than they have", async (t) => {
  const store = memoryStore();
  t.match((await issueKey(store, "crm")).key, { role: "admin", groupIds: undefined, expiresAt: undefined });
  t.match((await issueKey(store, "leader", { role: "supervisor", groupIds: ["4"], expiresAt: 5 })).key, {
    ...{ role: "supervisor", groupIds: ["4"], expiresAt: 5 },
  });
  t.match(
    (await issueKey(store, "Ann", { agentId: "7", role: "owner" })).key,
    { role: "agent", agentId: "7" },
    "an agent's key is one, whatever is asked for",
  );
  await t.rejects(issueKey(store, "x", { role: "agent" }), { code: "access-invalid" }, "an agent who sees everything");
  await t.rejects(issueKey(store, "x", { role: "admin", groupIds: ["4"] }), { code: "access-invalid" });
  const made = async (by: Role, role: Role) => (await issueKey(store, "x", { role }, { role: by })).key.role;
  t.equal(await made("owner", "owner"), "owner");
  t.equal(await made("admin", "admin"), "admin");
  await t.rejects(made("admin", "owner"), { code: "forbidden" });
  for (const role of ["supervisor", "author", "agent", "integrator", "read-only"] as const)
    await t.rejects(made(role, "read-only"), { code: "forbidden" }, role);
});
