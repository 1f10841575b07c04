import { Fault } from "../../kernel/fault.ts";

/** An element of a configuration file. Text between elements is not kept: FreeSWITCH's configuration has none. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
}

interface Open {
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
}

const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function withoutEntities(text: string, where: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const known = entities[name];
    if (known === undefined || !whole.endsWith(";")) throw new Fault("xml-broken", `${where}: ${whole} is not an entity`);
    return known;
  });
}

/**
 * Reads the XML that FreeSWITCH is configured with: elements, attributes, comments and processing instructions.
 * @param where named in faults
 * @throws Fault `xml-broken` with the line
 */
export function readXml(text: string, where: string): XmlElement {
  const top: Open = { name: "", attributes: new Map(), children: [] };
  const open: Open[] = [top];
  let at = 0;
  const broken = (why: string) => new Fault("xml-broken", `${where}:${text.slice(0, at).split("\n").length}: ${why}`);
  while (at < text.length) {
    const next = text.indexOf("<", at);
    const between = text.slice(at, next < 0 ? text.length : next);
    if (between.trim() !== "") throw broken(`stray text ${JSON.stringify(between.trim().slice(0, 40))}`);
    if (next < 0) break;
    at = next;
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) throw broken("no well-formed tag");
    const [whole, closes, opens, attributes = "", selfClosed] = found;
    const inner = open.at(-1) ?? top;
    if (closes !== undefined) {
      if (open.length === 1 || inner.name !== closes) throw broken(`</${closes}> closes nothing`);
      open.pop();
      (open.at(-1) ?? top).children.push(inner);
    } else if (opens !== undefined) {
      const element: Open = { name: opens, attributes: new Map(), children: [] };
      for (const [, name = "", double, single] of attributes.matchAll(attribute)) {
        if (element.attributes.has(name)) throw broken(`${name} twice`);
        element.attributes.set(name, withoutEntities(double ?? single ?? "", where));
      }
      if (selfClosed) inner.children.push(element);
      else open.push(element);
    }
    at += whole.length;
  }
  const root = top.children[0];
  if (open.length > 1) throw broken(`<${open.at(-1)?.name}> is never closed`);
  if (!root || top.children.length > 1) throw broken("not exactly one element at the top");
  return root;
}

/** All elements of that name anywhere under one. */
export function* elements(from: XmlElement, name: string): Generator<XmlElement> {
  for (const child of from.children) {
    if (child.name === name) yield child;
    yield* elements(child, name);
  }
}
