import t from "tap";
import { lint, lintInTurns } from "../../src/ivr/lint.ts";
import { readScript } from "../../src/ivr/read.ts";
import { finish, inTurn } from "../../src/ivr/turn-engine.ts";

t.test("work waits for the work before it, also when that fails, and no more than sixteen at once", async (t) => {
  const owner = {};
  const seen: string[] = [];
  let release = () => {};
  const first = inTurn(owner, async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    seen.push("first");
    throw new Error("failed");
  });
  const others = Array.from({ length: 15 }, (_, index) => inTurn(owner, async () => seen.push(`other ${index}`)));
  await t.rejects(
    inTurn(owner, async () => seen.push("too many")),
    { code: "overloaded", retryable: true },
  );
  t.equal(await inTurn({}, async () => "another's"), "another's");
  t.strictSame(seen, []);
  release();
  await t.rejects(first, { message: "failed" });
  await Promise.all(others);
  t.strictSame(seen, ["first", ...others.map((_, index) => `other ${index}`)]);
  t.equal(await inTurn(owner, async () => "again"), "again");
});

t.test("lint of a long script lets others have their turn, and finds the same", async (t) => {
  const lines = Array.from({ length: 60 }, (_, line) => `"${line}..${1000 - line}": s${line % 7}`).join(", ");
  const steps = Array.from({ length: 40 }, (_, step) => ` s${step}: { branch: x, on: { ${lines} }, else: s${(step + 1) % 40} }\n`);
  const source = `script: turns\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n${steps.join("")}`;
  let turns = 0;
  let counting = setImmediate(function count() {
    turns += 1;
    counting = setImmediate(count);
  });
  const { findings } = await finish(lintInTurns(readScript(source, "turns.yaml"), source, "turns.yaml"));
  clearImmediate(counting);
  t.ok(turns >= 40, `${turns} turns`);
  t.strictSame(findings, lint(source, "turns.yaml").findings);
});
