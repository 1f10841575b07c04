import { Fault } from "../kernel/fault.ts";

/** What is heard of a document, in its order. Names are without their namespace's prefix. */
export interface XmlListener {
  open(name: string, attributes: (name: string) => string | undefined): void;
  text(text: string): void;
  close(name: string): void;
}

/** Longer than any cell (32,767 characters) and any tag of a workbook. */
const maxTokenChars = 262_144;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Reads the XML of workbooks piece by piece: elements, attributes, text, CDATA. No document type, so no entities of its own, which are what harms.
 * @throws Fault `import-format` of what is no such XML
 */
export class XmlScanner {
  readonly #listener: XmlListener;
  #held = "";

  constructor(listener: XmlListener) {
    this.#listener = listener;
  }

  push(piece: string): void {
    const text = this.#held + piece;
    let at = 0;
    for (;;) {
      const from = text.indexOf("<", at);
      if (from < 0) break;
      if (from > at) this.#listener.text(decoded(text.slice(at, from)));
      const end = text.startsWith("<![CDATA[", from)
        ? text.indexOf("]]>", from)
        : text.startsWith("<!--", from)
          ? text.indexOf("-->", from)
          : text.indexOf(">", from);
      at = from;
      if (end < 0) break;
      at = this.#tag(text, from, end);
    }
    this.#held = text.slice(at);
    if (this.#held.length > maxTokenChars) throw new Fault("import-format", "The workbook is damaged: it holds a cell or a tag that is too long.");
  }

  /** @returns where the next one begins */
  #tag(text: string, from: number, end: number): number {
    const second = text[from + 1];
    if (second === "!") {
      if (text.startsWith("<![CDATA[", from)) this.#listener.text(text.slice(from + 9, end));
      else if (text.startsWith("<!DOCTYPE", from)) throw new Fault("import-format", "The workbook holds a document type, which no workbook has.");
      return end + (text[end] === ">" ? 1 : 3);
    }
    if (second === "?") return end + 1;
    if (second === "/") {
      this.#listener.close(local(text.slice(from + 2, end).trim()));
      return end + 1;
    }
    const empty = text[end - 1] === "/";
    const body = text.slice(from + 1, empty ? end - 1 : end);
    const space = body.search(/\s/);
    const name = local(space < 0 ? body : body.slice(0, space));
    this.#listener.open(name, (attribute) => attributeOf(body, attribute));
    if (empty) this.#listener.close(name);
    return end + 1;
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

const patterns = new Map<string, RegExp>();

function attributeOf(body: string, name: string): string | undefined {
  const pattern = patterns.get(name) ?? new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
  patterns.set(name, pattern);
  const found = pattern.exec(body);
  return found ? decoded(found[1] ?? found[2] ?? "") : undefined;
}

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
