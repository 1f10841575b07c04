const [tab, lf, cr, space, equals] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];
const hex = Buffer.from("0123456789ABCDEF");
/** Of a line, its soft break included (RFC 2045 §6.7). */
const longestLine = 76;

/** Octets that stand for themselves inside a line. */
const literal = new Uint8Array(256);
for (let octet = 0x20; octet <= 0x7e; octet++) literal[octet] = 1;
literal[tab] = 1;
literal[equals] = 0;

/**
 * Text in quoted-printable (RFC 2045 §6.7), as UTF-8 with CRLF at the end of each line and of the whole. Every kind of line end becomes one of it.
 * No line begins with a dot that a server could take for the end, since `=2E` is written there.
 */
export function quotedPrintable(text: string): Buffer {
  const octets = Buffer.from(text);
  // Three octets for one, and a soft break (three) after at most 73 of them.
  const out = Buffer.allocUnsafe(octets.length * 3 + Math.ceil((octets.length * 3) / 70) * 3 + 8);
  let to = 0;
  let lineStart = 0;
  const newLine = () => {
    out[to++] = cr;
    out[to++] = lf;
    lineStart = to;
  };
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    if (octet === cr || octet === lf) {
      if (octet === cr && octets[at + 1] === lf) at += 1;
      newLine();
      continue;
    }
    const next = octets[at + 1];
    const atEnd = next === undefined || next === cr || next === lf;
    const blank = octet === space || octet === tab;
    const plain = literal[octet] === 1 && !(blank && atEnd) && !(octet === 0x2e && to === lineStart);
    if (to - lineStart + (plain ? 1 : 3) > (atEnd ? longestLine : longestLine - 1)) {
      out[to++] = equals;
      newLine();
      // Anew: what was plain may stand at the beginning of a line now.
      at -= 1;
      continue;
    }
    if (plain) {
      out[to++] = octet;
    } else {
      out[to++] = equals;
      out[to++] = hex[octet >> 4] ?? 0;
      out[to++] = hex[octet & 15] ?? 0;
    }
  }
  if (to !== lineStart || to === 0) newLine();
  return out.subarray(0, to);
}

/** Octets in base64, in lines of 76 with CRLF (RFC 2045 §6.8). */
export function base64Lines(octets: Uint8Array): Buffer {
  const lines = Buffer.from(octets)
    .toString("base64")
    .match(/.{1,76}/g) ?? [""];
  return Buffer.from(`${lines.join("\r\n")}\r\n`);
}
