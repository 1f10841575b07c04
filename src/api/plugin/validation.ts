import type { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";

/**
 * Holds the parts of a request against their schemas. What comes as text anyway (query, path, headers) is read as the type it should have where it does not fit as it is; a body is
 * taken as it is or refused.
 */
export const compileValidator: typeof TypeBoxValidatorCompiler = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (given: unknown) => {
    if (compiled.Check(given)) return { value: given };
    if (httpPart === "body") return { error: compiled.Errors(given) };
    const read = Value.Convert(schema, given);
    return compiled.Check(read) ? { value: read } : { error: compiled.Errors(read) };
  };
};
