/** Words for the keys of a telephone in English and Spanish. A menu in one may name keys in the other ("Para español, marque el 2"). */
const words: Readonly<Record<string, string>> = {
  zero: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  star: "*",
  asterisk: "*",
  pound: "#",
  hash: "#",
  cero: "0",
  uno: "1",
  dos: "2",
  tres: "3",
  cuatro: "4",
  cinco: "5",
  seis: "6",
  siete: "7",
  ocho: "8",
  nueve: "9",
  asterisco: "*",
  estrella: "*",
  numeral: "#",
  almohadilla: "#",
  gato: "#",
};

/** Languages whose words for keys are known, as first parts of tags. */
export const keyLanguages: readonly string[] = ["en", "es"];

// "Press one of them" offers no key.
const word = Object.keys(words)
  .map((name) => (name === "one" ? "one(?!\\s+of\\b)" : name === "uno" ? "uno(?!\\s+de\\b)" : name))
  .join("|");
const key = `(?:\\d{1,4}|[*#]|${word})(?![\\p{L}\\d_])`;
const article = "(?:(?:the|key|number|el|la|tecla|número|numero|signo|de)\\s+)*";
const verb =
  "(?:press|dial|enter|push)(?:ing)?|(?:marque|oprima|presione|pulse|digite|marcar|oprimir|presionar|pulsar|marcando|oprimiendo|presionando|pulsando)";
const mentioned = new RegExp(`(?<![\\p{L}\\d_])${key}`, "giu");
const offer = new RegExp(
  `(?<![\\p{L}\\d_])(?:${verb})\\s+${article}${key}(?:(?:\\s*,\\s*${article}${key})*\\s*,?\\s+(?:or|o|u)\\s+${article}${key})?`,
  "giu",
);

/** A key that a text names, and where in the text. */
export interface NamedKey {
  readonly key: string;
  readonly index: number;
}

/** Every key that a text could mean, also in passing: "or 9 to stop". */
export function keysNamed(text: string): NamedKey[] {
  return [...text.matchAll(mentioned)].map((match) => ({ key: keyOf(match[0]), index: match.index }));
}

/** The keys that a text tells people to press: "press 1", "press 1, 2 or 3", "oprima la tecla numeral". The place is that of the words. */
export function keysOffered(text: string): NamedKey[] {
  return [...text.matchAll(offer)].flatMap((match) =>
    keysNamed(match[0]).map(({ key: named, index }, at) => ({ key: named, index: match.index + (at === 0 ? 0 : index) })),
  );
}

function keyOf(text: string): string {
  return words[text.toLowerCase()] ?? text;
}
