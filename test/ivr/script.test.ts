import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { DiskPromptStore } from "../../src/adapter/tts/prompt-store.ts";
import { writeWav } from "../../src/adapter/tts/wav.ts";
import { formatFinding } from "../../src/ivr/finding.ts";
import { lint } from "../../src/ivr/lint.ts";
import { formatFindings, lintFile } from "../../src/ivr/lint-engine.ts";
import { pick, seededRandom } from "../../src/kernel/random.ts";
import { paymentSource } from "./script-kit.ts";
import { head, menu, soundMenu, table } from "./script-table.ts";
import { verbTable } from "./script-verb-table.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const text = (path: string) => readFileSync(here(path), "utf8");

const rows = [...table, ...verbTable];

t.test("every fault is found, at its place", async (t) => {
  for (const { name, source, found, options } of rows) {
    const { findings, script } = lint(source, "test.yaml", options);
    const listed = findings.map((finding) => `${finding.line}:${finding.column} ${finding.code}`);
    t.same(listed, found, `${name}\n${findings.map(formatFinding).join("\n")}`);
    t.equal(
      script === undefined,
      findings.some((finding) => finding.severity === "error"),
      `${name}: no script exactly when there is an error`,
    );
    for (const finding of findings) t.match(finding.fix, /^[A-Z].*[.?]$/s, `${name}: says how to mend ${finding.code}`);
  }
});

t.test("what a stranger sends is refused without much work", async (t) => {
  const filled = (part: (index: number) => string) => {
    let text = "";
    for (let index = 0; text.length < 120_000; index++) text += part(index);
    return text;
  };
  const hostile = [
    filled((index) => `k${index}: 1\n`),
    `{${filled((index) => `${index},`)}}`,
    `[${filled(() => "[],")}]`,
    filled(() => "#: "),
    filled(() => "{"),
    `${head}${filled((index) => `  a${index}: { play: [{ say: x }], next: b${index} }\n`)}`,
    `${head}${Array.from({ length: 400 }, (_, index) => `  a${index}: { branch: x, on: { ${Array.from({ length: 15 }, (_, at) => `k${at}: nowhere${at}`)} }, else: out }\n`).join("")}`,
    filled(() => "a: [\n"),
    filled(() => '"x '),
    filled(() => "&a *a "),
    filled((index) => `- &a${index} [*a${index - 1},*a${index - 1}]\n`),
    `script: "${filled(() => "\\u0000")}"`,
    `${soundMenu}  big:\n    play: [{ say: "${filled(() => "{a} ")}" }]\n    end: x\n`,
  ];
  for (const source of hostile) {
    const before = process.cpuUsage();
    const { findings, script } = lint(source, "x");
    const { user, system } = process.cpuUsage(before);
    t.equal(script, undefined);
    t.ok(findings.length > 0);
    t.ok(user + system < 5_000_000, `${source.slice(0, 20)}… took ${Math.round((user + system) / 1000)} ms of processor time`);
  }
});

t.test("all faults of a file come at once, and as lines", async (t) => {
  const source = menu('{ "1": dome, "A": out }', "\n    tries: 99").replace("language: en-US", "language: english!");
  const { findings } = lint(source, "bad.yaml");
  t.same(
    findings.map((finding) => finding.code),
    ["bad-value", "bad-key", "bad-value"],
  );
  t.equal(
    findings.map(formatFinding)[1],
    'bad.yaml:9:24: error bad-key: “A” cannot be pressed on a telephone. Keys are one to four of 0–9, * and #, in quotes: "1", "*".',
  );
  t.match(formatFindings(findings, 1), /\n1 script, 3 errors, 0 warnings$/);
});

t.test("files: the shipped scripts are clean, missing files and recordings are found", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-lint-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const pool = new AudioPool({ clock: systemClock, workers: 1 });
  t.teardown(() => pool.close());
  const recordings = new DiskPromptStore({ dir: join(dir, "made"), recordingsDir: join(dir, "prompts"), voices: [], pool, clock: systemClock });
  const shipped = readdirSync(here("ivr-scripts/")).filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"));
  t.ok(shipped.length >= 5);
  for (const name of shipped) t.same(await lintFile(here(`ivr-scripts/${name}`).pathname, { languages: ["en", "es"], recordings }), [], name);
  t.match(await lintFile(join(dir, "none.yaml")), [{ code: "file-unreadable" }]);
  await mkdir(join(dir, "prompts"));
  const sound = writeWav(Int16Array.from({ length: 8000 }, (_, index) => Math.round(8000 * Math.sin(index / 2))));
  await writeFile(join(dir, "secret.wav"), sound);
  await writeFile(join(dir, "prompts/there.wav"), sound);
  await symlink(join(dir, "secret.wav"), join(dir, "prompts/link.wav"));
  for (const [file, codes] of [
    ["there", []],
    ["gone", ["prompt-missing"]],
    ["link", ["prompt-missing"]],
  ] as const) {
    await writeFile(join(dir, "a.yaml"), soundMenu.replace(/say: "[^"]*"/, `file: ${file}.wav`));
    const findings = await lintFile(join(dir, "a.yaml"), { recordings });
    t.same(
      findings.map((finding) => finding.code),
      codes,
      file,
    );
  }
});

t.test("damaged scripts are findings, never exceptions", async (t) => {
  const seed = 4711;
  const random = seededRandom(seed);
  const examples = [...text("docs/ivr.md").matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = ""]) =>
    yaml.startsWith("script:") ? yaml : `script: x\nlanguage: en-US\nzone: Etc/UTC\nstart: { human: begin }\n${yaml}`,
  );
  const sound = [paymentSource, ...examples];
  let refused = 0;
  for (let round = 0; round < 800; round++) {
    let source = pick(random, sound);
    for (let cuts = 1 + Math.floor(random.next() * 3); cuts > 0; cuts--) {
      const at = Math.floor(random.next() * source.length);
      const junk = ["", "\n", "{", "}", "[", '"', "*", "&a", "#", ": ", "- ", "\t", "\u0000", "!!map ", "<<: ", "__proto__: ", "%"];
      source = source.slice(0, at) + junk[Math.floor(random.next() * junk.length)] + source.slice(at + Math.floor(random.next() * 12));
    }
    try {
      const { findings, script } = lint(source, "x");
      if (!script) refused += 1;
      t.ok(script !== undefined || findings.length > 0);
      for (const { line, column } of findings) if (!(line >= 1 && column >= 1)) t.fail(`seed ${seed} round ${round}: place ${line}:${column}`);
    } catch (error) {
      t.fail(`seed ${seed} round ${round}: ${String(error)}\n${source}`);
    }
  }
  t.ok(refused > 200, `${refused} of 800 refused`);
});
