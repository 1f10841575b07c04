import { randomBytes } from "node:crypto";
import t from "tap";
import { isSealedWith, nonceBytes, seal, sealKey, unseal } from "../../src/access/seal.ts";

const base64 = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const key = sealKey(base64(1));
const other = sealKey(base64(2));
const sealed = seal(key, "trunk a password", "pässword", Buffer.alloc(nonceBytes, 7));

t.test("what is sealed is opened with its key, at its place, unchanged, and not otherwise", async (t) => {
  t.equal(unseal([other, key], "trunk a password", sealed), "pässword");
  t.equal(unseal([other], "trunk a password", sealed), undefined, "another key");
  t.equal(unseal([key], "trunk b password", sealed), undefined, "another place");
  t.equal(unseal([{ ...other, id: key.id }], "trunk a password", sealed), undefined, "a key of the same id");
  for (let at = 0; at < sealed.length; at++) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    const opened = unseal([key], "trunk a password", changed);
    // The last letter of base64 has bits that count for nothing.
    if (opened !== undefined) t.equal(at, sealed.length - 1, `letter ${at} does not matter`);
  }
  for (const text of ["", "v1", "v1.x.y.z", `${sealed}.`, sealed.slice(0, 30), `v1.${key.id}.AAAAAAAAAAAAAAAA.`])
    t.equal(unseal([key], "trunk a password", text), undefined, text);
  t.ok(isSealedWith(key, sealed));
  t.notOk(isSealedWith(other, sealed));
});

t.test("nothing of the text or the key shows", async (t) => {
  t.notMatch(sealed, /p.ssword/);
  t.notMatch(Buffer.from(sealed.split(".").at(-1) ?? "", "base64url").toString("latin1"), /ssword/);
  t.not(seal(key, "trunk a password", "pässword", randomBytes(nonceBytes)), sealed);
  t.match(key.id, /^[0-9a-f]{8}$/);
  t.notMatch(Buffer.from(key.bytes).toString("hex"), key.id);
  t.throws(() => sealKey("c2hvcnQ="), RangeError);
});
