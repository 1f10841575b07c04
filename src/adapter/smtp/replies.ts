/** What a server says, as one line that can be stored and shown. */
export function oneLine(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 500);
}

/** An answer (RFC 5321 §4.2), its lines put together. */
export interface Reply {
  readonly code: number;
  /** With the code in front. */
  readonly text: string;
}

/** Of one answer, in characters: beyond it somebody wants to fill our memory. */
const longest = 64 * 1024;

/** Takes what comes in and gives whole answers. */
export class ReplyReader {
  #pending = "";
  #lines: string[] = [];
  #octets = 0;

  /** @returns undefined when it is no SMTP that comes: the connection is to be given up */
  push(chunk: Buffer): readonly Reply[] | undefined {
    this.#pending += chunk.toString("latin1");
    this.#octets += chunk.length;
    const replies: Reply[] = [];
    for (;;) {
      const end = this.#pending.indexOf("\n");
      if (end < 0) break;
      const line = this.#pending.slice(0, end).replace(/\r$/, "");
      this.#pending = this.#pending.slice(end + 1);
      const [, code, more] = /^([2-5]\d\d)(?:([ -])|$)/.exec(line) ?? [];
      if (code === undefined) return undefined;
      this.#lines.push(line);
      if (more === "-") continue;
      const [first = "", ...rest] = this.#lines;
      replies.push({ code: Number(code), text: oneLine([first, ...rest.map((each) => each.slice(4))].join(" ")) });
      this.#lines = [];
      this.#octets = this.#pending.length;
    }
    return this.#octets > longest ? undefined : replies;
  }
}
