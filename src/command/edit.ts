import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { answerOf, askServer, type ServerOptions } from "./api-client.ts";

/**
 * Puts back to the server what becomes of what it shows at a path. What somebody else changes meanwhile is not lost: it is read anew then.
 * @param edited makes of what is shown what is to be put; what it throws changes nothing
 * @param to where that is put, if not where it was read
 * @returns what the server answers
 * @throws Fault `precondition-failed` when others change it time and again, and as `askServer` does
 */
export type Edit = (path: string, edited: (shown: unknown) => unknown, to?: string) => Promise<unknown>;

/** People who change the same thing do so one after the other by then; a program that never ends must not keep anybody here. */
const mostTries = 5;

export function editOver(config: Pick<Config, "api">, options: ServerOptions): Edit {
  return async (path, edited, to = path) => {
    for (let left = mostTries; left > 0; left -= 1) {
      const { body, etag } = await answerOf(config, options, "GET", path);
      try {
        return await askServer(config, options, "PUT", to, edited(body), etag === undefined ? {} : { ifMatch: etag });
      } catch (error) {
        if (!(error instanceof Fault && error.code === "precondition-failed")) throw error;
      }
    }
    throw new Fault(
      "precondition-failed",
      `Somebody else changed it at the same time, ${mostTries} times in a row. Nothing was changed by this command: look at it again, then repeat it.`,
      { retryable: true },
    );
  };
}
