import { createHash } from "node:crypto";
import { Fault } from "../kernel/fault.ts";
import type { PromptLibrary, PromptVersion, SoundExaminer } from "./prompt-ports.ts";
import type { PromptUsers } from "./prompt-users-engine.ts";

/** As scripts may name it. Shorter than what a script takes, so that it has room in an address. */
export const promptName = /^(?!.*(?:^|\/)\.)[A-Za-z0-9_-][A-Za-z0-9_./-]{0,75}\.wav$/;
/** Ten minutes as telephones carry it are 9.6 MB. */
export const mostPromptBytes = 16 * 1024 * 1024;
/** Nobody listens longer to a machine. */
const longestMs = 600_000;
/** A header may be some samples off. */
const cutMs = 100;

export interface PromptParts {
  readonly library: PromptLibrary;
  readonly examiner: SoundExaminer;
  readonly users: PromptUsers;
}

export interface Upload {
  readonly name: string;
  readonly sound: Uint8Array;
  /** BCP 47, of what is spoken in it. */
  readonly language?: string;
  readonly note?: string;
  readonly by: string;
}

/** Something doubtful in a prompt that was taken all the same. */
export interface UploadDoubt {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface UploadEnd {
  readonly prompt: PromptVersion;
  /** False when the newest version is this sound already: nothing was written. */
  readonly fresh: boolean;
  readonly doubts: readonly UploadDoubt[];
}

const saved = "Save it as WAV, 16-bit PCM, one channel, 8 or 16 kHz: sox IN -b 16 -c 1 -r 8000 OUT.wav";

/**
 * Looks at a sound, and keeps it as the next version of its name. Calls that are made ready a second later hear it.
 * @throws Fault `prompt-invalid` (its name), `prompt-unplayable`, `prompt-engine`
 */
export async function uploadPrompt({ library, examiner }: PromptParts, { name, sound, language, note, by }: Upload): Promise<UploadEnd> {
  if (!promptName.test(name)) throw new Fault("prompt-invalid", badName(name));
  if (sound.byteLength > mostPromptBytes)
    throw refused(`it has ${(sound.byteLength / 1_048_576).toFixed(1)} MiB, and ${mostPromptBytes / 1_048_576} are taken. ${saved}`);
  const { form, durationMs = 0, findings } = await examiner.examine(sound);
  const [wrong] = findings.filter(({ severity }) => severity === "error");
  if (wrong || !form) throw refused(`${wrong ? aboutIt(wrong.message) : "it cannot be read"}. ${saved}`);
  const { announcedMs = durationMs, ...shape } = form;
  if (announcedMs > durationMs + cutMs)
    throw refused(
      `its header tells of ${(announcedMs / 1000).toFixed(1)} s, and it ends after ${(durationMs / 1000).toFixed(1)} s: a part is missing. Export it again.`,
    );
  if (durationMs > longestMs)
    throw refused(`it lasts ${(durationMs / 60_000).toFixed(1)} minutes, and ${longestMs / 60_000} are taken. Cut it in parts.`);
  const sha256 = createHash("sha256").update(sound).digest("hex");
  const kept = await library.put({ name, sound, sha256, bytes: sound.byteLength, durationMs, language, note, uploadedBy: by, ...shape });
  const doubts = findings.map(({ code, message, fix }) => ({ code, message: `the recording ${message}`, fix }));
  return { ...kept, doubts: (await examiner.hasFile(name)) ? [...doubts, overFile(name)] : doubts };
}

/** A file of the folder of recordings that is not heard any more. */
export function overFile(name: string): UploadDoubt {
  const message = `the folder of recordings has a file ${name} too, and what was uploaded is heard instead of it`;
  return { code: "prompt-over-file", message, fix: "Remove the file, so that nobody takes it for what is heard." };
}

/**
 * Takes a prompt away with its versions. What calls have ready they still play.
 * @throws Fault `prompt-unknown`; `prompt-in-use` while a script names it that calls may still run (detail `errors`)
 */
export async function removePrompt({ library, users }: PromptParts, name: string): Promise<void> {
  if (!(await library.remove(name, () => keepUsed(users, name)))) throw unknownPrompt(name);
}

/** @throws Fault `prompt-in-use` */
async function keepUsed(users: PromptUsers, name: string): Promise<void> {
  const using = await users.of(name);
  if (using.length > 0) {
    const errors = using.map(({ name: script, version, current, campaigns }) => ({
      pointer: `${script}/versions/${version}`,
      message: `${current ? "is current" : "may still be run"}${campaigns.length === 0 ? "" : `, by ${campaigns.join(", ")}`}`,
    }));
    const named = using.map(({ name: script, version }) => `${script} version ${version}`).join(", ");
    const message = `${name} is played by ${named}. Publish ${using.length === 1 ? "that script" : "those scripts"} without it first.`;
    throw new Fault("prompt-in-use", message, { detail: { errors } });
  }
}

/** @throws Fault `prompt-unknown` */
export async function findPrompt({ library }: Pick<PromptParts, "library">, name: string, version?: number): Promise<PromptVersion> {
  const found = await library.find(name, version);
  if (found) return found;
  throw unknownPrompt(name, version);
}

/** The file as it was sent. @throws Fault `prompt-unknown` */
export async function promptSound(
  parts: Pick<PromptParts, "library">,
  name: string,
  version?: number,
): Promise<{ prompt: PromptVersion; sound: Uint8Array }> {
  const prompt = await findPrompt(parts, name, version);
  const sound = await parts.library.sound(prompt.sha256);
  if (!sound) throw new Fault("prompt-unknown", `The sound of version ${prompt.version} of prompt ${name} is not kept any more: the newest ten are.`);
  return { prompt, sound };
}

function unknownPrompt(name: string, version?: number): Fault {
  const what = version === undefined ? `prompt ${name}` : `version ${version} of prompt ${name}`;
  return new Fault("prompt-unknown", `There is no ${what}; GET /api/v1/prompts and carillon prompt list have them.`);
}

function badName(name: string): string {
  return `“${name.slice(0, 100)}” is no name of a prompt. Use letters, digits, - and _, with / between folders, and .wav at the end: hold/please-wait.wav`;
}

/** What is wrong with a recording that has a name, of one that is only being sent. */
function aboutIt(message: string): string {
  const said = message.replace(/^cannot be played: /, "");
  return /^its? /.test(said) ? said : `it ${said}`;
}

function refused(why: string): Fault {
  return new Fault("prompt-unplayable", `The recording is not taken: ${why}`);
}
