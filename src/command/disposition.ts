import { type Answerer, type DispositionCategory, type DispositionDetail, dispositionCategories } from "../agent/disposition.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { entriesOf, listOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { idOf, serverOver } from "./named.ts";
import { tableText } from "./table.ts";

type DispositionOptions = CommonOptions & ServerOptions;

export interface SetDispositionOptions extends DispositionOptions {
  readonly label?: string;
  readonly category?: DispositionCategory;
  readonly needs?: readonly DispositionDetail[];
  readonly answeredBy?: Answerer;
}

/* What agents may say of the conversations of a campaign, over the server's API. Everything throws Fault `campaign-unknown`, and what the server refuses. */

/** `carillon disposition list CAMPAIGN` */
export async function listDispositions(campaign: string, options: DispositionOptions & { readonly json?: boolean }): Promise<string> {
  const { ask, path } = await placeOf(campaign, options);
  const set = entriesOf(await ask("GET", path), "items");
  if (options.json) return JSON.stringify(set);
  const rows = set.map((each) => [
    ...["code", "label", "category"].map((name) => textOf(each, name) ?? ""),
    listOf(each, "needs").join(", ") || "-",
    textOf(each, "answeredBy") ?? "-",
  ]);
  return tableText(["CODE", "LABEL", "CATEGORY", "NEEDS", "ANSWERED BY"], rows);
}

/** `carillon disposition set CAMPAIGN CODE`: adds one, or changes what is given of it. The campaign has a set of its own from then on. */
export async function setDisposition(campaign: string, code: string, options: SetDispositionOptions): Promise<string> {
  const { edit, path } = await placeOf(campaign, options);
  const kept = entriesOf(await edit(path, (shown) => ({ items: withOne(campaign, entriesOf(shown, "items"), code, options) })), "items");
  const category = kept.flatMap((each) => (textOf(each, "code") === code ? (textOf(each, "category") ?? []) : []));
  return `Of a conversation of campaign ${campaign} agents may say ${code} (${category}). It has ${kept.length} dispositions of its own.`;
}

function withOne(campaign: string, set: readonly unknown[], code: string, options: SetDispositionOptions): readonly unknown[] {
  const was = set.find((each) => textOf(each, "code") === code);
  const { label = textOf(was, "label") ?? code, needs = listOf(was, "needs") } = options;
  const category = options.category ?? textOf(was, "category");
  const answeredBy = options.answeredBy ?? textOf(was, "answeredBy");
  if (category === undefined) {
    const all = Object.keys(dispositionCategories).join(", ");
    throw new Fault("disposition-invalid", `Campaign ${campaign} has no disposition ${code} yet: say with --category what it means (${all}).`);
  }
  const is = { code, label, category, needs, ...(answeredBy !== undefined && { answeredBy }) };
  return was === undefined ? [...set, is] : set.map((each) => (each === was ? is : each));
}

/** `carillon disposition remove CAMPAIGN CODE` @throws Fault `disposition-invalid` where it is not there, and as above */
export async function removeDisposition(campaign: string, code: string, options: DispositionOptions): Promise<string> {
  const { edit, path } = await placeOf(campaign, options);
  const { length } = entriesOf(await edit(path, (shown) => ({ items: withoutOne(campaign, entriesOf(shown, "items"), code) })), "items");
  return `Of a conversation of campaign ${campaign} agents do not say ${code} any more; what they have said stays. It has ${length} dispositions of its own.`;
}

function withoutOne(campaign: string, set: readonly unknown[], code: string): readonly unknown[] {
  const items = set.filter((each) => textOf(each, "code") !== code);
  if (items.length < set.length) return items;
  const meant = nearest(
    code,
    set.flatMap((each) => textOf(each, "code") ?? []),
  );
  throw new Fault("disposition-invalid", `Campaign ${campaign} has no disposition ${code}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
}

/** `carillon disposition reset CAMPAIGN` */
export async function resetDispositions(campaign: string, options: DispositionOptions): Promise<string> {
  const { ask, path } = await placeOf(campaign, options);
  return `Campaign ${campaign} has the ${entriesOf(await ask("DELETE", path), "items").length} default dispositions again.`;
}

async function placeOf(campaign: string, options: DispositionOptions) {
  const { ask, edit } = serverOver(options);
  return { ask, edit, path: `campaigns/${await idOf(ask, "campaigns", campaign)}/dispositions` };
}
