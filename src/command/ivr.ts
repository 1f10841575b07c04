import { hasErrors } from "../ivr/finding.ts";
import { formatFindings, lintFile } from "../ivr/lint-engine.ts";

/** `carillon ivr lint FILE…` @returns 1 when a script has an error */
export async function lint(files: readonly string[], options: { readonly recordings?: string }): Promise<number> {
  const findings = (await Promise.all(files.map((file) => lintFile(file, options.recordings ? { recordingsDir: options.recordings } : {})))).flat();
  console.log(formatFindings(findings, files.length));
  return hasErrors(findings) ? 1 : 0;
}
