import type { IncomingMessage } from "node:http";

/** An answer of a stranger's server is read no further than this. */
export const maxAnswerBytes = 65_536;

/** What came back, or why it cannot be used. */
export type Answer = { readonly status: number; readonly body: unknown } | { readonly refused: string };

/**
 * Reads an answer to its end. Only a 2xx has to be JSON; of any other status the body is not looked at.
 * Never rejects; resolves as soon as it is known to be of no use, and the rest is not read.
 */
export function readAnswer(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const refused = refusal(status, response);
  if (refused !== undefined) {
    response.destroy();
    return Promise.resolve({ refused });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (why: string) => {
      resolve({ refused: why });
      response.destroy();
    };
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxAnswerBytes) refuse(`the answer is longer than ${maxAnswerBytes} bytes`);
      else chunks.push(chunk);
    });
    response.on("end", () => resolve(isSuccess(status) ? parse(status, Buffer.concat(chunks)) : { status, body: undefined }));
    response.on("error", () => {});
    // Also after "end", when nothing more is changed by it.
    response.on("close", () => refuse("the connection broke in the middle of the answer"));
  });
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** What the head alone shows to be of no use. */
function refusal(status: number, { headers }: IncomingMessage): string | undefined {
  if (status >= 300 && status < 400) return `it answers ${status}, and redirects are not followed: configure the URL it leads to`;
  if (Number(headers["content-length"] ?? 0) > maxAnswerBytes) return `the answer is longer than ${maxAnswerBytes} bytes`;
  if (!isSuccess(status)) return undefined;
  // We asked for none; what a few bytes unfold to is only known when it is too late.
  if ((headers["content-encoding"] ?? "identity") !== "identity") return "the answer is compressed, which was not asked for";
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return /^application\/([a-z0-9.+-]+\+)?json$/.test(type) ? undefined : "the answer is not JSON (content-type)";
}

function parse(status: number, bytes: Buffer): Answer {
  try {
    const body: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return { status, body };
  } catch {
    return { refused: "the answer is not JSON" };
  }
}
