import { Type } from "typebox";
import { findPrompt, mostPromptBytes, promptSound, removePrompt, uploadPrompt } from "../../ivr/prompt-upload-engine.ts";
import { Fault } from "../../kernel/fault.ts";
import { readPage } from "../cursor.ts";
import type { ApiParts, App } from "../parts.ts";
import { pageOf, problemResponses } from "../schema/common.ts";
import {
  promptPageQuery,
  promptParams,
  promptQuery,
  promptSchema,
  promptUserSchema,
  promptVersionSchema,
  showPrompt,
  showPromptUser,
  showWarnings,
  soundAnswer,
  soundQuery,
  soundTypes,
  uploadedSchema,
  uploadQuery,
} from "../schema/prompt.ts";
import { signatureOf } from "../script-faults.ts";

const tags = ["prompts"];

/** Recordings that scripts name with `file:`, the same on every node. */
export function addPrompts(app: App, { prompts }: ApiParts): void {
  const { library, users } = prompts;
  app.addContentTypeParser(soundTypes, { parseAs: "buffer", bodyLimit: mostPromptBytes }, (_request, body, done) => done(null, body));

  app.get(
    "/api/v1/prompts",
    {
      schema: {
        tags,
        summary: "All uploaded prompts",
        querystring: promptQuery,
        response: { 200: pageOf(promptSchema), ...problemResponses(400, 401, 429, 503) },
      },
    },
    async ({ query }) => {
      const page = await readPage(query, (rows) => library.all(rows, query.language));
      return { ...page, items: page.items.map(showPrompt) };
    },
  );

  app.get(
    "/api/v1/prompts/:name",
    {
      schema: {
        tags,
        summary: "One uploaded prompt",
        params: promptParams,
        response: { 200: promptSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name } }) => showPrompt(await findPrompt(prompts, name)),
  );

  app.put(
    "/api/v1/prompts/:name",
    {
      bodyLimit: mostPromptBytes,
      schema: {
        tags,
        summary: "Upload a prompt, or another recording for it",
        description:
          "The body is a WAV file, up to 16 MiB and ten minutes: PCM, float, µ-law or A-law, of any usual rate; calls hear it at 8 kHz in one channel. It becomes the next version of its name (201). Calls that are made ready a second later hear it, on every node; what calls have ready they play to the end. The newest version again makes no new one (200).",
        consumes: soundTypes,
        params: promptParams,
        querystring: uploadQuery,
        response: { 200: uploadedSchema, 201: uploadedSchema, ...problemResponses(400, 401, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { body: sound, params, query } = request;
      if (!(sound instanceof Uint8Array))
        throw sound === undefined
          ? new Fault("request-invalid", "The body is missing. Send the recording as audio/wav.")
          : new Fault("media-type", "Send the recording as audio/wav.");
      const { by } = signatureOf(request, undefined);
      const { prompt, fresh, doubts } = await uploadPrompt(prompts, { ...params, ...query, sound, by });
      return reply.code(fresh ? 201 : 200).send({ ...showPrompt(prompt), fresh, warnings: showWarnings(doubts) });
    },
  );

  app.delete(
    "/api/v1/prompts/:name",
    {
      schema: {
        tags,
        summary: "Take a prompt away, with its versions",
        description:
          "Refused with the scripts in `errors` while one that calls may still run names it: one that is current, one that a campaign stays on, or one that these go to. Calls that have it ready play it to the end.",
        params: promptParams,
        response: { 204: Type.Null({ description: "It is gone." }), ...problemResponses(400, 401, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      await removePrompt(prompts, request.params.name);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/prompts/:name/sound",
    {
      schema: {
        tags,
        summary: "What is heard: the file as it was sent",
        params: promptParams,
        querystring: soundQuery,
        response: { 200: soundAnswer, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query: { version } }, reply) => {
      const { prompt, sound } = await promptSound(prompts, name, version);
      const file = name.split("/").at(-1) ?? "prompt.wav";
      return reply
        .type("audio/wav")
        .header("content-disposition", `attachment; filename="${file}"`)
        .header("repr-digest", `sha-256=:${Buffer.from(prompt.sha256, "hex").toString("base64")}:`)
        .send(Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength) as never);
    },
  );

  app.get(
    "/api/v1/prompts/:name/versions",
    {
      schema: {
        tags,
        summary: "Its versions, the newest first",
        params: promptParams,
        querystring: promptPageQuery,
        response: { 200: pageOf(promptVersionSchema), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { name }, query }) => {
      await findPrompt(prompts, name);
      const page = await readPage(query, (rows) => library.versions(name, rows));
      return { ...page, items: page.items.map(showPrompt) };
    },
  );

  app.get(
    "/api/v1/prompts/:name/scripts",
    {
      schema: {
        tags,
        summary: "The scripts that play it, in the versions that calls may still run",
        params: promptParams,
        response: { 200: Type.Object({ items: Type.Array(promptUserSchema) }), ...problemResponses(400, 401, 404, 422, 429, 503) },
      },
    },
    async ({ params: { name } }) => {
      await findPrompt(prompts, name);
      return { items: (await users.of(name)).map(showPromptUser) };
    },
  );
}
