import { existsSync, readFileSync } from "node:fs";
import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import { formatFinding } from "../ivr/finding.ts";
import { type Publication, type PublishEnd, publishScript } from "../ivr/publish-engine.ts";
import type { ScriptUser, Signature } from "../ivr/script-ports.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import type { Stores } from "../main.ts";
import { openPrompts } from "../start/prompts.ts";
import { openPublishing, ownThread } from "../start/publishing.ts";
import { byUser } from "./user.ts";

/** Lends the parts that publishing needs, and closes what was opened for them. */
export async function withPublishing<T>(
  stores: Pick<Stores, "scripts" | "agents" | "prompts">,
  config: Config,
  work: (parts: ScriptCheckParts) => Promise<T>,
): Promise<T> {
  const prompts = openPrompts(config, systemClock, stores.prompts);
  try {
    return await work(openPublishing(config, stores.scripts, prompts, ownThread, stores.agents, stores.prompts));
  } finally {
    await prompts.close();
  }
}

/** Who works at this terminal, as releases name them: the operating system's user. */
export function signature(note?: string): Signature {
  return { by: byUser(), ...(note !== undefined && { note }) };
}

/**
 * Publishes a script file, with the tests that lie beside it as `NAME.test.yaml`.
 * @throws Fault `script-file` when it cannot be read, and those of the publish engine
 */
export function publishFile(
  stores: Pick<Stores, "scripts" | "agents" | "prompts">,
  config: Config,
  file: string,
  more: Pick<Publication, "list"> & { readonly note?: string } = {},
): Promise<PublishEnd> {
  const { note, ...rest } = more;
  const source = textOf(file);
  const beside = `${file.replace(/\.ya?ml$/i, "")}.test.yaml`;
  const tests = existsSync(beside) ? { tests: { file: beside, source: textOf(beside) } } : {};
  return withPublishing(stores, config, (parts) => publishScript(parts, { file, source, signature: signature(note), ...tests, ...rest }));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault("script-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

/** What publishing came to, in sentences. */
export function publishText({ published, warnings, cases, users }: PublishEnd): string {
  const { name, version, fresh, released } = published;
  const is = `${name} version ${version} is`;
  const said = fresh
    ? `${is} published.`
    : released
      ? `${is} this text already; it is current again.`
      : `${is} this text already, and current: nothing is changed.`;
  const tested = cases === undefined ? [] : [`${counted(cases, "test")} passed.`];
  const followed = released ? [followersText(version, users)] : [];
  return [...warnings.map(formatFinding), [said, ...tested, ...followed].join(" ")].join("\n");
}

/** Whose calls a release changes. */
export function followersText(version: number, users: readonly ScriptUser[]): string {
  const following = users.filter(({ running, pinned }) => running && pinned === undefined).length;
  const pinned = users
    .filter((user) => user.pinned !== undefined && user.pinned !== version)
    .map((user) => `${user.campaign} on version ${user.pinned}`);
  const follow =
    following === 0
      ? "No running campaign follows it."
      : `${counted(following, "running campaign")} ${following === 1 ? "follows" : "follow"} it: new calls run version ${version} within two seconds.`;
  return pinned.length === 0 ? follow : `${follow} Pinned, and not changed: ${pinned.join(", ")}.`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
