import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { readWav, telephoneRate, writeWav } from "../adapter/tts/wav.ts";
import type { Config } from "../config/schema.ts";
import { formatFinding } from "../ivr/finding.ts";
import { languageAtStart } from "../ivr/language.ts";
import { type PromptBook, type PromptRef, promptKey } from "../ivr/ports.ts";
import { refOf, templatesOf } from "../ivr/prompt.ts";
import type { PromptSounds } from "../ivr/prompt-ports.ts";
import { readScript } from "../ivr/read.ts";
import { sayAs } from "../ivr/say-as.ts";
import { type Prompt, positionName, type Script, type Step } from "../ivr/script.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { nearest } from "../kernel/nearest.ts";
import { openPrompts } from "../start/prompts.ts";
import type { Fields, Template } from "../template/template.ts";
import { type CommonOptions, configFor, withDatabase } from "./context.ts";
import { type FieldOptions, fieldsFrom } from "./ivr-fields.ts";

export interface SayOptions extends CommonOptions, FieldOptions {
  readonly step: string;
  readonly language?: string;
  readonly recordings?: string;
  /** Speak prompts that were uploaded too, out of the database. */
  readonly uploaded?: boolean;
  readonly out?: string;
}

/** Prompts of a step that are heard together, and when. */
interface Part {
  readonly when: string;
  readonly prompts: readonly Prompt[];
}

/** Between the parts of a step, which are not heard one right after the other. */
const pauseMs = 700;

/**
 * `carillon ivr say FILE --step NAME`: writes what a step says into one WAV file, as it is heard on a telephone, and prints it.
 * @throws Fault with one line that says what is wrong and what to do
 */
export async function say(file: string, options: SayOptions): Promise<void> {
  const script = await read(file, options.step);
  const step = script.steps.get(options.step);
  if (!step) throw unknownStep(script, options.step);
  const parts = partsOf(step).filter(({ prompts }) => prompts.length > 0);
  if (parts.length === 0) throw new Fault("step-silent", `step ${options.step} of ${file} says nothing`);
  // Whoever waits here is the first, if nothing else is said.
  const fields = { ...(step.verb === "queue" && { [positionName]: "1" }), ...(await fieldsFrom(options)) };
  checkFields(options.step, parts, fields);
  const language = languageOf(script, fields, options.language);
  const fill = (template: Template) => template.render(fields);

  const spoken = parts.map(({ when, prompts }) => ({ when, refs: prompts.flatMap((prompt) => refOf(script, prompt, language, fill) ?? []) }));
  const samples = await render(
    spoken.map(({ refs }) => refs),
    options,
  );
  const out = options.out ?? `${options.step.replaceAll("/", "-")}.wav`;
  await writeFile(out, writeWav(samples)).catch((error: Error) => {
    throw new Fault("out-unwritable", `${out} cannot be written: ${fileTrouble(error)}`, { cause: error });
  });

  for (const { when, refs } of spoken) for (const ref of refs) console.log(`${when}: ${"say" in ref ? `“${ref.say}”` : `[${ref.file}]`}`);
  for (const note of notes(parts, language, fields)) console.log(`note: ${note}`);
  console.log(`${(samples.length / telephoneRate).toFixed(1)} s in ${language}, written to ${out}`);
}

/** The script; with those it goes to when the step is one of theirs, `NAME/STEP`, else they need not be there. */
async function read(file: string, step: string): Promise<Script> {
  const source = await readFile(file, "utf8").catch((error: Error) => {
    throw new Fault("file-unreadable", `${file} cannot be read: ${fileTrouble(error)}`, { cause: error });
  });
  const { script, findings } = step.includes("/") ? await loadScriptFile(file) : readScript(source, file);
  if (script) return script;
  throw new Fault("script-invalid", `the script has errors:\n${findings.map(formatFinding).join("\n")}`);
}

function unknownStep(script: Script, name: string): Fault {
  const meant = nearest(name, script.steps.keys());
  const advice = meant === undefined ? `it has ${[...script.steps.keys()].join(", ")}` : `did you mean ${meant}?`;
  return new Fault("step-unknown", `script ${script.name} has no step ${name}; ${advice}`);
}

