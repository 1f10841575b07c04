import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { entriesOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { askOver, serverOver } from "./named.ts";
import { tableText } from "./table.ts";

type ReasonOptions = CommonOptions & ServerOptions;

const path = "reason-codes";

/* The reason codes of agents who are not ready, over the server's API. Everything throws what the server refuses. */

/** `carillon reason list` */
export async function listReasons(options: ReasonOptions & { readonly json?: boolean }): Promise<string> {
  const codes = entriesOf(await askOver(options)("GET", path), "items");
  if (options.json) return JSON.stringify(codes);
  return tableText(["CODE", "LABEL"], codes.map(cellsOf));
}

/** `carillon reason set CODE LABEL`: adds one, or labels it anew. */
export async function setReason(code: string, label: string, options: ReasonOptions): Promise<string> {
  await serverOver(options).edit(path, (shown) => {
    const codes = entriesOf(shown, "items");
    const was = codes.find((each) => textOf(each, "code") === code);
    return { items: was === undefined ? [...codes, { code, label }] : codes.map((each) => (each === was ? { code, label } : each)) };
  });
  return `Agents may say that they are not ready because of ${code} (${label}).`;
}

/** `carillon reason remove CODE` @throws Fault `reason-unknown` */
export async function removeReason(code: string, options: ReasonOptions): Promise<string> {
  await serverOver(options).edit(path, (shown) => {
    const codes = entriesOf(shown, "items");
    const items = codes.filter((each) => textOf(each, "code") !== code);
    if (items.length < codes.length) return { items };
    const meant = nearest(
      code,
      codes.flatMap((each) => textOf(each, "code") ?? []),
    );
    throw new Fault("reason-unknown", `There is no reason ${code}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
  });
  return `Agents do not say ${code} any more; who is not ready because of it stays so.`;
}

function cellsOf(each: unknown): string[] {
  return [textOf(each, "code") ?? "", textOf(each, "label") ?? ""];
}
