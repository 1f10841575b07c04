import { meaningOf } from "../compliance/gate-rules.ts";
import type { Why } from "../compliance/why-ports.ts";
import { oneLine, timeCell } from "./table.ts";

/** What the gate says of somebody, a line for each of its questions. */
export function gateLines({ address, may, rule, retryAt, decisions }: Why): readonly string[] {
  if (rule !== undefined && decisions.length === 0) return [`If it were their turn now: no, ${meaningOf(rule) ?? rule} (${rule}).`];
  const later = retryAt === undefined ? "for good" : `asked again ${timeCell(retryAt)}`;
  const said = may ? "the gate lets it happen" : `no, ${meaningOf(rule ?? "") ?? rule} (${rule}), ${later}`;
  const width = Math.max(...decisions.map(({ step }) => step.length));
  return [
    oneLine(`If it were their turn now, at ${address}: ${said}.`),
    ...decisions.map(
      ({ step, passed, rule, saw }) => `  ${passed ? "yes" : "no "}  ${step.padEnd(width)}  ${oneLine(saw)}${passed ? "" : ` (${rule})`}`,
    ),
  ];
}
