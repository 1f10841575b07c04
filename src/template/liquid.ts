import { type Context, Liquid } from "liquidjs";
import { localDate, localNumber, localTime, money } from "./filters.ts";
import type { Locale } from "./locale.ts";
import type { TemplateKind } from "./scan.ts";

/** Text filters without a clock, chance, files or a way around the escaping. */
const allowedFilters = new Set(
  (
    "append prepend capitalize upcase downcase default strip lstrip rstrip squish truncate truncatewords " +
    "replace remove slice size plus minus times divided_by round"
  ).split(" "),
);
/** No loops, no includes: a field is one line of text, and nobody renders for ever. */
const allowedTags = new Set(["if", "unless", "case"]);

/** What a text is rendered for; given to the filters beside the fields. */
export interface RenderGlobals {
  /** Asked only by a filter that needs it. */
  readonly locale: () => Locale;
}

type Filter = (this: { readonly context: Context }, value: unknown, argument?: unknown) => string;

/** A filter that writes for the contact's own language. */
function local(write: (value: string, locale: Locale, argument: string | undefined) => string): Filter {
  return function (value, argument) {
    const { locale } = this.context.globals as RenderGlobals;
    return write(String(value ?? ""), locale(), argument === undefined ? undefined : String(argument));
  };
}

const localFilters: Readonly<Record<string, Filter>> = {
  money: local((value, locale, currency) => money(value, currency ?? "", locale)),
  number: local((value, locale) => localNumber(value, locale)),
  date: local((value, locale, style) => localDate(value, style ?? "medium", locale)),
  time: local((value, locale) => localTime(value, locale)),
};

function build(html: boolean): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // An empty column is false in `if`, as authors expect; in Liquid as it comes only nil and false are.
    jsTruthy: true,
    ownPropertyOnly: true,
    cache: false,
    // A prompt or a message renders in about 0.02 ms; these only stop what is not one. The time (ms) is that of the clock on the wall,
    // and a machine that has too much to do stands still for longer than one would think: nobody on the line may be hung up on for it.
    parseLimit: 100_000,
    renderLimit: 5_000,
    memoryLimit: 200_000,
    ...(html ? { outputEscape: "escape" as const } : {}),
  });
  for (const tag of Object.keys(liquid.tags)) if (!allowedTags.has(tag)) delete liquid.tags[tag];
  for (const filter of Object.keys(liquid.filters)) {
    const escapes = html && filter === "escape";
    if (!allowedFilters.has(filter) && !escapes) delete liquid.filters[filter];
  }
  for (const [name, filter] of Object.entries(localFilters)) liquid.registerFilter(name, filter);
  return liquid;
}

const plain = build(false);
const html = build(true);

/** The Liquid engine for a kind of template. */
export function liquidFor(kind: TemplateKind): Liquid {
  return kind === "html" ? html : plain;
}
