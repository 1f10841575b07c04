import { readFileSync } from "node:fs";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { readTemplateYaml } from "../template/yaml.ts";

/** What a YAML file with the rules of a campaign says. @throws Fault `rules-file` */
export function readRulesFile(file: string): unknown {
  try {
    return readTemplateYaml(readFileSync(file, "utf8")).value;
  } catch (error) {
    if (error instanceof Fault) throw new Fault("rules-file", `${file}: ${error.message}`, { cause: error });
    throw new Fault("rules-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}
