import { meaningOf } from "../compliance/gate-rules.ts";
import type { Why } from "../compliance/why-ports.ts";
import { oneLine, timeCell } from "./table.ts";

/** When a refusal is asked about again. One without a time is for good in that campaign, also where what it rests on (a suppression) has an end: another one asks anew. */
export function againText(retryAt: number | undefined): string {
  return retryAt === undefined ? "not asked again in this campaign" : `asked again ${timeCell(retryAt)}`;
}

/** What the gate says of somebody, a line for each of its questions. */
export function gateLines({ address, may, rule, retryAt, decisions }: Why): readonly string[] {
  if (rule !== undefined && decisions.length === 0) return [`If it were their turn now: no, ${meaningOf(rule) ?? rule} (${rule}).`];
  const said = may ? "the gate lets it happen" : `no, ${meaningOf(rule ?? "") ?? rule} (${rule}), ${againText(retryAt)}`;
  const width = Math.max(...decisions.map(({ step }) => step.length));
  return [
    oneLine(`If it were their turn now, at ${address}: ${said}.`),
    ...decisions.map(
      ({ step, passed, rule, saw }) => `  ${passed ? "yes" : "no "}  ${step.padEnd(width)}  ${oneLine(saw)}${passed ? "" : ` (${rule})`}`,
    ),
  ];
}
