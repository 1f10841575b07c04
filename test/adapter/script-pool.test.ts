import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import { ScriptPool, type ScriptPoolOptions } from "../../src/adapter/reader/script-pool.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { unpack } from "../../src/ivr/packed.ts";
import { walkCases } from "../../src/ivr/run-cases.ts";
import { loadScriptFile } from "../../src/ivr/script-file-engine.ts";
import { scriptWork } from "../../src/ivr/script-work.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { hostileScripts } from "../ivr/hostile-scripts.ts";

// A loaded machine takes its time; what is measured is only what this thread does.
t.setTimeout(280_000);
const scripts = join(import.meta.dirname, "../../ivr-scripts");
const module = new URL("../../src/start/script-reader.ts", import.meta.url);

function open(t: Test, more: Partial<ScriptPoolOptions> = {}): ScriptPool {
  const pool = new ScriptPool({ clock: systemClock, module, ...more });
  t.teardown(() => pool.close());
  return pool;
}

const workOn = (source: string) => ({ file: "hostile.yaml", source, others: new Map<string, string>(), options: {}, lists: [] });

/** Processor time of this thread alone, ms: what other processes do to the clock on the wall is no matter of it. */
async function busyMs(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

t.test("whatever text is read and judged, this process has hardly anything to do with it", async (t) => {
  const pool = open(t, { timeoutMs: 120_000 });
  await pool.check(workOn("script: first"));
  const here = new Map<string, number>();
  for (const [name, source] of Object.entries(hostileScripts)) {
    t.ok(source.length > 20_000 && Buffer.byteLength(source) <= 128 * 1024, `${name}: ${source.length} characters`);
    here.set(name, await busyMs(async () => t.ok((await pool.check(workOn(source))).findings.length > 0)));
  }
  let [shared, alone] = [0, 0];
  for (const [name, source] of Object.entries(hostileScripts)) {
    const inProcess = await busyMs(() => scriptWork.check(workOn(source)));
    const share = (here.get(name) ?? 0) / inProcess;
    t.comment(`${name}: ${inProcess.toFixed(0)} ms to judge, of which ${(100 * share).toFixed(1)} % here`);
    if (inProcess > 50) t.ok(share < 0.5, `${name} takes ${(100 * share).toFixed(1)} % of its time here`);
    shared += here.get(name) ?? 0;
    alone += inProcess;
  }
  t.ok(shared < 0.2 * alone, `altogether ${((100 * shared) / alone).toFixed(1)} %`);
});

t.test("a script that calls can run comes over as it is, and costs little here", async (t) => {
  const pool = open(t);
  for (const name of readdirSync(scripts).filter((one) => /^[^.]+\.yaml$/.test(one))) {
    const { source, script, others } = await loadScriptFile(join(scripts, name));
    const loaded = await pool.load({ file: name, source, others });
    if (!script || !loaded.script) throw new Error(`${name}: ${loaded.faults.join("\n")}`);
    const tests = readFileSync(join(scripts, name.replace(".yaml", ".test.yaml")), "utf8");
    const walked = walkCases(tests, name, unpack(loaded.script));
    t.ok(walked.report.cases.length > 3);
    t.strictSame(walked, walkCases(tests, name, script), name);
  }
  const work = { ...workOn(hostileScripts["thousands of templates"] ?? "") };
  const here = await busyMs(async () => {
    const { script } = await pool.load(work);
    t.equal(script && unpack(script).steps.size, 360);
  });
  const alone = await busyMs(() => scriptWork.load(work));
  t.ok(here < 0.5 * alone, `${here.toFixed(1)} ms here, ${alone.toFixed(1)} ms in all`);
  t.match(await pool.load(workOn("script: a")), { script: undefined, faults: [/^hostile\.yaml:1:1: error missing-key/] });
});

t.test("a comparison of texts that have little in common", async (t) => {
  const pool = open(t);
  const version = (number: number) => {
    const source = Array.from({ length: 9_000 }, (_, line) => `# ${(line * (number + 6)) % 97}\n`).join("");
    return { id: String(number), name: "a", version: number, source, publishedAt: 0, publishedBy: "user ada", uses: {} };
  };
  const work = { from: version(1), to: version(2) };
  await pool.outline({ source: "a", file: "a" });
  let text = "";
  const here = await busyMs(async () => {
    text = await pool.compare(work);
  });
  const alone = await busyMs(() => t.equal(scriptWork.compare(work), text));
  t.ok(here < 0.5 * alone, `${here.toFixed(1)} ms here, ${alone.toFixed(1)} ms in all`);
});

t.test("what takes too long, or too much memory, is given up, and the next is worked on", async (t) => {
  const clock = new VirtualClock();
  const pool = open(t, { clock });
  const work = workOn(hostileScripts["thousands of templates"] ?? "");
  const given = t.rejects(pool.check(work), { code: "script-too-heavy", retryable: false, message: /takes longer than 20 s\. Split it/ });
  const next = pool.check(work);
  await clock.advance(20_000);
  await given;
  t.ok((await next).findings.length > 0);
  t.equal(clock.pending, 0);

  const small = open(t, { memoryMb: 24 });
  await t.rejects(small.check(work), { code: "script-too-heavy", message: /takes more than 24 MB of memory\. Split it/ });
  t.match(await small.outline({ source: "script: a", file: "a.yaml" }), { findings: [{ file: "a.yaml" }] });
});

t.test("a reader is ended in the middle of whatever it does", async (t) => {
  for (const work of ["for (;;);", "/^(a+)+$/.test('a'.repeat(60) + 'b');"]) {
    const dir = t.testdir();
    const [reader, begun] = [join(dir, "reader.mjs"), join(dir, "begun")];
    writeFileSync(
      reader,
      `import { writeFileSync } from "node:fs"; process.on("message", () => { writeFileSync(${JSON.stringify(begun)}, ""); ${work} });`,
    );
    const clock = new VirtualClock();
    const pool = open(t, { module: pathToFileURL(reader), timeoutMs: 5_000, clock });
    const given = t.rejects(pool.outline({ source: "", file: "a" }), { code: "script-too-heavy", message: /longer than 5 s/ }, work);
    await until(() => existsSync(begun), "it to be in the middle");
    await clock.advance(5_000);
    await given;
    await pool.close();
  }
  const kept = "const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length))";
  const dir = t.testdir({ "reader.mjs": `process.on("message", () => { ${kept} });` });
  const pool = open(t, { module: pathToFileURL(join(dir, "reader.mjs")), memoryMb: 32 });
  await t.rejects(pool.outline({ source: "", file: "a" }), { code: "script-too-heavy", message: /32 MB of memory/ }, kept);
});

t.test("who asks waits for those before, and is told when there are too many", async (t) => {
  const pool = open(t);
  const outline = (name: string) => pool.outline({ source: `script: ${name}`, file: name });
  const asked = Array.from({ length: 17 }, (_, index) => outline(`a${index}`));
  await t.rejects(outline("one more"), { code: "overloaded", retryable: true });
  const answers = await Promise.all(asked);
  t.strictSame(
    answers.map(({ findings }) => findings[0]?.file),
    asked.map((_, index) => `a${index}`),
  );
  t.ok((await outline("again")).findings.length > 0);
});

t.test("closed, it ends its readers and whatever they do", async (t) => {
  const pool = open(t);
  const work = workOn(hostileScripts["thousands of templates"] ?? "");
  const asked = [pool.check(work), pool.check(work)].map((answer) => t.rejects(answer, { code: "script-reader" }));
  await pool.close();
  await Promise.all(asked);
  await t.rejects(pool.check(work), { code: "script-reader" });
});

t.test("a text that breaks what reads it harms nobody else", async (t) => {
  const pool = open(t);
  const odd = { ...workOn("script: a"), tests: { file: "t", source: "" } };
  await t.rejects(pool.test(odd), { code: "internal", message: /hostile\.yaml cannot be read/ });
  t.ok((await pool.check(workOn("script: a"))).findings.length > 0);
});
