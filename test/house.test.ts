import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import t from "tap";

const root = resolve(import.meta.dirname, "..");

/** Runs the project's own import rules over a small house made for it. */
function cruise(files: Readonly<Record<string, string>>): { readonly code: number | null; readonly output: string } {
  const house = mkdtempSync(join(tmpdir(), "carillon-house-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), text);
    }
    const run = spawnSync(
      process.execPath,
      [join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"), "--config", join(root, ".dependency-cruiser.cjs"), "src"],
      { cwd: house, encoding: "utf8" },
    );
    return { code: run.status, output: run.stdout + run.stderr };
  } finally {
    rmSync(house, { recursive: true });
  }
}

t.test("the import rules hold what they promise", async (t) => {
  const value = "export const value = 1;\n";
  const taking = (from: string) => `import { value } from "${from}";\nexport const twice = value * 2;\n`;
  const fine = cruise({ "src/kernel/a.ts": value, "src/voice/b.ts": taking("../kernel/a.ts") });
  t.equal(fine.code, 0, "an allowed import passes");
  t.match(fine.output, /2 modules/, "and both files were looked at: the gate does not pass on nothing");

  const forbidden = [
    ["kernel-imports", "src/kernel/a.ts", "../voice/b.ts", "src/voice/b.ts"],
    ["lab-imports", "src/lab/a.ts", "../voice/b.ts", "src/voice/b.ts"],
    ["voice-imports", "src/voice/a.ts", "../strategy/b.ts", "src/strategy/b.ts"],
    ["api-imports", "src/api/a.ts", "../adapter/x/b.ts", "src/adapter/x/b.ts"],
    ["adapter-no-other-adapter", "src/adapter/x/a.ts", "../y/b.ts", "src/adapter/y/b.ts"],
    ["adapter-ports-only", "src/adapter/x/a.ts", "../../voice/call-engine.ts", "src/voice/call-engine.ts"],
    ["config-imports", "src/config/a.ts", "../voice/ports.ts", "src/voice/ports.ts"],
    ["not-to-the-root", "src/voice/a.ts", "../main.ts", "src/main.ts"],
  ] as const;
  for (const [rule, from, specifier, to] of forbidden) {
    const planted = cruise({ [from]: taking(specifier), [to]: value });
    t.not(planted.code, 0, `${from} may not import ${to}`);
    t.match(planted.output, rule, `said by rule ${rule}`);
  }
  const typeOnly = cruise({
    "src/kernel/a.ts": 'import type { Value } from "../voice/b.ts";\nexport type Other = Value;\n',
    "src/voice/b.ts": "export type Value = 1;\n",
  });
  t.not(typeOnly.code, 0, "an import of types counts");
});

t.test("files stay readable", async (t) => {
  const listed = spawnSync("git", ["ls-files", "src"], { cwd: root, encoding: "utf8" });
  t.equal(listed.status, 0);
  const { readFileSync } = await import("node:fs");
  for (const file of listed.stdout.split("\n").filter((name) => name.endsWith(".ts") && !name.includes("/migration/"))) {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length;
    if (lines > 301) t.fail(`${file} has ${lines} lines; 300 is the most`);
  }
});

t.test("no page of rows is in the order of ids as texts, in which 10 comes before 9", async (t) => {
  // PostgreSQL takes "order by id" for the column of the answer where there is one of that name.
  const { readFileSync } = await import("node:fs");
  const wrong = (text: string) =>
    [...text.matchAll(/`[^`]*`|"(?:[^"\\\n]|\\.)*"/g)].filter(
      ([literal]) =>
        /(?<![.\w])id::text(?! as(?! "?id\b))|\$\{\w*columns\}/i.test(literal.split(/\bfrom\b/)[0] ?? "") && /\border by id\b/.test(literal),
    );
  t.equal(wrong("const text = `select id::text, name from campaign where id > $1 order by id limit $2`;").length, 1);
  t.equal(wrong('const text = `select id::text as "of", name from campaign order by id`;').length, 0);
  const listed = spawnSync("git", ["ls-files", "src/adapter/postgres/repository"], { cwd: root, encoding: "utf8" });
  const files = listed.stdout.split("\n").filter((name) => name.endsWith(".ts"));
  t.ok(files.length > 100);
  for (const file of files) t.same(wrong(readFileSync(join(root, file), "utf8")).map(String), [], file);
});
