const piece = /<!--[\s\S]*?-->|<(\/?)([a-z][a-z0-9]*)((?:\s(?:"[^"]*"|'[^']*'|[^'">])*)?)>|[^<]+|</gi;
const href = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i;
const unseen = new Set(["head", "style", "script", "title"]);
const blocks = new Set([
  "p",
  "div",
  "table",
  "tr",
  "ul",
  "ol",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "blockquote",
  "section",
  "header",
  "footer",
  "article",
]);
const entities: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", copy: "©", reg: "®", trade: "™", euro: "€", pound: "£", hellip: "…" },
  ...{ ndash: "–", mdash: "—", laquo: "«", raquo: "»", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", bull: "•", middot: "·" },
};

/** The text of an HTML page, or of a template of one: paragraphs apart, links behind what they stand under. */
export function plainTextOf(html: string): string {
  let text = "";
  let hidden: string | undefined;
  const links: { readonly target: string; readonly from: number }[] = [];
  const breakTo = (count: number) => {
    text = text.replace(/[ \n]+$/, "");
    if (text !== "") text += "\n".repeat(count);
  };
  for (const [whole, closing, tagName, attributes = ""] of html.matchAll(piece)) {
    const tag = tagName?.toLowerCase();
    if (hidden !== undefined) {
      if (closing === "/" && tag === hidden) hidden = undefined;
    } else if (tag === undefined) {
      if (!whole.startsWith("<!--")) text += text === "" || /\s$/.test(text) ? inline(whole).trimStart() : inline(whole);
    } else if (unseen.has(tag)) {
      if (closing === "") hidden = tag;
    } else if (tag === "br") {
      text = `${text.replace(/ +$/, "")}\n`;
    } else if (tag === "li") {
      if (closing === "") breakTo(1);
      if (closing === "") text += "- ";
    } else if (tag === "a" && closing === "") {
      const [, double, single, bare] = href.exec(attributes) ?? [];
      links.push({ target: decoded(double ?? single ?? bare ?? ""), from: text.length });
    } else if (tag === "a") {
      const link = links.pop();
      const shown = link && text.slice(link.from).trim();
      if (link && /^(https?:|mailto:|tel:|\{)/i.test(link.target) && shown !== link.target) text += shown === "" ? link.target : ` (${link.target})`;
    } else if (blocks.has(tag)) {
      breakTo(tag === "tr" || tag === "div" ? 1 : 2);
    } else if ((tag === "td" || tag === "th") && closing === "/") {
      text += " ";
    }
  }
  return `${text.trim()}\n`;
}

function inline(text: string): string {
  return decoded(text.replace(/\s+/g, " "));
}

/** HTML's text: numbers, and the names that people write. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(entities, name.toLowerCase()) ? (entities[name.toLowerCase()] ?? whole) : whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    return code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
