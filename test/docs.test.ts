import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import t from "tap";
import { problemCodes } from "../src/api/problem.ts";
import { loadConfig } from "../src/config/load.ts";
import { formatFinding } from "../src/ivr/finding.ts";
import { lintFile } from "../src/ivr/lint-engine.ts";
import { readScript } from "../src/ivr/read.ts";
import { failuresOf, walkCases } from "../src/ivr/run-cases.ts";
import { suffixes } from "../src/lab/carrier/directory.ts";

/* What the pages say is held against what there is. */

const root = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...["freeswitch/README.md", "sip-config/README.md"].filter((path) => existsSync(join(root, path))),
];
const readme = read("README.md");

t.test("every link leads somewhere", async (t) => {
  let links = 0;
  for (const page of pages) {
    for (const [, target = ""] of withoutBlocks(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      links += 1;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(root, page) : resolve(dirname(join(root, page)), path);
      if (!t.ok(existsSync(file), `${page}: ${target} is there`) || anchor === undefined) continue;
      const anchors = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
      t.ok(anchors.includes(anchor), `${page}: ${target} has that heading`);
    }
  }
  t.ok(links > 20, `links were found: ${links}`);
});

t.test("every file that is named is there", async (t) => {
  let named = 0;
  for (const page of pages) {
    for (const [, span = ""] of read(page).matchAll(/`([^`\n]+)`/g)) {
      for (const [path] of span.matchAll(/(?<![\w./-])(?:\.ci|docs|freeswitch|ivr-scripts|scripts|sip-config|src|test)\/[\w./*<>-]*/g)) {
        if (/[*<>]/.test(path)) continue;
        named += 1;
        t.ok(existsSync(join(root, path)), `${page}: ${path} is there`);
      }
    }
  }
  t.ok(named > 40, `files were named: ${named}`);
});

t.test("every command that is named exists, with its options", async (t) => {
  // The demo is told of as npm runs it.
  const mentioned = new Set(readme.includes("npm run demo") ? ["demo"] : []);
  for (const page of pages) {
    for (const line of commandLines(read(page))) {
      const words = line.split(/\s+/);
      const [first = "", second = ""] = words;
      if (first === "" || first.startsWith("…") || first.startsWith("-")) continue;
      t.ok(offer().commands.includes(first), `${page}: carillon ${first} is a command`);
      const group = offer(first).commands;
      const path = group.length > 0 && second !== "" ? [first, second] : [first];
      if (path.length === 2) t.ok(group.includes(second), `${page}: carillon ${first} ${second} is a command`);
      mentioned.add(path.join(" "));
      for (const option of words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/[=,.:;)`].*$/, "")))
        t.ok(option === "--help" || offer(...path).options.includes(option), `${page}: carillon ${path.join(" ")} has ${option}`);
    }
  }
  for (const command of offer().commands) {
    t.ok(
      [...mentioned].some((said) => said.split(" ")[0] === command),
      `carillon ${command} is told of somewhere`,
    );
  }
  const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  for (const page of pages)
    for (const [, name = ""] of read(page).matchAll(/npm run ([\w:-]+)/g)) t.ok(Object.hasOwn(scripts, name), `${page}: npm run ${name}`);
});

t.test("every fault code is explained, and none that is not there", async (t) => {
  const table = read("docs/faults.md");
  const explained = new Set(
    [...table.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/[a-z-]+/g)].map(([code]) => code)),
  );
  const listed = spawnSync("git", ["ls-files", "src"], { cwd: root, encoding: "utf8" });
  t.equal(listed.status, 0);
  const files = listed.stdout.split("\n").filter((name) => name.endsWith(".ts") && existsSync(join(root, name)));
  const made = new Map<string, string>(problemCodes.map((code) => [code, "src/api/problem.ts"]));
  for (const file of files) {
    for (const [, code = ""] of read(file).matchAll(/(?:new Fault|placedFault|toFault)\(\s*(?:[a-z]+,\s*)?"([a-z-]+)"/g)) {
      // The lab's own faults are for those who work on the lab; "unknown" and "" are words of a cause, never a code that is seen.
      if (!file.startsWith("src/lab/") && code !== "unknown") made.set(code, file);
    }
  }
  t.ok(made.size > 60, `codes were found: ${made.size}`);
  for (const [code, file] of made) t.ok(explained.has(code), `${code} (${file}) is in docs/faults.md`);
  const everything = files.map(read).join("\n");
  for (const code of explained) t.ok(everything.includes(`"${code}"`) || everything.includes(`${code}:`), `${code} is a code`);
});

