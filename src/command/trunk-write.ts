import { readFileSync } from "node:fs";
import { trunkOptions } from "../config/section/telephony.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { askServer, fieldOf, listOf, textOf } from "./api-client.ts";
import { configFor } from "./context.ts";
import { settingsFrom } from "./setting-words.ts";
import type { TrunkOptions } from "./trunk.ts";

export interface TrunkWriteOptions extends TrunkOptions {
  /** File whose first line is the password; - for standard input. */
  readonly passwordFile?: string;
  /** Settings that go back to their defaults. */
  readonly unset?: readonly string[];
}

/** `carillon trunk add NAME host=… …` @returns what to say @throws Fault `setting-form` and what the server refuses */
export async function addTrunk(name: string, settings: readonly string[], options: TrunkWriteOptions): Promise<string> {
  const body = { ...trunkSettings(settings), ...passwordFrom(options), name };
  const made = await askServer(configFor(options, "admin"), options, "POST", "trunks", body);
  return `Trunk ${name} is added, ${standing(made)}. The other nodes have it within two seconds.`;
}

/** `carillon trunk change NAME setting=… …` */
export async function changeTrunk(name: string, settings: readonly string[], options: TrunkWriteOptions): Promise<string> {
  const taken = Object.fromEntries((options.unset ?? []).map((setting) => [setting, null]));
  const patch = { ...trunkSettings(settings), ...passwordFrom(options), ...taken };
  if (Object.keys(patch).length === 0)
    throw new Fault("setting-form", "Say what is to be another: maxCps=20, --unset username, --password-file FILE.");
  const changed = await askServer(configFor(options, "admin"), options, "PATCH", `trunks/${encodeURIComponent(name)}`, patch);
  return `Trunk ${name} is changed (${Object.keys(patch).join(", ")}), ${standing(changed)}. The other nodes have it within two seconds.`;
}

/** `carillon trunk remove NAME` */
export async function removeTrunk(name: string, options: TrunkOptions & { readonly force?: boolean }): Promise<string> {
  const force = options.force ? "?force=true" : "";
  await askServer(configFor(options, "admin"), options, "DELETE", `trunks/${encodeURIComponent(name)}${force}`);
  return `Trunk ${name} is removed. Calls that are up on it go on to their end.`;
}

/** `carillon trunk reseal` */
export async function resealTrunks(options: TrunkOptions): Promise<string> {
  const body = await askServer(configFor(options, "admin"), options, "POST", "trunks/reseal");
  const [resealed, unreadable] = [listOf(body, "resealed"), listOf(body, "unreadable")];
  const done = resealed.length === 0 ? "No password had to be sealed anew." : `Sealed with the present key: ${resealed.join(", ")}.`;
  return unreadable.length === 0 ? done : `${done} No key opens the password of ${unreadable.join(", ")}: give it anew.`;
}

const words = {
  password: () => {
    throw new Fault(
      "setting-form",
      "Give the password with --password-file, so that the list of processes does not show it (- reads standard input).",
    );
  },
};

const trunkSettings = (settings: readonly string[]) => settingsFrom(trunkOptions, settings, words, "host=sip.carrier.example maxCps=5");

/** @throws Fault `setting-form` when the file cannot be read */
export function passwordFrom({ passwordFile }: Pick<TrunkWriteOptions, "passwordFile">): { readonly password?: string } {
  if (passwordFile === undefined) return {};
  try {
    const [password = ""] = readFileSync(passwordFile === "-" ? 0 : passwordFile, "utf8").split(/\r?\n/);
    return { password };
  } catch (error) {
    throw new Fault("setting-form", `${passwordFile} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

function standing(trunk: unknown): string {
  if (fieldOf(trunk, "up") === true) return "and calls may be placed on it";
  return `and down: ${textOf(trunk, "note") ?? "for no reason that is known"}`;
}
