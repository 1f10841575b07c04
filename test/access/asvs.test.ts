import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import t from "tap";
import { idleMs, longestBlockMs, longestMs } from "../../src/access/login.ts";
import { contextWords } from "../../src/access/password.ts";
import { ruledRoutes, ruleOf } from "../../src/access/route-table.ts";
import { loadConfig } from "../../src/config/load.ts";
import { configSchema } from "../../src/config/schema.ts";
import { leaves, type Shape } from "../../src/config/shape.ts";
import { hideable } from "../../src/privacy/mask.ts";
import { retentionOptions } from "../../src/privacy/options.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const page = read("docs/asvs.md");
const security = read("docs/security.md");

/** Of each section of version 5.0.0 the levels of its requirements, in their order. */
const sections: Readonly<Record<string, string>> = {
  ...{ "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123", "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23" },
  ...{ "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333", "4.1": "12233", "4.2": "23333" },
  ...{ "4.3": "22", "4.4": "1222", "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222", "6.1": "122", "6.2": "111111112222", "6.3": "11223333" },
  ...{ "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33", "6.8": "2222", "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222" },
  ...{ "7.5": "223", "7.6": "22", "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23", "9.1": "111", "9.2": "1222", "10.1": "22", "10.2": "223" },
  ...{ "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22", "10.7": "222", "11.1": "2233", "11.2": "22233", "11.3": "11233" },
  ...{ "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33", "12.1": "12233", "12.2": "11", "12.3": "22223", "13.1": "2333", "13.2": "222223" },
  ...{ "13.3": "2233", "13.4": "1222233", "14.1": "22", "14.2": "12223333", "14.3": "122", "15.1": "12233", "15.2": "12233", "15.3": "1222222" },
  ...{ "15.4": "3333", "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223", "17.1": "23", "17.2": "22223333", "17.3": "22" },
};
const levels = new Map(
  Object.entries(sections).flatMap(([section, text]) => Array.from(text, (level, at): [string, string] => [`${section}.${at + 1}`, level])),
);
const states = ["met", "in part", "not met", "open", "none"] as const;

interface Row {
  readonly ids: readonly string[];
  readonly level: string;
  readonly state: string;
  readonly how: string;
  readonly tests: readonly string[];
}

