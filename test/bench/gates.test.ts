import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { gate, median, percentile, steadyRate, table, verdictLine } from "./gates.ts";

const run = promisify(execFile);
const program = new URL("run.ts", import.meta.url).pathname;

t.test("a gate holds a value against its limit, the limit itself included", async (t) => {
  t.same(gate("ratio", 1.25, "<=", 1.25), { name: "ratio", value: 1.25, op: "<=", limit: 1.25, pass: true });
  t.equal(gate("ratio", 1.2500001, "<=", 1.25).pass, false, "judged before it is rounded for the reader");
  t.equal(gate("share", 0.9, ">=", 0.9).pass, true);
  t.equal(gate("share", 0.89, ">=", 0.9).pass, false);
  t.equal(gate("ratio", Number.NaN, "<=", 1).pass, false, "what could not be measured passes nothing");
  t.equal(gate("share", Number.NaN, ">=", 0).pass, false);
  t.equal(gate("p99", Number.POSITIVE_INFINITY, "<=", 100).pass, false);
});

t.test("statistics", async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 2, 3]), 2.5);
  t.ok(Number.isNaN(median([])));
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.equal(percentile(hundred, 0.99), 99);
  t.equal(percentile(hundred, 0.5), 50);
  t.equal(percentile(hundred, 1), 100);
  t.equal(percentile([7], 0.01), 7);
  t.ok(Number.isNaN(percentile([], 0.5)));
  // Ten a second, with a slow start and a slow end.
  const steady = Array.from({ length: 100 }, (_, index) => index * 100);
  t.equal(steadyRate([-9000, -5000, ...steady, 20_000, 30_000]), 10);
  t.ok(Number.isNaN(steadyRate([1])));
});

t.test("the table and the last line", async (t) => {
  t.equal(
    table([
      ["", "bare", "Carillon"],
      ["CPU, ms", 1.23456, 12],
    ]),
    "         bare  Carillon\nCPU, ms  1.23        12",
  );
  t.equal(verdictLine("calls", [gate("x", 1, "<=", 2)]), '{"bench":"calls","gates":[{"name":"x","value":1,"op":"<=","limit":2,"pass":true}]}');
});

t.test("without a name they are listed, and an unknown name is told so", async (t) => {
  const listed = await run(process.execPath, [program]);
  t.match(listed.stdout, /^usage: npm run bench -- NAME\n {2}agents {2,}\S.*\n {2}amd {2,}\S/);
  const refused = await run(process.execPath, [program, "constructor"]).catch((error: { code: number; stderr: string }) => error);
  t.match(refused, { code: 2, stderr: /^There is no benchmark "constructor". There are:\n {2}agents/ });
});
