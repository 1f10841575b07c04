import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { attemptDetailSchema, showAttemptDetail } from "../schema/attempt.ts";
import { idParams, problemResponses } from "../schema/common.ts";

export function addAttempts(app: App, { attempts }: ApiParts): void {
  app.get(
    "/api/v1/attempts/:id",
    {
      schema: {
        tags: ["attempts"],
        summary: "One attempt, with what its script left and what happened on the wire",
        description:
          "The path of steps, what the person answered, what was asked for besides the call, and the ladder of its SIP messages and media events, with what each status means. Secret answers are never kept.",
        params: idParams,
        response: { 200: attemptDetailSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async (request) => {
      const attempt = await attempts.attempt(request.params.id);
      if (attempt === undefined) throw new Fault("attempt-unknown", `There is no attempt ${request.params.id}.`);
      return showAttemptDetail(attempt);
    },
  );
}
