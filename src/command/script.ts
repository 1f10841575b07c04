import { diffVersions } from "../ivr/diff.ts";
import { formatFinding } from "../ivr/finding.ts";
import { rollBack } from "../ivr/publish-engine.ts";
import { allScripts, unknownScript } from "../ivr/script-names-engine.ts";
import type { Release, ScriptVersion } from "../ivr/script-ports.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { followersText, publishFile, publishText, signature, withPublishing } from "./script-publish.ts";
import { oneLine, tableText, terminalText, timeCell } from "./table.ts";

export interface ShowOptions extends CommonOptions {
  readonly json?: boolean;
}

export interface NoteOptions extends ShowOptions {
  readonly note?: string;
}

const pageSize = 1000;

/** `carillon script publish FILE` */
export function publish(file: string, { note, ...options }: NoteOptions): Promise<void> {
  return withStores(options, async (stores, config) => {
    const end = await publishFile(stores, config, file, note === undefined ? {} : { note });
    const { source: _, ...version } = withTimes(end.published);
    print(options, { ...version, warnings: end.warnings, cases: end.cases, campaigns: end.users }, () => publishText(end));
  });
}

/** `carillon script list` */
export function list(options: ShowOptions): Promise<void> {
  return withStores(options, async ({ scripts }) => {
    const all = [...(await allScripts(scripts))].sort((a, b) => a.name.localeCompare(b.name));
    const rows = all.map(({ name, versions, running, current }) => [
      name,
      String(current.version),
      String(versions),
      String(running),
      timeCell(current.at),
      current.by,
      current.note ?? "",
    ]);
    print(
      options,
      all.map(({ current, ...entry }) => ({ ...entry, current: releaseWithTime(current) })),
      () =>
        rows.length === 0
          ? "No script is published yet. Publish one with: carillon script publish FILE"
          : tableText(["SCRIPT", "CURRENT", "NEWEST", "RUNNING", "SINCE", "BY", "NOTE"], rows),
    );
  });
}

/** `carillon script show NAME`: the text, with what is known of it in comments before it, so that it stays a script. */
export function show(name: string, options: ShowOptions & { readonly version?: number }): Promise<void> {
  return withStores(options, async (stores) => {
    const version = await versionOf(stores, name, options.version);
    const current = await stores.scripts.current(name);
    const uses = Object.entries(version.uses).map(([other, { version: number }]) => `${other} version ${number}`);
    print(options, { ...withTimes(version), current: version.id === current?.id }, () => {
      const facts = [
        `${name} version ${version.version}, ${version.id === current?.id ? "the current one" : `current is ${current?.version}`}`,
        `published ${timeCell(version.publishedAt)} by ${oneLine(version.publishedBy)}`,
        ...(uses.length === 0 ? [] : [`goes to ${uses.join(", ")}`]),
      ];
      return `${facts.map((fact) => `# ${fact}`).join("\n")}\n${terminalText(version.source).trimEnd()}`;
    });
  });
}

/** `carillon script history NAME` */
export function history(name: string, options: ShowOptions): Promise<void> {
  return withStores(options, async (stores) => {
    const releases = await allReleases(stores, name);
    if (releases.length === 0) throw await unknownScript(stores.scripts, name);
    const rows = releases.map(({ at, version, by, note }, index) => [timeCell(at), String(version), index === 0 ? "current" : "", by, note ?? ""]);
    print(options, releases.map(releaseWithTime), () => tableText(["RELEASED", "VERSION", "", "BY", "NOTE"], rows));
  });
}

/** `carillon script diff NAME FROM TO` */
export function diff(name: string, from: number, to: number, options: ShowOptions): Promise<void> {
  return withStores(options, async (stores) => {
    const [before, after] = [await versionOf(stores, name, from), await versionOf(stores, name, to)];
    const text = diffVersions(before, after);
    print(options, { name, from, to, diff: text }, () =>
      text === "" ? `Versions ${from} and ${to} of ${name} are the same.` : terminalText(text).trimEnd(),
    );
  });
}

/** `carillon script rollback NAME --to N` */
export function rollback(name: string, options: NoteOptions & { readonly to: number }): Promise<void> {
  return withStores(options, async (stores, config) => {
    await versionOf(stores, name, options.to);
    const { release, findings, users } = await withPublishing(stores, config, (parts) => rollBack(parts, name, options.to, signature(options.note)));
    print(options, { ...releaseWithTime(release), findings, campaigns: users }, () =>
      [...findings.map(formatFinding), `${name} version ${release.version} is current again. ${followersText(release.version, users)}`].join("\n"),
    );
  });
}

/** The version of that number, or the current one. @throws Fault `script-unknown` with a guess, or with the numbers there are */
export async function versionOf({ scripts }: Pick<Stores, "scripts">, name: string, number: number | undefined): Promise<ScriptVersion> {
  const version = number === undefined ? await scripts.current(name) : await scripts.version(name, number);
  if (version) return version;
  const entry = await scripts.entry(name);
  if (!entry) throw await unknownScript(scripts, name);
  const there = entry.versions === 1 ? "there is only version 1" : `there are versions 1 to ${entry.versions}`;
  throw new Fault("script-unknown", `There is no version ${number} of script ${name}; ${there}.`);
}

async function allReleases({ scripts }: Pick<Stores, "scripts">, name: string): Promise<readonly Release[]> {
  const all: Release[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await scripts.releases(name, { limit: pageSize, ...(afterId !== undefined && { afterId }) });
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}

function withTimes<Version extends ScriptVersion>({ publishedAt, ...version }: Version) {
  return { ...version, publishedAt: new Date(publishedAt).toISOString() };
}

function releaseWithTime({ at, ...release }: Release) {
  return { ...release, at: new Date(at).toISOString() };
}

function print({ json }: ShowOptions, value: unknown, text: () => string): void {
  console.log(json ? JSON.stringify(value, null, 2) : text());
}
