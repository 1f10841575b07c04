import type { AttemptView } from "../api/ports.ts";
import { results } from "../attempt/result.ts";
import type { CampaignProgress } from "../strategy/campaign.ts";
import type { Comparison } from "./compare.ts";

/** The end of the demo: what became of everybody, and whether the carrier says the same. */
export function summaryText(attempts: readonly AttemptView[], progress: CampaignProgress, comparison: Comparison, elapsedMs: number): string {
  const lines = ["", "Results of the calls"];
  for (const [result, count] of counted(attempts.map((attempt) => attempt.result ?? "none"))) {
    const meaning = result in results ? results[result as keyof typeof results].meaning : "not ended";
    lines.push(`  ${result.padEnd(16)}${String(count).padStart(5)}   ${meaning}`);
  }
  lines.push("", "How the script ended for those who answered");
  for (const [outcome, count] of counted(attempts.flatMap((attempt) => attempt.outcome ?? [])))
    lines.push(`  ${outcome.padEnd(24)}${String(count).padStart(5)}`);
  for (const [rule, count] of Object.entries(progress.refusals)) lines.push(`  not called (${rule}): ${count}`);
  lines.push(
    "",
    `${progress.done} of ${progress.contacts} contacts are in a final state.`,
    `${comparison.calls} attempts and ${comparison.transfers} transfers compared with the carrier's books, ${comparison.payments} payments with the bank's, call by call: ${comparison.disagreements.length} disagreements.`,
    ...comparison.disagreements.map((fault) => `  ! ${fault}`),
    `It took ${Math.round(elapsedMs / 1000)} s.`,
  );
  return lines.join("\n");
}

function counted(words: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
