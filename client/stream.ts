/** One event of the stream, as a webhook is sent it. */
export interface StreamedEvent {
  /** Where the stream goes on after it: give it as `lastEventId` to miss nothing. */
  readonly id: string;
  /** Such as `attempt.ended`; `stream.gap` where some may be missing. */
  readonly type: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a piece of the stream says: an event, or only where it goes on, or when to come again. */
export interface StreamPiece {
  readonly id?: string;
  readonly retryMs?: number;
  readonly event?: Omit<StreamedEvent, "id">;
}

/** No event of ours is longer; whoever sends more is no Carillon. */
const longestPiece = 4 * 1024 * 1024;

/** Takes a stream of server-sent events apart (HTML Living Standard §9.2.6). @throws Error when a piece does not end */
export async function* readPieces(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamPiece> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of body) {
    held += decoder.decode(chunk, { stream: true });
    for (let end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n")) {
      yield readPiece(held.slice(0, end));
      held = held.slice(end + 2);
    }
    if (held.length > longestPiece) throw new Error("the stream of events holds one that does not end");
  }
}

function readPiece(text: string): StreamPiece {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    const before = fields.get(name);
    fields.set(name, name === "data" && before !== undefined ? `${before}\n${value}` : value);
  }
  const id = fields.get("id");
  const retryMs = Number(fields.get("retry") ?? Number.NaN);
  const data = fields.get("data");
  return {
    ...(id !== undefined && { id }),
    ...(Number.isFinite(retryMs) && { retryMs }),
    ...(data !== undefined && { event: JSON.parse(data) as Omit<StreamedEvent, "id"> }),
  };
}
