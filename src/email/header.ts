/*
 * Header fields (RFC 5322 §2.2): nothing that is put in a value can end it or begin another one.
 */

/** Of a line, without its CRLF (RFC 5322 §2.1.1): wanted, and allowed. */
const wantedLength = 76;
const longestWord = 900;
/** Octets in one encoded word: with its frame at most 75 characters, and the name of the field before it (RFC 2047 §2). */
const encodedOctets = 39;
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** One line of text: control characters and runs of spaces are one space. */
export function oneLineOf(value: string): string {
  return value.replace(controls, " ").replace(/ {2,}/g, " ").trim();
}

/** Text as it may stand in a header: as it is, or in encoded words (RFC 2047) when it is not plain ASCII, looks like one, or cannot be folded. */
export function encodedText(value: string): string {
  const line = oneLineOf(value);
  const plain = /^[\x20-\x7e]*$/.test(line) && !line.includes("=?") && !line.split(" ").some((word) => word.length > longestWord);
  return plain ? line : encodedWords(line);
}

function encodedWords(line: string): string {
  const words: string[] = [];
  let piece = "";
  let octets = 0;
  const end = () => {
    if (piece !== "") words.push(`=?UTF-8?B?${Buffer.from(piece).toString("base64")}?=`);
    piece = "";
    octets = 0;
  };
  // By code points: a character is never cut in two (RFC 2047 §5).
  for (const character of line) {
    const more = Buffer.byteLength(character);
    if (octets + more > encodedOctets) end();
    piece += character;
    octets += more;
  }
  end();
  return words.join(" ");
}

/** A display name (RFC 5322 §3.4): quoted, or in encoded words. */
export function displayNameOf(name: string): string {
  const text = encodedText(name);
  return text.startsWith("=?") ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A field with its CRLF, folded before spaces. @param value one line of ASCII */
export function field(name: string, value: string): string {
  let line = `${name}:`;
  let text = "";
  for (const word of value.split(" ")) {
    if (line.length + 1 + word.length > wantedLength && line.trim() !== "" && line !== `${name}:`) {
      text += `${line}\r\n`;
      line = "";
    }
    line += ` ${word}`;
  }
  return `${text}${line}\r\n`;
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** RFC 5322 §3.3, in UTC. @param at epoch ms */
export function dateOf(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${days[date.getUTCDay()]}, ${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time} +0000`;
}
