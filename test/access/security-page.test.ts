import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import t from "tap";
import { roles } from "../../src/access/role.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");

t.test("docs/security.md names tests that there are", async (t) => {
  const rows = page.split("\n").flatMap((line) => {
    const [, file, titles = ""] = /\| `(test\/[\w./-]+)`(?:: (.+?))? \|$/.exec(line) ?? [];
    return file === undefined ? [] : [{ file, titles }];
  });
  t.ok(rows.length > 25, `rows were found: ${rows.length}`);
  for (const { file, titles } of rows) {
    const source = readFileSync(join(root, file), "utf8");
    const wanted = /^(API\d+)(, API\d+)*$/.test(titles) ? titles.split(", ").map((item) => `"${item} `) : titles === "" ? [] : [`"${titles}"`];
    for (const title of wanted) t.ok(source.includes(title), `${file}: ${title}`);
  }
});

t.test("it tells of every role", async (t) => {
  for (const role of roles) t.match(page, `| \`${role}\` |`);
});
