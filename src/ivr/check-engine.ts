import { nearest } from "../kernel/nearest.ts";
import { type Finding, ordered } from "./finding.ts";
import { gatherOthers, textsOf } from "./linked-engine.ts";
import type { LintOptions } from "./lint.ts";
import type { ListColumns } from "./lint-lists.ts";
import type { PromptStore } from "./ports.ts";
import type { PromptLibrary, SoundExaminer } from "./prompt-ports.ts";
import type { ScriptReader } from "./reader-ports.ts";
import type { Recordings } from "./recording-ports.ts";
import { recordingReports } from "./recordings-engine.ts";
import { scriptNames } from "./script-names-engine.ts";
import type { ScriptStore, ScriptUser, ScriptVersion } from "./script-ports.ts";
import type { Checked } from "./script-work.ts";

/** What a script is held against on a server. */
export interface ScriptCheckParts {
  readonly store: ScriptStore;
  readonly prompts: PromptStore & Recordings & Pick<SoundExaminer, "hasFile">;
  /** Uploaded prompts, which nobody takes away while a script is published that names them. */
  readonly uploaded?: Pick<PromptLibrary, "hold">;
  readonly reader: ScriptReader;
  /** What the configuration knows; the columns come from the lists. */
  readonly lint: Pick<LintOptions, "languages" | "webhooks" | "groups">;
  /** Names of the groups of agents; without it they are not checked. */
  readonly agentGroups?: () => Promise<readonly string[]>;
}

export interface CheckRequest {
  /** For messages. */
  readonly file: string;
  readonly source: string;
  readonly list?: ListColumns;
  /** The versions of others that it goes to; those that are current when left out. */
  readonly uses?: ScriptVersion["uses"];
}

export interface ScriptCheck {
  /** In reading order. */
  readonly findings: readonly Finding[];
  /** There when a call could run it, whatever else is wrong with it. */
  readonly runnable?: {
    readonly name: string;
    /** The texts of the scripts it goes to, by name. */
    readonly others: ReadonlyMap<string, string>;
    /** What it and they play, each once. */
    readonly recordings: readonly string[];
  };
  /** Whether nothing is an error. */
  readonly sound: boolean;
  readonly uses: ScriptVersion["uses"];
  readonly users: readonly ScriptUser[];
  /** Campaigns that would follow it, whose calls are placed for agents, and it asks for none. */
  readonly stranded: readonly string[];
}

/**
 * Everything that is wrong or doubtful in a script, also for the campaigns that follow it and the scripts it goes to.
 * @throws the faults of ScriptReader
 */
export async function checkScript(parts: ScriptCheckParts, { file, source, list, uses: pinned }: CheckRequest): Promise<ScriptCheck> {
  const { store, reader } = parts;
  const own = await reader.outline({ source, file });
  if (!own.known) return { findings: own.findings, sound: false, uses: {}, users: [], stranded: [] };
  const { name } = own.known;
  const users = await store.users(name);
  const followed = users.filter((user) => user.pinned === undefined).map((user) => ({ name: user.list, columns: user.columns }));
  const { uses, read } = await gatherOthers(store, reader, own.known, pinned);
  const others = textsOf(read);
  const agentGroups = await parts.agentGroups?.();
  const recordings = [...new Set([own.known, ...read.values()].flatMap((one) => one.recordings))];
  const checked = await reader.check({
    file,
    source,
    others,
    options: { ...parts.lint, ...(agentGroups && { agentGroups }), recordings: await recordingReports(parts.prompts, recordings) },
    lists: list ? [list, ...followed] : followed,
  });
  const findings = ordered([...checked.findings, ...(await guessed(store, checked.unlinked))]);
  const runnable = checked.unlinked.length === 0 ? { name, others, recordings } : undefined;
  const stranded = checked.asksForAgents ? [] : users.filter((user) => user.pinned === undefined && user.forAgents).map(({ campaign }) => campaign);
  return { findings, sound: checked.sound, uses, users, stranded, ...(runnable && { runnable }) };
}

/** Different names that are guessed at. */
const mostGuessed = 10;

/** The findings, with the script that was probably meant by a name that nobody has. */
async function guessed(store: ScriptStore, unlinked: Checked["unlinked"]): Promise<readonly Finding[]> {
  const unknown = [...new Set(unlinked.flatMap((one) => one.unknown ?? []))].slice(0, mostGuessed);
  const names = unknown.length === 0 ? [] : await scriptNames(store);
  const guesses = new Map(unknown.map((name) => [name, nearest(name, names)]));
  return unlinked.map(({ finding, unknown: name = "" }) => {
    const guess = guesses.get(name);
    return guess === undefined ? finding : { ...finding, fix: `Did you mean ${guess}? ${finding.fix}` };
  });
}
