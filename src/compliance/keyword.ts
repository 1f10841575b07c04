import { type KeywordLanguage, keywordLanguages, keywordWords } from "./keyword-words.ts";

/*
 * What an answer by SMS means. The rules:
 *
 * 1. Case, punctuation, accents, width (ＳＴＯＰ), invisible characters and emoji do not count; apostrophes are left out (don't is dont); letters one by one (S.T.O.P) are a word.
 * 2. A message is a keyword when it is one, or when every other word in it is one of politeness or says only what is to stop, for whom and how: “please stop”, “STOP texting me”, “opt me out of this
 *    list”. One word that is neither makes it a message like any other: “bus stop on 5th”, “don't stop”, “cancel my appointment”. Twelve words at most.
 * 3. The first line counts alone, too, but for NO: what follows it is often a signature or what was answered to. A word said again at once counts once.
 * 4. Start words, NO and words with other meanings (fin, para) stand alone, or with politeness.
 * 5. NO stops only where no question was asked.
 * 6. Whoever says stop beside anything else has said stop. Then come help, start, and a campaign's own words.
 * 7. Every language counts everywhere: people answer in theirs.
 */

/** A campaign's own word, which its answer or webhook belongs to; it stands alone, or with politeness. */
export interface CustomKeyword {
  /** As its author writes it; one or a few words. */
  readonly keyword: string;
}

export type Keyword<Custom extends CustomKeyword = CustomKeyword> =
  | {
      readonly kind: "stop" | "help" | "start";
      readonly word: string;
      readonly language: KeywordLanguage /** STOP ALL, and nothing beside it that says what: every channel. */;
      readonly all: boolean;
    }
  | { readonly kind: "custom"; readonly word: string; readonly custom: Custom };

export interface KeywordContext<Custom extends CustomKeyword = CustomKeyword> {
  /** Whether the message before asked something that NO may answer. */
  readonly asked: boolean;
  readonly custom?: readonly Custom[];
  /** Told first where a word belongs to several: the language the person is written to in. */
  readonly language?: string;
  /** More words of the account's that stop or help, each alone or with politeness. They go before words of a campaign. */
  readonly more?: Partial<Readonly<Record<"stop" | "help", readonly string[]>>>;
}

/** Longer ones are read no further: a keyword is at the beginning or there is none. */
const maxChars = 400;
const maxWords = 12;
const maxPhrase = 6;

type Kind = "stop" | "help" | "start" | "custom";
interface Entry {
  readonly kind: Kind;
  readonly language: KeywordLanguage;
  readonly all: boolean;
  readonly alone: boolean;
  readonly no: boolean;
  readonly custom?: CustomKeyword;
}

/** The words of a text as they are compared. */
export function wordsOf(text: string): readonly string[] {
  const plain = text
    .slice(0, maxChars)
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\p{M}\p{Cf}'’‘ʼ`´]/gu, "")
    .normalize("NFC");
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length > 1 && words.every((word) => /^[a-z]$/.test(word))) return [words.join("")];
  return words.filter((word, index) => word !== words[index - 1]);
}

const phrasesIn = (list: string | undefined) =>
  (list ?? "")
    .split(",")
    .map((phrase) => wordsOf(phrase).join(" "))
    .filter((phrase) => phrase !== "");
const lexicon = new Map<string, Entry[]>();
const polite = new Set<string>();
const about = new Set<string>();
for (const language of keywordLanguages) {
  const words = keywordWords[language];
  const add = (list: string | undefined, kind: Kind, more: Partial<Entry> = {}) => {
    for (const phrase of phrasesIn(list)) {
      const entries = lexicon.get(phrase) ?? [];
      lexicon.set(phrase, [...entries, { kind, language, all: false, alone: false, no: false, ...more }]);
    }
  };
  add(words.stop, "stop");
  add(words.stopAll, "stop", { all: true });
  add(words.stopAlone, "stop", { alone: true });
  add(words.no, "stop", { alone: true, no: true });
  add(words.help, "help");
  add(words.start, "start", { alone: true });
  for (const word of phrasesIn(words.polite)) for (const part of word.split(" ")) polite.add(part);
  for (const word of phrasesIn(words.about)) about.add(word);
}

