import { CaseFileSchema } from "./case-schema.ts";

/** The schema of tests (NAME.test.yaml) for editors that complete and check YAML: docs/ivr-test.schema.json. */
export function caseEditorSchema(): string {
  const $schema = "https://json-schema.org/draft/2020-12/schema";
  return `${JSON.stringify({ $schema, title: "Tests of a Carillon IVR script", ...CaseFileSchema }, undefined, 2)}\n`;
}
