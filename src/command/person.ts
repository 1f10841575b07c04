import { copyFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { RecordingDirectory } from "../adapter/system/recording-files.ts";
import type { Whom } from "../compliance/suppression.ts";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { makeFolder } from "../kernel/folder.ts";
import { silentLog } from "../kernel/log.ts";
import type { Stores } from "../main.ts";
import { cutOff, daysOf, retentionAbout, retentionKinds } from "../privacy/retention.ts";
import { retentionOf } from "../start/privacy.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { whomOf } from "./suppression.ts";
import { tableText, timeCell } from "./table.ts";
import { counted } from "./terminal.ts";
import { userName } from "./user.ts";

interface ExportOptions extends CommonOptions {
  readonly output?: string;
}

/** `carillon person export WHOM…` @returns what to say, or the export itself where no directory is given */
export function exportPerson(words: readonly string[], { output, ...options }: ExportOptions): Promise<string> {
  return withStores(options, async ({ privacy }, config) => {
    const told = await privacy.collect(people(words));
    const text = JSON.stringify(told, undefined, 2);
    if (output === undefined) return text;
    await makeFolder(output, 0o700);
    await writeFile(join(output, "person.json"), `${text}\n`, { mode: 0o600 });
    const files = (told.kinds["recordings"] ?? []).flatMap(({ file, state }) => (state === "kept" ? [String(file)] : []));
    const missing = await copyRecordings(files, config, output);
    const rows = Object.values(told.kinds).reduce((sum, each) => sum + each.length, 0);
    const copied = files.length === missing.length ? "" : `, and ${counted(files.length - missing.length, "recording")} beside it`;
    const lost = missing.length === 0 ? "" : `\nNot in the directory of recordings any more: ${missing.join(", ")}.`;
    return `${join(output, "person.json")} has ${counted(rows, "row")}${copied}.${lost}`;
  });
}

/** @returns those that are not there */
async function copyRecordings(files: readonly string[], { voice }: Pick<Config, "voice">, output: string): Promise<readonly string[]> {
  const directory = new RecordingDirectory(voice.recordingsDir);
  const missing: string[] = [];
  for (const file of files) {
    try {
      await copyFile(directory.pathOf(file), join(output, file));
    } catch {
      missing.push(file);
    }
  }
  return missing;
}

interface EraseOptions extends CommonOptions {
  readonly reason: string;
  readonly everybody?: boolean;
  readonly yes?: boolean;
}

/** `carillon person erase WHOM…` @returns what to say */
export function erasePerson(words: readonly string[], { reason, everybody = false, yes = false, ...options }: EraseOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const whom = people(words);
    if (!yes) {
      const { kinds } = await stores.privacy.collect(whom);
      const known = Object.entries(kinds).filter(([, rows]) => rows.length > 0);
      const rows = known.map(([kind, all]) => [kind, String(all.length)]);
      throw new Fault(
        "confirmation-needed",
        `Nothing is done yet: what is forgotten cannot be brought back. This is what is known:\n${tableText(["KIND", "ROWS"], rows)}\nSay it again with --yes to forget them; carillon person export writes it down before.`,
      );
    }
    const by = { kind: "terminal" as const, name: userName(), origin: hostname() };
    const { id, counts } = await stores.privacy.erase({ whom, reason, everybody, by });
    // Whatever is left of the files a running server removes within a minute.
    await retentionOf(stores, config, systemClock, silentLog).removeFiles();
    const left = (await stores.privacy.going(1)).length === 0 ? "" : "\nRecordings are left that could not be removed; the running server tries on.";
    const taken = tableText(
      ["KIND", "ROWS"],
      Object.entries(counts).map(([kind, count]) => [kind, String(count)]),
    );
    return `Forgotten (erasure ${id}). They are suppressed for good, under hashes.\n${taken}${left}`;
  });
}

/** `carillon person erasures` @returns a table */
export function listErasures(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ privacy }) => {
    const found = await privacy.erasures({ limit: 500 });
    if (options.json) return JSON.stringify(found, undefined, 2);
    if (found.length === 0) return "Nobody was erased.";
    return tableText(
      ["ID", "AT", "BY", "REASON", "SUBJECTS"],
      found.map(({ id, at, by, reason, subjects }) => [id, timeCell(at), by, reason, String(subjects.length)]),
    );
  });
}

/** `carillon retention show` @returns a table */
export function showRetention(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores, config) => {
    const all = await retentionRows(stores, config);
    if (options.json) return JSON.stringify(all, undefined, 2);
    const rows = all.map(({ kind, days, due, removed, passedAt, about }) => [
      ...[
        kind,
        days === undefined ? "for ever" : String(days),
        String(due),
        String(removed),
        passedAt === undefined ? "never" : timeCell(passedAt),
        about,
      ],
    ]);
    return tableText(["KIND", "DAYS", "DUE NOW", "REMOVED", "LAST PASS", "WHAT"], rows);
  });
}

async function retentionRows({ privacy: { retention } }: Pick<Stores, "privacy">, { retention: options }: Pick<Config, "retention">) {
  const passes = await retention.passes();
  const now = systemClock.now();
  return await Promise.all(
    retentionKinds.map(async (kind) => {
      const days = daysOf(kind, options);
      const pass = passes.find((each) => each.kind === kind);
      const due = await retention.due(kind, days === undefined ? undefined : cutOff(days, now), now);
      const passedAt = pass !== undefined && pass.at > 0 ? { passedAt: pass.at } : {};
      return { kind, about: retentionAbout[kind], ...(days !== undefined && { days }), due, removed: pass?.removed ?? 0, ...passedAt };
    }),
  );
}

/** `carillon retention run` @returns what to say */
export function runRetention({ dryRun = false, ...options }: CommonOptions & { readonly dryRun?: boolean }): Promise<string> {
  return withStores(options, async (stores, config) => {
    const before = await retentionRows(stores, config);
    if (!dryRun) await retentionOf(stores, config, systemClock, silentLog).run();
    const rows = before.filter(({ due }) => due > 0).map(({ kind, due, about }) => [kind, String(due), about]);
    if (rows.length === 0) return "Nothing is older than it may be.";
    return `${tableText(["KIND", "ROWS", "WHAT"], rows)}\n${dryRun ? "Nothing was changed: that is what would be looked through." : "All of that was looked through, and what was in it is taken away."}`;
  });
}

function people(words: readonly string[]): readonly Whom[] {
  return words.map(whomOf);
}
