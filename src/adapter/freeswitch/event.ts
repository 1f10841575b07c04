type Headers = Record<string, unknown>;

/**
 * An event or reply of FreeSWITCH as modesl's own class shows it, but over the object it was read from. modesl copies the
 * headers into a list that it searches from the start for every one it adds.
 */
class ReadEvent {
  readonly type: unknown;
  readonly subclass: unknown;
  readonly body: string;
  readonly #headers: Headers;

  constructor(headers: Headers, body: string) {
    this.type = headers["Event-Name"];
    this.subclass = headers["Event-Subclass"];
    this.body = body;
    this.#headers = headers;
  }

  getHeader(name: string): unknown {
    return Object.hasOwn(this.#headers, name) ? this.#headers[name] : null;
  }

  getBody(): string {
    return this.body;
  }

  getType(): unknown {
    return this.type;
  }

  addHeader(name: string, value: unknown): unknown {
    this.#headers[name] = value;
    return value;
  }

  /** As fsmrf reads channel variables. */
  get headers(): readonly { readonly name: string; readonly value: unknown }[] {
    return Object.entries(this.#headers).map(([name, value]) => ({ name, value }));
  }
}

/** An event whose body is JSON, or a reply; undefined for the other forms, which nobody asks FreeSWITCH for. */
export function readEvent(headers: Headers, body: string | undefined): ReadEvent | undefined {
  const form = headers["Content-Type"];
  if (form === "text/event-plain" || form === "text/event-xml") return undefined;
  const event = form === "text/event-json" ? jsonEvent(headers, body ?? "") : new ReadEvent(headers, body ?? "");
  const reply = event.getHeader("Reply-Text");
  if (typeof reply === "string") {
    if (reply.startsWith("-ERR")) event.addHeader("Modesl-Reply-ERR", reply.slice(5));
    else if (reply.startsWith("+OK")) event.addHeader("Modesl-Reply-OK", reply.slice(4));
  }
  return event;
}

/** The event in a JSON body. A body that is none is framed rightly all the same, so it makes an event that nobody listens to. */
function jsonEvent(outer: Headers, body: string): ReadEvent {
  const headers = readObject(body) ?? outer;
  const text = headers["_body"];
  return new ReadEvent(headers, typeof text === "string" ? text : "");
}

function readObject(text: string): Headers | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as Headers) : undefined;
  } catch {
    return undefined;
  }
}

/** `name: value` lines, the values percent-encoded. What is not valid encoding is taken as it stands. */
export function parseHeaders(text: string): Headers {
  const headers: Headers = Object.create(null);
  for (const line of text.split("\n")) {
    const at = line.indexOf(": ");
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 2);
    headers[name] = name === "Content-Length" ? Number.parseInt(value, 10) : value.includes("%") ? decoded(value) : value;
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return decodeURIComponent(value.replace(/%(?![0-9A-Fa-f]{2})/g, "%25").replace(/%[89A-Fa-f][0-9A-Fa-f]/g, "%EF%BF%BD"));
  }
}