/** What an answer means by itself; undefined for a message like any other. Pure, and bounded whatever it is given. */
export function keywordOf<Custom extends CustomKeyword>(text: string, context: KeywordContext<Custom>): Keyword<Custom> | undefined {
  const own = ownWords(context);
  const lines = text
    .slice(0, maxChars)
    .split(/[\r\n\u2028\u2029]+/)
    .filter((line) => wordsOf(line).length > 0);
  return meaning(wordsOf(text), context, own) ?? (lines.length > 1 ? meaning(wordsOf(lines[0] ?? ""), { ...context, asked: true }, own) : undefined);
}

/** As Latin, Chinese, Arabic, Armenian and Greek write them, each also with others beside it. */
const questionMark = /[?¿\uff1f\ufe56\u2047-\u2049\u061f\u055e\u037e]/;
const link = /:\/\/|^www\.|^[a-z0-9-]+(?:\.[a-z0-9-]+)+\//i;

/** Whether a text of ours asks something that NO may answer. A question mark within a link asks nothing. */
export function asksSomething(text: string): boolean {
  return text.split(/\s+/).some((word) => questionMark.test(link.test(word) ? word.slice(-1) : word));
}

/** Why this may not be a word of one's own, as the end of a sentence; undefined when it may. @param meaning what it is to mean as well, if not something of one's own */
export function customKeywordFault(keyword: string, meaning?: "stop" | "help"): string | undefined {
  const words = wordsOf(keyword);
  if (words.length === 0 || words.length > maxPhrase) return `has to be one to ${maxPhrase} words of letters and digits`;
  const known = keywordOf(keyword, { asked: false });
  if (known && known.kind !== meaning) return `means ${known.kind} already, which cannot be changed`;
  return undefined;
}

function ownWords<Custom extends CustomKeyword>({ custom = [], more = {} }: KeywordContext<Custom>): ReadonlyMap<string, Entry> {
  const own = new Map<string, Entry>();
  const plain = { language: "en", all: false, alone: true, no: false } as const;
  for (const each of custom) own.set(wordsOf(each.keyword).join(" "), { ...plain, kind: "custom", custom: each });
  for (const kind of ["help", "stop"] as const) for (const word of more[kind] ?? []) own.set(wordsOf(word).join(" "), { ...plain, kind });
  own.delete("");
  return own;
}

interface Found extends Entry {
  readonly word: string;
}

function meaning<Custom extends CustomKeyword>(
  words: readonly string[],
  context: KeywordContext<Custom>,
  own: ReadonlyMap<string, Entry>,
): Keyword<Custom> | undefined {
  if (words.length === 0 || words.length > maxWords) return undefined;
  const found: Found[] = [];
  const others: string[] = [];
  for (let at = 0; at < words.length; ) {
    const next = phraseAt(words, at, context, own);
    if (next) {
      found.push(next.entry);
      at += next.length;
      continue;
    }
    const word = words[at] ?? "";
    // An answer to the question is no part of what else it says: “no, stop texting me”.
    const answer = context.asked && (lexicon.get(word) ?? []).some(({ no }) => no);
    if (!answer && !polite.has(word) && !about.has(word)) return undefined;
    others.push(word);
    at += 1;
  }
  const bare = others.every((word) => polite.has(word));
  for (const kind of ["stop", "help", "start", "custom"] as const) {
    const of = found.filter((entry) => entry.kind === kind);
    const [first] = of;
    if (!first || (of.every(({ alone }) => alone) && !(bare && found.every((entry) => entry.kind === kind)))) continue;
    if (kind === "custom") return { kind, word: first.word, custom: first.custom as Custom };
    const preferred = of.find(({ alone }) => !alone) ?? first;
    return { kind, word: preferred.word, language: preferred.language, all: bare && of.some(({ all }) => all) };
  }
  return undefined;
}

/** The longest keyword that begins at a word. */
function phraseAt<Custom extends CustomKeyword>(
  words: readonly string[],
  at: number,
  { asked, language = "en" }: KeywordContext<Custom>,
  own: ReadonlyMap<string, Entry>,
): { readonly entry: Found; readonly length: number } | undefined {
  const first = language.toLowerCase().split(/[-_]/)[0];
  for (let length = Math.min(maxPhrase, words.length - at); length > 0; length--) {
    const word = words.slice(at, at + length).join(" ");
    const entries = (lexicon.get(word) ?? []).filter(({ no }) => !(no && asked));
    const entry = entries.find((each) => each.language === first) ?? entries[0] ?? own.get(word);
    // A word that only counts alone is an ordinary one beside others, where it is one.
    if (entry && !(entry.alone && words.length > 1 && about.has(word))) return { entry: { ...entry, word }, length };
  }
  return undefined;
}