t.test("what the README shows works", async (t) => {
  t.ok(readme.split("\n").length <= 201, "it can be read at one go");
  const dir = mkdtempSync(join(tmpdir(), "carillon-docs-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));

  const configFile = join(dir, "carillon.yaml");
  writeFileSync(configFile, yamlBlock(/^drachtio:/m));
  const config = loadConfig({ env: {}, flags: {}, file: configFile, purpose: "serve" });
  t.match(config.trunks, [{ name: "carrier-a", port: 5070 }], "the configuration is taken");

  const script = yamlBlock(/^script: balance$/m);
  const scriptFile = join(dir, "balance.yaml");
  writeFileSync(scriptFile, script);
  t.same(await lintFile(scriptFile), [], "the script has no mistakes");
  writeFileSync(scriptFile, script.replace(": opt_out }", ": opt_ouut }"));
  const found = (await lintFile(scriptFile)).map((finding) => formatFinding(finding).replace(scriptFile, "balance.yaml"));
  t.equal(found.length, 1);
  t.ok(readme.includes(found[0] ?? "nothing was found"), `the finding is told as it is: ${found[0]}`);

  const { script: balance } = readScript(script, "balance.yaml");
  t.same(balance && failuresOf(walkCases(yamlBlock(/^tests: balance$/m), "balance.test.yaml", balance).report), [], "its tests pass");

  const testing = read("docs/testing.md");
  const table = testing.slice(testing.indexOf("| Number ends in"), testing.indexOf("### Books and controls"));
  const told = new Set([...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = ""]) => cell.split(", ")));
  t.same([...told].sort(), Object.keys(suffixes).sort(), "the table of called parties is the lab's");
});

/** A page without its blocks of code. */
function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}

/** What stands behind `carillon` in code: the rest of the line in a block, the rest of the span in a sentence. */
function commandLines(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    [...block.matchAll(/(?:^|\$ |\$\()carillon ([a-z][^)\n]*)/gm)].map(([, line = ""]) => line),
  );
  const spans = [...withoutBlocks(text).matchAll(/`(?:npx )?carillon ([^`\n]+)`/g)].map(([, line = ""]) => line);
  // A line of the log begins like a command.
  return [...blocks, ...spans.filter((line) => /^[a-z]/.test(line) && line !== "is ready")];
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

interface CommandWords {
  /** Its commands, when it is a group. */
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

/** Every command, by its words: as shells are told of them, which takes one process instead of one for each. */
const offered: ReadonlyMap<string, CommandWords> = (() => {
  const { stdout } = spawnSync(process.execPath, [join(root, "src/cli.ts"), "completion", "bash"], { encoding: "utf8" });
  const table = (name: string) => {
    const [, body = ""] = new RegExp(`^declare -A _carillon_${name}=\\(\\n([\\s\\S]*?)^\\)`, "m").exec(stdout) ?? [];
    return new Map(
      [...body.matchAll(/^ *\[' (.*?)'\]='(.*)'$/gm)].map(([, path = "", words = ""]) => [path, words.split(" ").filter(Boolean)] as const),
    );
  };
  const flags = table("flags");
  return new Map([...table("commands")].map(([path, commands]) => [path, { commands, options: flags.get(path) ?? [] }]));
})();

function offer(...path: readonly string[]): CommandWords {
  return offered.get(path.join(" ")) ?? { commands: [], options: [] };
}

/** The block of YAML in the README in which that stands. */
function yamlBlock(line: RegExp): string {
  const block = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text).find((text) => line.test(text));
  if (block === undefined) throw new Error(`the README has no YAML with ${line}`);
  return block;
}
