import { lint } from "../../ivr/lint.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { placedFault } from "../problem.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { publishedSchema, scriptVersionSchema, showFinding, showVersion } from "../schema/script.ts";

const tags = ["scripts"];
/** The media type of YAML is application/yaml (RFC 9512); the other two were in use before. */
const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml"];
/** Some hundred steps with their texts; what is larger is no call flow. */
const maxScriptBytes = 512 * 1024;

export function addScripts(app: App, { scripts, hasRecording }: ApiParts): void {
  app.addContentTypeParser(yamlTypes, { parseAs: "string", bodyLimit: maxScriptBytes }, (_request, body, done) => done(null, body));

  app.post(
    "/api/v1/scripts",
    {
      bodyLimit: maxScriptBytes,
      schema: {
        tags,
        summary: "Publish a script",
        description:
          "The body is the script, as application/yaml; its name is in it. It becomes the next version of that name; the same text again is the version it already is.",
        consumes: ["application/yaml"],
        response: { 201: publishedSchema, ...problemResponses(400, 401, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const source: unknown = request.body;
      if (typeof source !== "string") throw new Fault("media-type", "Send the script as the body, with content-type application/yaml.");
      const { script, findings } = lint(source, "script", hasRecording ? { hasRecording } : {});
      if (script === undefined) {
        const errors = findings.filter(({ severity }) => severity === "error");
        const places = errors.map(({ line, column, code, message, fix }) => ({
          pointer: `${line}:${column}`,
          message: `${code}: ${message}. ${fix}`,
        }));
        throw placedFault(
          "script-invalid",
          `The script has ${errors.length} ${errors.length === 1 ? "error" : "errors"}; line and column are in errors.`,
          places,
        );
      }
      const version = await scripts.publish(script.name, source, { by: `key ${request.apiKey?.name ?? "unknown"}` });
      return reply
        .code(201)
        .header("location", `/api/v1/scripts/${version.id}`)
        .send({ ...showVersion(version), warnings: findings.map(showFinding) });
    },
  );

  app.get(
    "/api/v1/scripts/:id",
    {
      schema: {
        tags,
        summary: "One published version",
        params: idParams,
        response: { 200: scriptVersionSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const version = await scripts.find(request.params.id);
      if (version === undefined) throw new Fault("script-unknown", `There is no script version ${request.params.id}.`);
      return { ...showVersion(version), source: version.source };
    },
  );
}
