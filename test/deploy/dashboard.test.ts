import t from "tap";
import { type Static, type TSchema, Type } from "typebox";
import { Errors } from "typebox/value";
import { read } from "./files.ts";

/*
 * What Grafana takes as a dashboard: the dashboard kind of its repository (kinds/dashboard/dashboard_kind.cue, schema 0.0) and the options of the panels time series and stat
 * (packages/grafana-schema), as far as ours uses them. A property that is not of the model is dropped by Grafana without a word, so here it is a fault. The queries are held against
 * the metrics of a server in test/serve/metrics.test.ts.
 */
const strict = { additionalProperties: false };
const of = <Fields extends Record<string, TSchema>>(fields: Fields) => Type.Object(fields, strict);
const oneOf = <const Words extends readonly string[]>(...words: Words) => Type.Enum([...words]);
const text = Type.String({ minLength: 1 });

const datasource = of({ type: Type.Literal("prometheus"), uid: Type.String({ pattern: "^\\$\\{datasource\\}$" }) });
const gridPos = of({
  h: Type.Integer({ minimum: 1 }),
  w: Type.Integer({ minimum: 1, maximum: 24 }),
  x: Type.Integer({ minimum: 0, maximum: 23 }),
  y: Type.Integer({ minimum: 0 }),
});
const place = { id: Type.Integer({ minimum: 1 }), title: text, gridPos };
const target = of({
  refId: Type.String({ pattern: "^[A-Z]$" }),
  datasource,
  expr: text,
  legendFormat: text,
  instant: Type.Boolean(),
  range: Type.Boolean(),
});
const thresholds = of({
  mode: oneOf("absolute", "percentage"),
  steps: Type.Array(of({ color: text, value: Type.Union([Type.Null(), Type.Number()]) }), { minItems: 1 }),
});
const shown = {
  // Of the categories of @grafana/data: a unit it does not know stands behind the figure as it is.
  unit: oneOf("short", "percentunit", "s", "ops", "reqps", "bytes"),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  color: of({ mode: oneOf("thresholds", "palette-classic") }),
  thresholds,
};
const custom = of({
  drawStyle: oneOf("line", "bars", "points"),
  lineWidth: Type.Integer({ minimum: 0, maximum: 10 }),
  fillOpacity: Type.Integer({ minimum: 0, maximum: 100 }),
  showPoints: oneOf("auto", "never", "always"),
  stacking: of({ mode: oneOf("none", "normal", "percent"), group: text }),
  thresholdsStyle: Type.Optional(of({ mode: oneOf("off", "line", "dashed", "area", "line+area", "dashed+area", "series") })),
});
const fieldConfig = (own: Record<string, TSchema>) => of({ defaults: of({ ...shown, ...own }), overrides: Type.Array(Type.Never()) });
const panel = (type: string, own: Record<string, TSchema>, options: TSchema) =>
  of({
    type: Type.Literal(type),
    ...place,
    description: text,
    datasource,
    targets: Type.Array(target, { minItems: 1 }),
    fieldConfig: fieldConfig(own),
    options,
  });
const panels = {
  row: of({ type: Type.Literal("row"), ...place, collapsed: Type.Literal(false), panels: Type.Array(Type.Never()) }),
  timeseries: panel(
    "timeseries",
    { custom },
    of({
      legend: of({ displayMode: oneOf("list", "table", "hidden"), placement: oneOf("bottom", "right"), showLegend: Type.Boolean() }),
      tooltip: of({ mode: oneOf("single", "multi", "none"), sort: oneOf("asc", "desc", "none") }),
    }),
  ),
  stat: panel(
    "stat",
    {},
    of({
      colorMode: oneOf("value", "background", "background_solid", "none"),
      graphMode: oneOf("none", "area"),
      textMode: oneOf("auto", "value", "value_and_name", "name", "none"),
      reduceOptions: of({
        values: Type.Literal(false),
        calcs: Type.Array(oneOf("last", "lastNotNull", "max", "mean", "sum"), { minItems: 1 }),
        fields: Type.String(),
      }),
    }),
  ),
};
const variable = {
  name: Type.String({ pattern: "^\\w+$" }),
  label: text,
  hide: Type.Integer({ minimum: 0, maximum: 2 }),
  refresh: Type.Integer({ minimum: 0, maximum: 2 }),
  regex: Type.String(),
  includeAll: Type.Boolean(),
  multi: Type.Boolean(),
  options: Type.Array(Type.Never()),
};
const variables = {
  datasource: of({ ...variable, type: Type.Literal("datasource"), query: Type.Literal("prometheus"), current: of({}) }),
  query: of({
    ...variable,
    type: Type.Literal("query"),
    datasource,
    query: of({ query: text, refId: text }),
    definition: text,
    sort: Type.Integer({ minimum: 0, maximum: 8 }),
    allValue: text,
    current: of({ text: Type.Literal("All"), value: Type.Literal("$__all") }),
  }),
};
const anyPanel = Type.Object({ id: Type.Integer(), type: Type.Enum(Object.keys(panels)), title: Type.String(), gridPos });
const anyVariable = Type.Object({ type: Type.Enum(Object.keys(variables)), name: Type.String() });
const dashboard = of({
  title: text,
  uid: Type.String({ minLength: 8, maxLength: 40, pattern: "^[\\w-]+$" }),
  description: text,
  tags: Type.Array(text),
  // 36 is that of Grafana 9.5, 39 of 10.4: an older file is brought up to date when it is opened, a newer one is not understood.
  schemaVersion: Type.Integer({ minimum: 36, maximum: 39 }),
  version: Type.Integer({ minimum: 0 }),
  editable: Type.Boolean(),
  graphTooltip: Type.Integer({ minimum: 0, maximum: 2 }),
  refresh: Type.String({ pattern: "^\\d+[smhd]$" }),
  time: of({ from: Type.String({ pattern: "^now(-\\d+[smhdwMy])?$" }), to: Type.Literal("now") }),
  timezone: oneOf("browser", "utc"),
  annotations: of({ list: Type.Array(Type.Never()) }),
  links: Type.Array(Type.Never()),
  templating: of({ list: Type.Array(anyVariable) }),
  panels: Type.Array(anyPanel),
});

