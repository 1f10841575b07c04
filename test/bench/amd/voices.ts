import { join } from "node:path";
import { intBetween, pick, type Random, seededRandom } from "../../../src/kernel/random.ts";
import { filesUnder, soxRead, spoken } from "./debian.ts";
import { phrases } from "./phrases.ts";
import { clipOf, isClean, lengthMs } from "./sound.ts";

export type Half = "tuning" | "test";

/** One speaker. No speaker is in both halves, whichever language or engine. */
export interface Voice {
  readonly name: string;
  readonly half: Half;
  /** A recorded person, not a speech engine. */
  readonly real: boolean;
  /** Speaks sentences, not only letters and syllables: a machine's greeting can be made of them. */
  readonly fluent: boolean;
  /** What this voice says, trimmed and levelled. */
  readonly clips: readonly Float32Array[];
}

interface Source {
  readonly name: string;
  readonly half: Half;
  /** Folders below the root of the recordings. */
  readonly folders: readonly string[];
  readonly ending: string;
  /** Only these files of them; every one when left out. */
  readonly named?: RegExp;
  readonly most: number;
  readonly fluent: boolean;
}

const asterisk = "usr/share/asterisk/sounds";
const prompts = (name: string, half: Half, folders: readonly string[], ending = ".wav"): Source => ({
  name,
  half,
  folders: folders.map((folder) => `${asterisk}/${folder}`),
  ending,
  most: 160,
  fluent: true,
});
// The letters and syllables of KLettres: a speaker of its own for each language.
const letters = (half: Half, languages: readonly string[]): Source[] =>
  languages.map((language) => ({
    name: `klettres-${language}`,
    half,
    folders: [`usr/share/klettres/${language}`],
    ending: ".ogg",
    most: 16,
    fluent: false,
  }));

// The hedgehogs of Hedgewars: each folder another actor's, who shouts, mutters and sings.
const actors = (half: Half, folders: readonly string[]): Source[] =>
  folders.map((folder) => ({
    name: `hedgewars-${folder}`,
    half,
    folders: [`usr/share/games/hedgewars/Data/Sounds/voices/${folder}`],
    ending: ".ogg",
    most: 60,
    fluent: true,
  }));

// The two fish of Fish Fillets talk the whole game, the small one (m) and the big one (v), in each language by two actors.
const fish = (half: Half, languages: readonly string[]): Source[] =>
  languages.flatMap((language) =>
    ["m", "v"].map((who) => ({
      name: `fillets-${language}-${who}`,
      half,
      folders: ["usr/share/games/fillets-ng/sound"],
      ending: ".ogg",
      named: new RegExp(`/${language}/[^/]*-${who}(-[^/]*)?[.]ogg$`),
      most: 160,
      fluent: true,
    })),
  );

// What the stamps of Tux Paint show, said in a few words, in each language by somebody else (its changelog names most). KLettres and KTuberling
// are not heard in these languages.
const stamps = (half: Half, languages: readonly string[]): Source[] =>
  languages.map((language) => ({
    name: `tuxpaint-${language}`,
    half,
    folders: ["usr/share/tuxpaint/stamps"],
    ending: `_desc_${language}.ogg`,
    most: 160,
    fluent: true,
  }));

// Children's words of KTuberling, in languages that KLettres has not, so that nobody who speaks there is heard here too.
const words = (half: Half, languages: readonly string[]): Source[] =>
  languages.map((language) => ({
    name: `ktuberling-${language}`,
    half,
    folders: [`usr/share/ktuberling/sounds/${language}`],
    ending: ".ogg",
    most: 16,
    fluent: false,
  }));

