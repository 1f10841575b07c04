import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import type { PromptVersion } from "../ivr/prompt-ports.ts";
import { findPrompt, mostPromptBytes, type PromptParts, promptSound, removePrompt, uploadPrompt } from "../ivr/prompt-upload-engine.ts";
import type { PromptUser } from "../ivr/prompt-users-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { openPrompts, promptPartsOf } from "../start/prompts.ts";
import { ownThread } from "../start/publishing.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { oneLine, tableText, timeCell } from "./table.ts";
import { byUser } from "./user.ts";

interface ShowOptions extends CommonOptions {
  readonly json?: boolean;
}

export interface AddOptions extends ShowOptions {
  readonly as?: string;
  readonly language?: string;
  readonly note?: string;
}

const languageTag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** `carillon prompt list` */
export function listPrompts({ language, ...options }: ShowOptions & { readonly language?: string }): Promise<string> {
  return withStores(options, async ({ prompts }) => {
    const all = [...(await allPages((page) => prompts.all(page, language)))].sort((a, b) => a.name.localeCompare(b.name));
    if (options.json) return JSON.stringify(all.map(shown), null, 2);
    const rows = all.map((each) => [
      ...[each.name, String(each.version), secondsCell(each), formCell(each), each.language ?? ""],
      ...[timeCell(each.uploadedAt), each.uploadedBy, each.note ?? ""],
    ]);
    if (rows.length > 0) return tableText(["PROMPT", "VERSION", "LASTS", "FORM", "LANGUAGE", "SINCE", "BY", "NOTE"], rows);
    return language === undefined ? "No prompt is uploaded yet. Upload one with: carillon prompt add FILE" : `No prompt is spoken in ${language}.`;
  });
}

/** `carillon prompt show NAME` */
export function showPrompt(name: string, options: ShowOptions): Promise<string> {
  return withParts(options, async (parts) => {
    const prompt = await findPrompt(parts, name);
    const versions = await allVersions(parts, name);
    const users = await parts.users.of(name);
    if (options.json) {
      const scripts = users.map(({ name: script, version, current, campaigns }) => ({ script, version, current, campaigns }));
      return JSON.stringify({ ...shown(prompt), versions: versions.map(shown), scripts }, null, 2);
    }
    const facts = [secondsCell(prompt), formCell(prompt), `${prompt.bytes} bytes`, ...(prompt.language === undefined ? [] : [prompt.language])];
    const rows = versions.map((each) => [
      ...[String(each.version), secondsCell(each), formCell(each), timeCell(each.uploadedAt), each.uploadedBy],
      ...[each.soundKept ? "kept" : "not kept", each.note ?? ""],
    ]);
    return [
      `${name} version ${prompt.version}: ${facts.join(", ")}`,
      `sha256 ${prompt.sha256}`,
      tableText(["VERSION", "LASTS", "FORM", "SINCE", "BY", "SOUND", "NOTE"], rows),
      users.length === 0 ? "No script that calls may run plays it." : `Played by ${users.map(userWords).join("; ")}.`,
    ].join("\n");
  });
}

/** `carillon prompt add FILE` */
export function addPrompt(file: string, { as: name = basename(file), language, note, ...options }: AddOptions): Promise<string> {
  if (language !== undefined && !languageTag.test(language))
    throw new Fault("prompt-invalid", `“${oneLine(language)}” is no language tag; write one such as es or es-US.`);
  return withParts(options, async (parts) => {
    const sound = await soundOf(file);
    const wish = { name, sound, by: byUser(), ...(language !== undefined && { language }), ...(note !== undefined && { note }) };
    const { prompt, fresh, doubts } = await uploadPrompt(parts, wish);
    if (options.json) return JSON.stringify({ ...shown(prompt), fresh, warnings: doubts }, null, 2);
    const told = fresh
      ? `${name} version ${prompt.version} is uploaded: ${secondsCell(prompt)}, ${formCell(prompt)}. Calls that are made ready from the next second on hear it.`
      : `${name} version ${prompt.version} is this recording already: nothing is changed.`;
    return [...doubts.map(({ message, fix }) => `warning: ${message}. ${fix}`), told].join("\n");
  });
}

/** `carillon prompt get NAME` */
export function getPrompt(
  name: string,
  { version, to, ...options }: CommonOptions & { readonly version?: number; readonly to?: string },
): Promise<string> {
  return withStores(options, async ({ prompts: library }) => {
    const { prompt, sound } = await promptSound({ library }, name, version);
    const file = to ?? basename(name);
    if (existsSync(file)) throw new Fault("prompt-file", `${file} is there already; name another file with --to.`);
    try {
      await writeFile(file, sound, { flag: "wx" });
    } catch (error) {
      throw new Fault("prompt-file", `${file} cannot be written: ${fileTrouble(error)}.`, { cause: error });
    }
    return `${file} is ${name} version ${prompt.version}: ${secondsCell(prompt)}, ${prompt.bytes} bytes.`;
  });
}

/** `carillon prompt remove NAME` */
export function dropPrompt(name: string, options: CommonOptions): Promise<string> {
  return withParts(options, async (parts) => {
    await removePrompt(parts, name);
    return `Removed ${name} with its versions. What calls have ready they play to the end.`;
  });
}

function withParts<T>(options: CommonOptions, work: (parts: PromptParts) => Promise<T>): Promise<T> {
  return withStores(options, async (stores, config) => {
    const prompts = openPrompts(config, systemClock, stores.prompts);
    try {
      return await work(promptPartsOf(stores, prompts.store, ownThread));
    } finally {
      await prompts.close();
    }
  });
}

async function soundOf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > mostPromptBytes) {
      const message = `${file} has ${Math.ceil(size / 1_048_576)} MiB, and ${mostPromptBytes / 1_048_576} are taken: sox ${file} -b 16 -c 1 -r 8000 OUT.wav makes it smaller.`;
      throw new Fault("prompt-file", message);
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("prompt-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

async function allVersions({ library }: PromptParts, name: string): Promise<readonly PromptVersion[]> {
  return await allPages((page) => library.versions(name, page));
}

function userWords({ name, version, current, campaigns }: PromptUser): string {
  return `${name} version ${version}${current ? "" : ", not the current one"}${campaigns.length === 0 ? "" : ` (${campaigns.join(", ")})`}`;
}

function secondsCell({ durationMs }: PromptVersion): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

function formCell({ encoding, sampleRate, channels }: PromptVersion): string {
  return `${encoding}, ${sampleRate / 1000} kHz${channels === 1 ? "" : `, ${channels} channels`}`;
}

function shown({ uploadedAt, ...prompt }: PromptVersion) {
  return { ...prompt, uploadedAt: new Date(uploadedAt).toISOString() };
}
