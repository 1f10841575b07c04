import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { replayPacing } from "../../src/command/pacing-replay.ts";
import { type SimulateOptions, simulateDays } from "../../src/command/simulate.ts";

const usual: SimulateOptions = { agents: 6, hitRate: 30, ringS: 12, talkS: 120, wrapS: 20, hours: 2, days: 1, lines: 1, seed: 7 };

t.test("carillon simulate prints a day, or tells programs of it; its log can be replayed", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "carillon-pacing-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  t.capture(process.stderr, "write", () => true);
  const printed = t.capture(console, "log", () => {});
  const log = join(dir, "day.ndjson");
  simulateDays({ ...usual, contacts: 400, compare: true, log });
  const text = String(printed.args().at(-1)?.[0]);
  t.match(text, /^6 agents, a list of 400, 30 % answered by a person, 1 day of 2 h; 2\.5 % abandoned aimed at\n\n +busy +abandoned/);
  for (const policy of ["predictive", "progressive", "ratio dialler", "all-knowing"])
    t.match(text, new RegExp(`${policy} +\\d\\d\\.\\d % +\\d+\\.\\d % \\(\\d+\\) .* 400 .* day 1, after 1 h \\d\\d min`));
  t.notMatch(text, /limit/);
  simulateDays({ ...usual, contacts: 50, target: 20 });
  t.match(String(printed.args().at(-1)?.[0]), /\n\nMore than 3\.0 % was aimed at: the pacer was let past the limit/);
  simulateDays({ ...usual, json: true });
  const told = JSON.parse(String(printed.args().at(-1)?.[0]));
  t.match(told, {
    asked: { agents: 6, target: 2.5 },
    policies: [
      { policy: "predictive", finished: false },
      { policy: "progressive", abandoned: 0 },
    ],
  });
  t.ok(told.policies[0].occupancy > told.policies[1].occupancy, "the pacer keeps agents busier");

  t.equal(await replayPacing(log), 0);
  t.match(String(printed.args().at(-1)?.[0]), /day\.ndjson: \d{4} choices after \d+ events, all the same$/);
  const lines = (await readFile(log, "utf8")).split("\n");
  const at = lines.findLastIndex((line) => line.includes('"kind":"choice"'));
  const other = join(dir, "other.ndjson");
  await writeFile(other, lines.map((line, index) => (index === at ? line.replace('"calls":', '"calls":7') : line)).join("\n"));
  t.equal(await replayPacing(other), 1);
  t.match(String(printed.args().at(-1)?.[0]), new RegExp(`other\\.ndjson: line ${at + 1} is another choice now[\\s\\S]*calls +7\\d+ +\\d+ +<`));

  const bad = join(dir, "bad.ndjson");
  for (const [content, message] of [
    ["", /there are no choices/],
    ["hello\n", /line 1 is no JSON/],
    ['{"kind":"kept"}\n', /line 1 comes before any line of the kind "start"/],
    [`${lines[0]}\n{"kind":"event","event":{"kind":"ended","atMs":1}}\n`, /line 2 is no line of a pacing log/],
    [`${lines[0]}\n{"kind":"constructor"}\n`, /line 2 is no line of a pacing log/],
    [`${lines[0]?.replace('"version":1', '"version":2')}\n`, /line 1 is no line of a pacing log/],
  ] as const) {
    await rm(bad, { force: true });
    await appendFile(bad, content);
    await t.rejects(replayPacing(bad), { code: "pacing-log", message });
  }
  await t.rejects(replayPacing(join(dir, "none")), { code: "file-unreadable" });
  t.throws(() => simulateDays({ ...usual, log: dir }), { code: "out-unwritable" });
});

t.test("an option out of its range is told in a line", async (t) => {
  for (const [options, message] of [
    [{ agents: 5000 }, "--agents must be 1 to 1000; it is 5000"],
    [{ hitRate: 0 }, "--hit-rate must be 0.5 to 100; it is 0"],
    [{ hours: 24 }, "--hours must be 0.25 to 16; it is 24"],
  ] as const)
    t.throws(() => simulateDays({ ...usual, ...options }), { code: "simulation-range", message });
});