function languageOf(script: Script, fields: Fields, wanted: string | undefined): string {
  if (wanted === undefined) return languageAtStart(script, fields);
  const found = script.languages.find((language) => language.toLowerCase() === wanted.toLowerCase());
  if (found) return found;
  throw new Fault("language-unknown", `script ${script.name} does not speak ${wanted}; it speaks ${script.languages.join(", ")}`);
}

/** What a step says, in the order in which it is heard. */
function partsOf(step: Step): readonly Part[] {
  switch (step.verb) {
    case "play":
      return [{ when: "says", prompts: step.prompts }];
    case "menu":
    case "collect":
    case "survey":
      return [
        { when: "asks", prompts: step.prompts },
        { when: "before it asks again", prompts: step.retryPrompts },
      ];
    case "record":
      return [
        { when: "asks for consent", prompts: step.consent?.prompts ?? [] },
        { when: "asks", prompts: step.prompts },
      ];
    case "webhook":
      return [{ when: "while waiting", prompts: step.holdPrompts }];
    case "transfer":
      return [
        { when: "while it rings", prompts: step.holdPrompts },
        { when: "to whoever answers", prompts: step.whisperPrompts },
      ];
    case "queue":
      return [
        { when: "while waiting", prompts: step.positionPrompts },
        { when: "further behind", prompts: step.positionMore },
        { when: "and again and again", prompts: step.holdPrompts },
        { when: "to the agent", prompts: step.whisperPrompts },
      ];
    default:
      return [];
  }
}

function checkFields(step: string, parts: readonly Part[], fields: Fields): void {
  const needed = parts.flatMap(({ prompts }) => prompts.flatMap(templatesOf)).flatMap((template) => template.needed);
  const missing = [...new Set(needed)].filter((name) => !Object.hasOwn(fields, name));
  if (missing.length === 0) return;
  const advice = `give --contact FILE, or ${missing.map((name) => `--field ${name}=…`).join(" ")}`;
  throw new Fault(
    "contact-lacks-field",
    `step ${step} speaks ${missing.join(", ")}, which ${missing.length > 1 ? "have" : "has"} no value: ${advice}`,
  );
}

/** Values that are not what they are to be spoken as. */
function notes(parts: readonly Part[], language: string, fields: Fields): string[] {
  return parts.flatMap(({ prompts }) =>
    prompts.flatMap((prompt) => {
      if (!("sayAs" in prompt)) return [];
      const value = prompt.value.render(fields);
      const said = sayAs(prompt.sayAs, value, language, prompt.currency === undefined ? {} : { currency: prompt.currency });
      return "fault" in said ? [`“${value}” ${said.fault}; it is spoken as it stands`] : [];
    }),
  );
}

/** Every part as sound, one after the other. */
async function render(parts: readonly (readonly PromptRef[])[], options: SayOptions): Promise<Int16Array> {
  const config = configFor(options, "admin", options.recordings === undefined ? {} : { "prompts.recordingsDir": options.recordings });
  return options.uploaded ? await withDatabase(config, ({ prompts }) => renderWith(parts, config, prompts)) : await renderWith(parts, config);
}

/** @param sounds the uploaded prompts; without it only files are recordings */
async function renderWith(parts: readonly (readonly PromptRef[])[], config: Config, sounds?: PromptSounds): Promise<Int16Array> {
  // The server's own folder may not be ours to write to, and it may be known elsewhere under another name.
  const dir = await mkdtemp(join(tmpdir(), "carillon-say-"));
  const { mediaDir: _elsewhere, ...own } = config.prompts;
  const prompts = openPrompts({ prompts: { ...own, dir } }, systemClock, sounds);
  try {
    const book = await prompts.store.ensure(parts.flat());
    const pause = new Int16Array((pauseMs * telephoneRate) / 1000);
    const pieces: Int16Array[] = [];
    for (const refs of parts) {
      if (pieces.length > 0) pieces.push(pause);
      for (const ref of refs) pieces.push(await samplesOf(book, ref));
    }
    return joined(pieces);
  } finally {
    await prompts.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function samplesOf(book: PromptBook, ref: PromptRef): Promise<Int16Array> {
  const file = book.get(promptKey(ref));
  if (!file) return new Int16Array();
  return Int16Array.from(readWav(await readFile(file.path)).samples, (sample) => Math.round(sample * 32_768));
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
