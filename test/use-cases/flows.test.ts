import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import t from "tap";
import { flows, rules } from "./flows.ts";

/* docs/use-cases.md is held against the flows of the use cases, and against the tests that walk them. */

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/use-cases.md"), "utf8");
/** Cells of each row of its tables, without heads and rulers. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (Flow|Rule) \|/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts") && name !== "flows.test.ts");
const tests = files.flatMap((file) =>
  [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/^t\.test\("([^"]+)"/gm)].map(([, name = ""]) => name),
);
const flowOf = (name: string) => name.split(":")[0] ?? "";

t.test("each flow of the use cases has one test that is named after it, and one row that names the test", async (t) => {
  t.equal(new Set(flows).size, flows.length, "each number once");
  for (const flow of flows) {
    const named = tests.filter((name) => flowOf(name) === flow);
    t.equal(named.length, 1, `${flow} has one test`);
    const own = rows.filter(([id]) => id === flow);
    t.equal(own.length, 1, `${flow} has one row`);
    t.equal(own[0]?.[2], `\`${named[0]}\``, `${flow}: the row names the test`);
    t.ok(own[0]?.every((cell) => cell.trim() !== "") && own[0]?.length === 5, `${flow}: nothing is left open`);
  }
});

t.test("each test, and each row, is of a flow or a rule of the use cases", async (t) => {
  const known: readonly string[] = flows;
  t.same(
    tests.filter((name) => !known.includes(flowOf(name))),
    [],
  );
  t.same(
    rows.filter(([id = ""]) => !known.includes(id) && !rules.some((rule) => rule === id)),
    [],
  );
});

t.test("each rule has a row, which names flows that show it", async (t) => {
  for (const rule of rules) {
    const own = rows.filter(([id]) => id === rule);
    t.ok(own.length > 0, `${rule} has a row`);
    for (const [, asks, shownBy = ""] of own) {
      const named = shownBy.match(/CE1[23]-[\w.]+/g) ?? [];
      t.ok(named.length > 0 && named.every((flow) => flows.some((each) => each === flow)), `${rule}, ${asks}: ${shownBy}`);
    }
  }
});

t.test("tests of other folders that are named are there", async (t) => {
  for (const [, path = ""] of page.matchAll(/`(test\/[\w./-]+)`/g)) t.ok(existsSync(join(root, path)), path);
});
