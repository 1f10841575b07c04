import { randomBytes } from "node:crypto";
import t from "tap";
import { authenticate, issueKey } from "../../src/access/access-engine.ts";
import { type ApiKey, hashKey, isKeyText, keyBytes, keyText } from "../../src/access/key.ts";
import type { KeyStore } from "../../src/access/ports.ts";
import { Fault } from "../../src/kernel/fault.ts";

/** A store that counts how often it was asked. */
function memoryStore(): KeyStore & { readonly rows: ApiKey[]; asked: number } {
  const rows: ApiKey[] = [];
  return {
    rows,
    asked: 0,
    async add({ name, hash, agentId }) {
      const key = { id: String(rows.length + 1), name, hash, createdAt: 0, revokedAt: undefined, agentId };
      rows.push(key);
      return key;
    },
    async findByHash(hash) {
      this.asked++;
      return rows.find((key) => key.hash === hash);
    },
    async revoke(id) {
      const at = rows.findIndex((key) => key.id === id);
      const key = rows[at];
      if (key === undefined) return false;
      rows[at] = { ...key, revokedAt: 1 };
      return true;
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
