import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import t from "tap";
import { roles } from "../../src/access/role.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");

t.test("it tells of every role", async (t) => {
  for (const role of roles) t.match(page, `| \`${role}\` |`);
});