/** What does not fit, with its place. */
function faults(schema: TSchema, value: unknown): readonly string[] {
  return Errors(schema, value).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

t.test("the dashboard is what Grafana takes, property by property", (t) => {
  const file: Static<typeof dashboard> = JSON.parse(read("deploy/grafana/carillon.json"));
  t.same(faults(dashboard, file), []);
  for (const each of file.templating.list) t.same(faults(variables[each.type as keyof typeof variables], each), [], `the variable ${each.name}`);
  for (const each of file.panels) t.same(faults(panels[each.type as keyof typeof panels], each), [], each.title);
  t.same(faults(panels.row, { ...file.panels[0], colour: "red" }).length > 0, true, "what is not of the model is found");

  const taken = new Map<string, string>();
  for (const { title, gridPos } of file.panels) {
    t.ok(gridPos.x + gridPos.w <= 24, `${title} is within the grid`);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        const other = taken.get(`${x},${y}`);
        if (other !== undefined) t.fail(`${title} lies on ${other}`);
        taken.set(`${x},${y}`, title);
      }
  }
  t.equal(new Set(file.panels.map(({ id }) => id)).size, file.panels.length, "ids are given once");
  t.end();
});

interface Queried {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly instant: boolean;
    readonly range: boolean;
  }[];
  readonly fieldConfig?: { readonly defaults: { readonly thresholds: { readonly steps: readonly { readonly value: number | null }[] } } };
}

t.test("its queries are whole, follow the variables, and show what their legends name", (t) => {
  const file: { readonly templating: { readonly list: readonly { readonly name: string }[] }; readonly panels: readonly Queried[] } = JSON.parse(
    read("deploy/grafana/carillon.json"),
  );
  // Those of Grafana itself.
  const known = new Set([...file.templating.list.map(({ name }) => name), "__rate_interval", "__interval", "__range"]);
  for (const { type, title, targets = [], fieldConfig } of file.panels) {
    t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, `${title}: each query has a name of its own`);
    for (const { expr, legendFormat, instant, range } of targets) {
      t.equal(instant, type === "stat", `${title}: a figure is asked for once, a line over the range`);
      t.not(instant, range, title);
      for (const [, name = ""] of expr.matchAll(/\$\{?(\w+)\}?/g)) t.ok(known.has(name), `${title}: there is a variable ${name}`);
      t.ok(expr.includes("$instance"), `${title} shows the nodes that were chosen`);
      t.same(unclosed(expr), "", `${title}: brackets are closed in ${expr}`);
      for (const [, label = ""] of legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g))
        t.match(
          expr,
          new RegExp(`\\b(by|on) \\([^)]*\\b${label}\\b|^(?!.*\\b(sum|max|min|avg|count)\\b)`),
          `${title}: ${label} is left for the legend by ${expr}`,
        );
    }
    const steps = (fieldConfig?.defaults.thresholds.steps ?? []).map(({ value }) => value);
    if (fieldConfig) t.equal(steps[0], null, `${title}: the first threshold is without a value`);
    t.same(
      steps.slice(1),
      steps.slice(1).toSorted((a, b) => Number(a) - Number(b)),
      `${title}: thresholds go up`,
    );
  }
  t.end();
});

/** What is open at the end, or closed without having been open; strings apart. */
function unclosed(expr: string): string {
  const pairs: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
  let open = "";
  for (const sign of expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, "")) {
    if ("([{".includes(sign)) open += sign;
    else if (pairs[sign] !== undefined) {
      if (!open.endsWith(pairs[sign])) return open + sign;
      open = open.slice(0, -1);
    }
  }
  return open;
}
