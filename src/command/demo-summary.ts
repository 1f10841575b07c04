import { results } from "../attempt/result.ts";
import { meaningOf } from "../compliance/gate-rules.ts";
import type { Verdict } from "./demo-story.ts";

/** The end of the demo: what became of everybody in each pass, whether all books say the same, and what the promises are worth. */
export function summaryText({ passes, outcomes, compared, disagreements, promises }: Verdict, elapsedMs: number): string {
  const lines: string[] = [];
  for (const { pass, progress } of passes) {
    lines.push("", `${pass}: ${progress.contacts} people came to it`);
    const line = (word: string, count: number, meaning = "") => lines.push(`  ${word.padEnd(31)}${String(count).padStart(4)}   ${meaning}`.trimEnd());
    for (const [result, count] of Object.entries(progress.results))
      line(result, count, result in results ? results[result as keyof typeof results].meaning : "");
    for (const [rule, count] of Object.entries(progress.refusals)) line(`refused: ${rule}`, count, meaningOf(rule));
  }
  lines.push("", "How the script ended for those who answered");
  for (const [outcome, count] of counted(outcomes)) lines.push(`  ${outcome.padEnd(31)}${String(count).padStart(4)}`);
  lines.push("", "What was promised, by the books of the other side");
  for (const { what, broken, of } of promises) {
    lines.push(`  ${String(broken.length).padStart(3)} ${what.padEnd(50)} ${of}`);
    lines.push(...broken.map((fault) => `    ! ${fault}`));
  }
  lines.push(
    "",
    `Compared, one by one: ${compared}: ${disagreements.length} disagreements.`,
    ...disagreements.map((fault) => `  ! ${fault}`),
    `It took ${Math.round(elapsedMs / 1000)} s.`,
  );
  return lines.join("\n");
}

function counted(words: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
