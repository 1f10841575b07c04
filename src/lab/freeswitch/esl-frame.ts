/** One command as it came: the first line, the header lines under it (names in lower case), a body when Content-Length announced one. */
export interface EslCommand {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
}

/** Above this without an end, or announced as a body, it is no command but an attack. */
const longestCommand = 1 << 20;

/**
 * Cuts the byte stream of an event-socket client into commands: LF lines (CR is dropped) up to an empty line, then Content-Length bytes
 * (mod_event_socket.c, read_packet).
 */
export class EslReader {
  #pending: Buffer = Buffer.alloc(0);

  /** @returns the commands that are complete now; undefined when the stream is no event-socket stream and has to be closed */
  push(chunk: Buffer): EslCommand[] | undefined {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const commands: EslCommand[] = [];
    for (;;) {
      const command = this.#next();
      if (command === "broken") return undefined;
      if (command === "more") break;
      if (command.line !== "") commands.push(command);
    }
    return commands;
  }

  #next(): EslCommand | "more" | "broken" {
    let start = 0;
    while (this.#pending[start] === 10 || this.#pending[start] === 13) start++;
    if (start > 0) this.#pending = this.#pending.subarray(start);
    const end = blockEnd(this.#pending);
    if (end === undefined) return this.#pending.length > longestCommand ? "broken" : "more";
    const [line = "", ...rest] = this.#pending.toString("utf8", 0, end.text).replaceAll("\r", "").split("\n");
    const headers = new Map<string, string>();
    for (const header of rest) {
      const colon = header.indexOf(":");
      if (colon > 0) headers.set(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).replace(/^ +/, ""));
    }
    const length = headers.has("content-length") ? Number.parseInt(headers.get("content-length") ?? "", 10) : 0;
    if (!(length >= 0 && length <= longestCommand)) return "broken";
    if (this.#pending.length < end.next + length) return "more";
    const body = length > 0 ? this.#pending.toString("utf8", end.next, end.next + length) : undefined;
    this.#pending = this.#pending.subarray(end.next + length);
    return { line, headers, body };
  }
}

/** Where the text of a block ends and where what follows its empty line begins. */
function blockEnd(bytes: Buffer): { text: number; next: number } | undefined {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return { text: at, next: at + 2 };
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return { text: at, next: at + 3 };
  }
  return undefined;
}

/** Reply to a command. */
export function commandReply(text: string): string {
  return `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
}

/** Reply to `api`. */
export function apiReply(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

const farewell = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";

/** The last thing on a connection that FreeSWITCH closes. @param uuid the channel it controlled, when it is one that FreeSWITCH opened */
export function disconnectNotice(uuid?: string): string {
  const controlled = uuid === undefined ? "" : `Controlled-Session-UUID: ${uuid}\nContent-Disposition: disconnect\n`;
  return `Content-Type: text/disconnect-notice\n${controlled}Content-Length: ${farewell.length}\n\n${farewell}`;
}
