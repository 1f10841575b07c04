import type { FeedRun, FeedView } from "../contact/feed-ports.ts";
import type { FeedOptions } from "../contact/options.ts";
import { Fault } from "../kernel/fault.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";

export interface FeedRunsOptions extends CommonOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** Of one feed, beside how it stands. */
const runsShown = 10;

/** `carillon feed list` */
export function listFeeds(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ feeds }, { feeds: configured }) => {
    const known = await feeds.list();
    const views: readonly FeedView[] = [
      ...known,
      ...configured.filter(({ name }) => !known.some((view) => view.name === name)).map(({ name }) => ({ name, failures: 0 })),
    ];
    if (options.json) return JSON.stringify(views, null, 2);
    if (views.length === 0) return "There are no feeds: they stand under feeds: in the configuration.";
    const rows = views.map((view) =>
      rowOf(
        view,
        configured.find(({ name }) => name === view.name),
      ),
    );
    const troubles = views.flatMap(({ name, trouble, failures }) => (trouble === undefined ? [] : [`${name}, ${failures} in a row: ${trouble}`]));
    return [tableText(["FEED", "DOES", "FOLDER", "LOOKED", "NEXT"], rows), ...troubles].join("\n");
  });
}

/** `carillon feed show NAME`: how it stands, and what its last runs came to. */
export function showFeed(name: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ feeds }, { feeds: configured }) => {
    const known = (await feeds.list()).find((view) => view.name === name);
    const here = configured.find((each) => each.name === name);
    if (known === undefined && here === undefined)
      throw new Fault(
        "feed-unknown",
        `No server has had a feed ${name} yet, and it is not in this configuration; carillon feed list shows those there are.`,
      );
    const view: FeedView = known ?? { name, failures: 0 };
    const runs = await feeds.runs(name, runsShown);
    if (options.json) return JSON.stringify({ ...view, runs }, null, 2);
    const trouble = view.trouble === undefined ? [] : [`${view.failures} in a row failed: ${view.trouble}`];
    const key = view.hostKey === undefined ? [] : [`Its server is known by ${view.hostKey}.`];
    const table = runs.length === 0 ? "It has had no run yet." : runsTable(runs);
    return [tableText(["FEED", "DOES", "FOLDER", "LOOKED", "NEXT"], [rowOf(view, here)]), ...trouble, ...key, table].join("\n");
  });
}

function rowOf({ name, lookedAt, nextAt, takenBy }: FeedView, options: FeedOptions | undefined): string[] {
  const where =
    options === undefined ? "(not of this configuration)" : options.host === undefined ? options.folder : `${options.host}:${options.folder}`;
  const next = takenBy === undefined ? (nextAt === undefined ? "when a server starts" : timeCell(nextAt)) : `now, by ${takenBy}`;
  return [name, options?.does ?? "", where, lookedAt === undefined ? "never" : timeCell(lookedAt), next];
}

/** `carillon feed runs [NAME]` */
export function listFeedRuns(name: string | undefined, { limit, json, ...options }: FeedRunsOptions): Promise<string> {
  return withStores(options, async ({ feeds }) => {
    const runs = await feeds.runs(name, limit);
    if (json) return JSON.stringify(runs, null, 2);
    if (runs.length === 0) return name === undefined ? "No feed has had a run yet." : `The feed ${name} has had no run yet.`;
    return runsTable(runs);
  });
}

function runsTable(runs: readonly FeedRun[]): string {
  return tableText(["RUN", "FEED", "AT", "STATE", "FILE", "WHAT CAME OF IT"], runs.map(runRow));
}

function runRow({ id, feed, at, state, file = "", report, fault }: FeedRun): string[] {
  const figures = Object.entries(report ?? {}).flatMap(([name, value]) => (typeof value === "number" ? [`${name} ${value}`] : []));
  return [id, feed, timeCell(at), state, file, fault ?? figures.join(", ")];
}

/** `carillon feed run NAME`: a server looks at once. */
export function runFeed(name: string, options: CommonOptions): Promise<string> {
  return withStores(options, async ({ feeds }) => {
    if (!(await feeds.ask(name)))
      throw new Fault("feed-unknown", `No server has had a feed ${name} yet: it must stand under feeds: in the configuration of one that runs.`);
    return `The server that has ${name} looks into its folder now; carillon feed runs ${name} shows what came of it.`;
  });
}
