import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { checkDocument, documentFaults, maxAttachedBytes } from "../template/document.ts";
import type { TemplateSource } from "../template/ports.ts";
import { readTemplateYaml } from "../template/yaml.ts";

/**
 * A template's file, checked. An attachment may name a `file` beside it in place of its name and content.
 * @throws Fault `template-file` when one cannot be read, `template-invalid` in lines of file, line and column
 */
export function readTemplateFile(file: string): TemplateSource {
  const { value, placed } = readYaml(file);
  const whole = withAttachments(value, dirname(file));
  const faults = documentFaults(whole);
  if (faults.length > 0) throw refused(file, placed(faults));
  return checkDocument(whole);
}

function readYaml(file: string) {
  try {
    return readTemplateYaml(contentOf(file).toString("utf8"));
  } catch (error) {
    if (error instanceof Fault && error.code === "template-invalid") throw refused(file, placesOf(error.detail["errors"]));
    throw error;
  }
}

type Told = { readonly pointer: string; readonly message: string };

function refused(file: string, places: readonly Told[]): Fault {
  return new Fault("template-invalid", places.map(({ pointer, message }) => `${file}:${pointer}: ${message}`).join("\n"));
}

function placesOf(errors: unknown): readonly Told[] {
  return Array.isArray(errors) ? (errors as readonly Told[]) : [];
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Fault("template-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

function withAttachments(value: unknown, folder: string): unknown {
  if (typeof value !== "object" || value === null || !("attachments" in value) || !Array.isArray(value.attachments)) return value;
  const attachments = value.attachments.map((each: unknown) => {
    if (typeof each !== "object" || each === null || !("file" in each) || typeof each.file !== "string") return each;
    const { file, ...rest } = each;
    const content = contentOf(resolve(folder, file));
    // What is too large is refused by its size, and need not be turned into text for it.
    return { name: basename(file), ...rest, content: content.subarray(0, maxAttachedBytes + 3).toString("base64") };
  });
  return { ...value, attachments };
}
