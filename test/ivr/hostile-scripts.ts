/* Texts of somebody who means harm: each keeps whoever reads it busy for as long as 128 kB can. */

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const head = "script: hostile\nlanguage: en-US\nstart: { human: s0 }\nsteps:\n";
const steps = (count: number, step: (index: number, next: string) => string) =>
  head +
  numbers(count)
    .map((index) => ` s${index}: { ${step(index, `s${(index + 1) % count}`)} }\n`)
    .join("");

const ranges = numbers(100).map((line) => `"${line}..${1000 - line}": s${line % 7}`);

export const hostileScripts: Readonly<Record<string, string>> = {
  "branches of lines that overlap": steps(60, (_, next) => `branch: x, on: { ${ranges.join(", ")} }, else: ${next}`),
  "thousands of templates": steps(
    360,
    (_, next) => `play: [${numbers(7).map((text) => `{ say: "Hello {x} {y | default: 'a'} ${text}" }`)}], next: ${next}`,
  ),
  "menus that lead everywhere": steps(
    300,
    (index, next) =>
      `menu: [{ say: "press ${numbers(20).join(" for x, ")}" }], keys: { ${numbers(10).map((key) => `"${key}": s${(index + key) % 300}`)} }, no_input: ${next}`,
  ),
  "thousands of mistakes": steps(490, (index) => `play: [{ sayy: "Hello" }, { x: 1 }], nexxt: s${index}, foo: 1, keys: 3`),
  "names that nobody has": steps(
    490,
    (index) => `menu: [{ say: a }], keys: { ${numbers(10).map((key) => `"${key}": t${index}x${key}`)} }, no_input: none`,
  ),
  "thousands of answers": steps(400, (_, next) => `set: { ${numbers(14).map((index) => `a${index}: "{b${index}}"`)} }, next: ${next}`),
  "conditions within conditions": `${head} s0: { play: [${numbers(300).map(() => `{ say: "${"{% if a %}".repeat(15)}x${"{% endif %}".repeat(15)}" }`)}], end: done }\n`,
  "a list without end": `a: [${"1,".repeat(19_000)}1]`,
  "a map without end": `a: { ${numbers(9_500).map((key) => `k${key}: 1`)} }`,
  "brackets to the limit": `${"[".repeat(95)}${"]".repeat(95)}${"\n".repeat(30_000)}`,
  "anchors that multiply": `a: &a [x]\n${numbers(3_000)
    .map((index) => `b${index}: &b${index} [${"*a, ".repeat(5)}*a]\n`)
    .join("")}`,
  "stars for keys": `a: ${" * ".repeat(40_000)}`,
  "escapes in a text": `a: "${"\\u0041".repeat(20_000)}"`,
  "spaces before a colon": `a: ${" ".repeat(100_000)}:x`,
  "hash signs for keys": `${"{ #: a, ".repeat(90)}${"# : '".repeat(20_000)}`,
};