const rows: readonly Row[] = page.split("\n").flatMap((line) => {
  const [, ids = "", level = "", , state = "", how = "", tests = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  if (!/^\d/.test(ids) || !ids.includes(".")) return [];
  return [{ ids: ids.split(", "), level, state, how, tests: tests === "" ? [] : tests.split("; ").reduce(joinTitles, []) }];
});

/** A title may hold the sign that stands between two. */
function joinTitles(cells: readonly string[], part: string): readonly string[] {
  return part.startsWith("`test/") || cells.length === 0 ? [...cells, part] : [...cells.slice(0, -1), `${cells.at(-1)}; ${part}`];
}

t.test("docs/asvs.md has each requirement of levels 1 and 2 once, with its level and a state", async (t) => {
  const wanted = [...levels].flatMap(([id, level]) => (level === "3" ? [] : [id]));
  t.equal(wanted.length, 253);
  t.same(rows.flatMap(({ ids }) => ids).sort(), wanted.sort());
  for (const { ids, level, state, how } of rows) {
    for (const id of ids) t.equal(levels.get(id), level, `${id} is of level ${level}`);
    t.ok(
      states.some((known) => known === state),
      `${ids.join()}: ${state}`,
    );
    t.ok(how.length > 2, `${ids.join()} says how, or why not`);
  }
  const counts = states.map((state) => rows.filter((row) => row.state === state).reduce((sum, { ids }) => sum + ids.length, 0));
  t.ok(page.includes(`\n| 253 | ${counts.join(" | ")} |\n`), `the counts are 253 | ${counts.join(" | ")}`);
});

t.test("what is met is shown by a test that there is", async (t) => {
  for (const { ids, state, tests } of rows) {
    if (state === "met") t.ok(tests.length > 0, `${ids.join()} names a test`);
    for (const cell of tests) {
      const [, file = "", title = ""] = /^`(test\/[\w./-]+)`(?:: (.+))?$/.exec(cell) ?? [];
      t.ok(file !== "" && existsSync(join(root, file)), `${ids.join()}: ${cell}`);
      const source = file === "" ? "" : read(file);
      const names = /^API\d+(, API\d+)*$/.test(title) ? title.split(", ").map((item) => `"${item} `) : title === "" ? [] : [`"${title}"`];
      for (const name of names) t.ok(source.includes(`t.test(${name}`), `${ids.join()}: ${file} has ${name}`);
    }
  }
  for (const path of `${page}\n${security}`.match(/(?<=`)(src|test)\/[\w./-]+\.ts(?=`)/g) ?? []) t.ok(existsSync(join(root, path)), path);
});

function sectionOf(title: string): string {
  const [, text = ""] = security.split(`\n## ${title}\n`);
  return text.split("\n## ")[0] ?? "";
}

t.test("docs/security.md tells of the words that are refused", async (t) => {
  for (const word of contextWords) t.match(sectionOf("People"), `\`${word}\``);
});

t.test("docs/security.md tells of every open route", async (t) => {
  const open = ruledRoutes.flatMap((route) => {
    const [method = "", path = ""] = route.split(" ");
    return ruleOf(method, path)?.roles === "open" ? [path] : [];
  });
  t.ok(open.length > 5);
  for (const path of open) t.match(sectionOf("Ways in"), path);
});

t.test("docs/security.md tells of the times of sessions", async (t) => {
  t.match(sectionOf("People"), `${idleMs / 60_000} minutes without a request`);
  t.match(sectionOf("People"), `${longestMs / 3_600_000} hours in any case`);
  t.match(sectionOf("People"), `up to ${longestBlockMs / 60_000} minutes`);
});

t.test("docs/security.md tells whom Carillon speaks with", async (t) => {
  // Whatever has an address of somebody else in it.
  const far = leaves(configSchema as Shape).filter(
    ({ path }) => /^(host|url|address|server|servers|sftp)$/.test(path.at(-1) ?? "") && path[0] !== "api",
  );
  const named = new Set(far.map(({ path: [section] }) => section));
  t.ok(named.size > 5, [...named].join());
  for (const section of named) t.match(sectionOf("Whom Carillon speaks with"), `\`${section}\``);
});

t.test("docs/security.md tells of each kind of what is kept", async (t) => {
  const text = sectionOf("What is kept, and how dear it is");
  for (const kind of [...Object.keys(retentionOptions.properties), ...hideable]) t.match(text, `\`${kind}\``);
});

t.test("docs/security.md tells of each log", async (t) => {
  const text = sectionOf("Logs");
  for (const word of ["standard error", "audit log", "agent log", "attempts", "metrics"]) t.match(text, word);
  // One place writes lines, and nothing is printed past it by what runs in a server.
  t.match(read("src/adapter/system/log.ts"), "pino.destination({ dest: 2");
});

t.test("docs/security.md tells what is dear", async (t) => {
  t.match(
    sectionOf("What is dear"),
    `\`api.maxRequestsPerMinute\` (${loadConfig({ env: {}, flags: {}, purpose: "admin" }).api.maxRequestsPerMinute})`,
  );
  t.match(sectionOf("What is dear"), `${/mostReaders = (\d+)/.exec(read("src/api/route/stream.ts"))?.[1]} readers`);
  t.match(sectionOf("What is dear"), `${/mostConnections = (\d+)/.exec(read("src/api/route/agent-socket.ts"))?.[1]} connections`);
  t.match(sectionOf("What is dear"), `${/mostWaiting = (\d+)/.exec(read("src/access/password-engine.ts"))?.[1]} wait`);
});

t.test("docs/security.md tells how soon weaknesses of libraries are mended", async (t) => {
  t.match(sectionOf("Libraries"), /within \d+ days/);
  t.match(sectionOf("Libraries"), /npm sbom/);
});
