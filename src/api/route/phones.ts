import { Type } from "typebox";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses } from "../schema/common.ts";
import { phoneBody, phoneSchema, readPhone, showPhone } from "../schema/phone.ts";
import { resealSchema } from "../schema/trunk.ts";

const tags = ["agents"];
const path = "/api/v1/agents/:id/phone";

export function addPhones(app: App, { phones, log }: ApiParts): void {
  app.get(
    path,
    {
      schema: {
        tags,
        summary: "An agent's telephone, and what has registered as it",
        params: idParams,
        response: { 200: phoneSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => showPhone(await phones.find(request.params.id)),
  );

  app.put(
    path,
    {
      schema: {
        tags,
        summary: "Say where an agent is called",
        description:
          "In place of what was there. A telephone that is on the line is hung up, after the conversation if there is one, and the new one called. The password of a device is sealed with `secret.key` and never shown.",
        params: idParams,
        body: phoneBody,
        response: { 200: phoneSchema, ...problemResponses(400, 401, 404, 409, 415, 422, 429, 503) },
      },
    },
    async (request) => {
      const phone = await phones.set(request.params.id, readPhone(request.body));
      log.info({ agent: request.params.id, kind: phone.kind, by: request.caller?.name }, "an agent has another telephone");
      return showPhone(phone);
    },
  );

  app.delete(
    path,
    {
      schema: {
        tags,
        summary: "Take an agent's telephone away",
        params: idParams,
        response: { 204: Type.Null(), ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      await phones.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/v1/phones/reseal",
    {
      schema: {
        tags,
        summary: "Seal the passwords of devices with the present key",
        description: "After a change of `secret.key`, while the old one is among `secret.previousKeys`. The answer names agents by their ids.",
        response: { 200: resealSchema, ...problemResponses(401, 422, 429, 503) },
      },
    },
    async () => {
      const { resealed, unreadable } = await phones.reseal();
      return { resealed: [...resealed], unreadable: [...unreadable] };
    },
  );
}
