import { compileTemplate, type Fields, type TemplateKind } from "./template.ts";

/** The fields a template mentions, and those it cannot do without. */
export function fieldsOf(source: string, kind: TemplateKind): { fields: readonly string[]; needed: readonly string[] } {
  const { fields, needed } = compileTemplate(source, kind);
  return { fields, needed };
}

/** Which of the names have no value, or only blanks, in these fields: such a contact must not be contacted with them. */
export function lacking(names: readonly string[], fields: Fields): string[] {
  return names.filter((name) => !Object.hasOwn(fields, name) || (fields[name] ?? "").trim() === "");
}
