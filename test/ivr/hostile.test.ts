import t from "tap";
import { readScript } from "../../src/ivr/read.ts";

/* Scripts of somebody who means harm: each would keep the process busy, or fill its memory, and is answered briefly instead. */

const codesOf = (source: string) => {
  const counted: Record<string, number> = {};
  for (const { code } of readScript(source, "hostile.yaml").findings) counted[code] = (counted[code] ?? 0) + 1;
  return counted;
};

t.test("thousands of mistakes are told by the hundred", (t) => {
  t.strictSame(codesOf(`a: 'x'\n${"b: 'c' d\n".repeat(14_000)}`), { "yaml-syntax": 100, "yaml-duplicate-key": 100 });
  t.end();
});

t.test("a file of nothing but signs is not read", (t) => {
  for (const source of ["]\n".repeat(60_000), `a: ${"[],".repeat(20_000)}`, ":\n".repeat(60_000), "- -\n".repeat(30_000)]) {
    t.strictSame(codesOf(source), { "yaml-too-large": 1 });
  }
  t.end();
});

t.test("what stands under an endless key is not looked at", (t) => {
  t.match(codesOf(`? "${"k".repeat(90_000)}"\n: [${"1,".repeat(15_000)}1]\n`), { "yaml-too-large": 1 });
  t.match(codesOf(`${"k".repeat(201)}: 1\n`), { "yaml-too-large": 1 });
  t.notMatch(codesOf(`${"k".repeat(200)}: 1\n`), { "yaml-too-large": 1 });
  t.end();
});
