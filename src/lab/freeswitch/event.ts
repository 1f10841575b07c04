/** A header's value; a list is a channel variable that was pushed more than once. */
export type HeaderValue = string | readonly string[];
export type Header = readonly [name: string, value: HeaderValue];

/** Some headers of an event, rendered once however many events carry them: a channel's variables change far less often than they are sent. */
export class HeaderBlock {
  readonly headers: readonly Header[];
  #json: string | undefined;

  constructor(headers: readonly Header[]) {
    this.headers = headers;
  }

  /** The members of a JSON object, without its braces. */
  get json(): string {
    this.#json ??= this.headers.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
    return this.#json;
  }
}

/** One event of the switch: headers in wire order, perhaps a body. */
export class SwitchEvent {
  readonly name: string;
  readonly subclass: string | undefined;
  readonly blocks: readonly HeaderBlock[];
  readonly body: string | undefined;

  constructor(name: string, blocks: readonly HeaderBlock[], options: { subclass?: string | undefined; body?: string | undefined } = {}) {
    this.name = name;
    this.subclass = options.subclass;
    this.blocks = blocks;
    this.body = options.body;
  }

  /** The first header of that name, whatever its case, as text. */
  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    for (const block of this.blocks) {
      for (const [key, value] of block.headers) if (key.toLowerCase() === wanted) return plainValue(value);
    }
    return undefined;
  }
}

/** Characters that `switch_url_encode` (switch_utils.h, SWITCH_URL_UNSAFE) escapes; everything outside printable ASCII is too. */
const unsafe = new Set('\r\n "#%&+:;<=>?@[\\]^`{|}');

/** As FreeSWITCH writes header values in plain events: upper-case %XX of each UTF-8 byte that is not safe. */
export function urlEncode(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code > 126 || code < 32 || unsafe.has(char)) {
      for (const byte of Buffer.from(char, "utf8")) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    } else out += char;
  }
  return out;
}

/** A list as FreeSWITCH flattens it: ARRAY::one|:two. */
export function plainValue(value: HeaderValue): string {
  return typeof value === "string" ? value : `ARRAY::${value.join("|:")}`;
}

/** `Name: url-encoded value` lines, ended by an empty line; what `connect`, `uuid_dump` and plain events are made of. */
export function plainHeaders(event: SwitchEvent): string {
  let out = "";
  for (const block of event.blocks) for (const [name, value] of block.headers) out += `${name}: ${urlEncode(plainValue(value))}\n`;
  return event.body === undefined ? `${out}\n` : `${out}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`;
}

export function jsonText(event: SwitchEvent): string {
  const blocks = event.blocks.filter((block) => block.headers.length > 0).map((block) => block.json);
  if (event.body !== undefined)
    blocks.push(`"Content-Length":${JSON.stringify(String(Buffer.byteLength(event.body)))},"_body":${JSON.stringify(event.body)}`);
  return `{${blocks.join(",")}}`;
}

export function xmlText(event: SwitchEvent): string {
  let out = "<event>\n  <headers>\n";
  for (const block of event.blocks) for (const [name, value] of block.headers) out += `    <${name}>${urlEncode(plainValue(value))}</${name}>\n`;
  out += "  </headers>\n";
  if (event.body !== undefined) {
    out += `  <Content-Length>${Buffer.byteLength(event.body)}</Content-Length>\n  <body>${event.body.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</body>\n`;
  }
  return `${out}</event>\n`;
}