const sources: readonly Source[] = [
  // Allison Smith speaks both, so both are one voice.
  prompts("asterisk-allison", "tuning", ["en_US_f_Allison", "es_MX_f_Allison"]),
  prompts("asterisk-june", "tuning", ["fr_CA_f_June"]),
  prompts("asterisk-menardi", "tuning", ["it_IT_f_Menardi"]),
  prompts("asterisk-carlo", "tuning", ["it_IT_m_Carlo"]),
  prompts("asterisk-ivrvoice", "tuning", ["ru_RU_f_IvrvoiceRU"]),
  prompts("asterisk-colombia", "tuning", ["es"], ".gsm"),
  prompts("asterisk-armelle", "tuning", ["fr"], ".gsm"),
  ...letters("tuning", ["ar", "cs", "da", "de", "en", "he", "hu", "lt", "en_GB", "nl", "pt_BR", "uk", "nb", "nds", "ml", "tn", "it"]),
  { name: "librivox", half: "tuning", folders: ["usr/share/pocketsphinx/test/data/librivox"], ending: ".wav", most: 9, fluent: true },
  { name: "pocketsphinx-cards", half: "tuning", folders: ["usr/share/pocketsphinx/test/data/cards"], ending: ".wav", most: 9, fluent: true },
  { name: "alsa", half: "tuning", folders: ["usr/share/sounds/alsa"], ending: ".wav", most: 9, fluent: true },
  ...actors("tuning", [
    "British",
    "Classic",
    "HillBilly",
    "Mobster",
    "Pirate",
    "Surfer",
    "Russian",
    "Default_es",
    "Default_pl",
    "Default_ru",
    "Default_uk",
  ]),
  ...words("tuning", ["gl", "sl", "wa", "fi", "ga", "sr", "sv", "pt"]),
  ...fish("test", ["cs", "nl"]),
  ...stamps("test", ["fr", "ru", "ro", "ca", "bg", "es", "be", "el"]),
];

const engines = [
  ["flite", "kal16", "tuning"],
  ["flite", "slt", "tuning"],
  ["espeak", "en-us", "tuning"],
  ["espeak", "en-us+f3", "tuning"],
  ["flite", "rms", "tuning"],
  ["flite", "awb", "tuning"],
  ["espeak", "en-gb-scotland+m3", "tuning"],
  ["espeak", "en-gb-x-rp+f4", "tuning"],
  ["festival", "ked_diphone", "tuning"],
  ["espeak", "en-029+m5", "tuning"],
  ["espeak", "en-gb-x-gbclan+f2", "tuning"],
  ["espeak", "de+m7", "tuning"],
  ["espeak", "nl+f5", "tuning"],
  ["espeak", "fr-fr+m4", "test"],
  ["espeak", "es-419+f1", "test"],
  ["espeak", "pl+m2", "test"],
  ["espeak", "it+klatt3", "test"],
  ["espeak", "sv+klatt2", "test"],
] as const;

/** @param cacheDir where spoken texts are kept @param root of the recordings */
export function loadVoices(cacheDir: string, root: string, seed: number, say: (text: string) => void): Voice[] {
  const voices: Voice[] = [];
  for (const { name, half, folders, ending, named, most, fluent } of sources) {
    const random = seededRandom(seed + name.length * 7919);
    const paths = folders
      .flatMap((folder) => filesUnder(join(root, folder), ending))
      .filter((path) => !/silence|beep|tone|Noise/.test(path) && (named?.test(path) ?? true));
    const some = shuffled(paths, random).slice(0, most);
    voices.push({
      name,
      half,
      real: true,
      fluent,
      clips: some
        .map((path) => soxRead(path))
        .filter(isClean)
        .flatMap((sound) => clipOf(sound) ?? []),
    });
  }
  for (const [engine, voice, half] of engines) {
    say(`speaking ${phrases.length} texts with ${engine} ${voice}`);
    voices.push({
      name: `${engine}-${voice}`,
      half,
      real: false,
      fluent: true,
      clips: phrases.flatMap((text) => clipOf(spoken(cacheDir, engine, voice, text)) ?? []),
    });
  }
  return voices.filter(({ clips }) => clips.length > 0);
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  return values
    .map((value) => ({ value, order: random.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** An utterance of a length in the range: one clip, or several with gaps in between. Undefined when this voice has none such. */
export function utterance(voice: Voice, fromMs: number, toMs: number, gapMs: readonly [number, number], random: Random): Float32Array | undefined {
  for (let round = 0; round < 60; round++) {
    const parts: Float32Array[] = [];
    let total = 0;
    while (total < fromMs && parts.length < 40) {
      if (parts.length > 0) {
        const gap = new Float32Array(intBetween(random, gapMs[0], gapMs[1]) * 8);
        parts.push(gap);
        total += lengthMs(gap);
      }
      const clip = pick(random, voice.clips);
      parts.push(clip);
      total += lengthMs(clip);
    }
    if (total >= fromMs && total <= toMs) return joined(parts);
  }
  return undefined;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
