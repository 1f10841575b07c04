import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pick, type Random, seededRandom } from "../../../src/kernel/random.ts";
import { readWav, writeWav } from "../../../src/lab/media/wav.ts";
import { checkPrograms, filesUnder, recordings, soxRead } from "./debian.ts";
import { humanRecipes, machineRecipes, type Recipe } from "./recipes-speech.ts";
import { faxRecipes, silenceRecipes, sitRecipes, toneRecipes } from "./recipes-tone.ts";
import { type Cast, type Label, type Sample, Scene, throughNetwork } from "./scene.ts";
import { type Half, loadVoices, type Voice } from "./voices.ts";

/** How many samples of each label are in each half, how they are made, and how long they are. */
const plan: Readonly<Record<Label, readonly [number, Readonly<Record<string, readonly [number, Recipe]>>, number]>> = {
  human: [240, humanRecipes, 11_000],
  machine: [200, machineRecipes, 20_000],
  fax: [24, faxRecipes, 9_000],
  sit: [24, sitRecipes, 9_000],
  silence: [20, silenceRecipes, 11_000],
  tone: [20, toneRecipes, 11_000],
};
/** Of the samples in which somebody speaks, how many are recordings of people. */
const realShare = 0.6;
/** Raised whenever the recipes change, so that an older corpus is not taken for this one. */
const edition = 5;

export interface Corpus {
  readonly dir: string;
  readonly samples: readonly Sample[];
}

/**
 * The labelled corpus of this seed, built when it is not there yet (a few minutes).
 * Same seed, packages and engines: same bytes; `digest` in the manifest says so.
 * @throws Fault `corpus-tools`, `corpus-recordings`
 */
export function corpus(cacheDir: string, seed: number, say: (text: string) => void): Corpus {
  const dir = join(cacheDir, `corpus-${edition}-${seed}`);
  const manifest = join(dir, "manifest.json");
  if (!existsSync(manifest)) build(cacheDir, dir, seed, say);
  const { samples } = JSON.parse(readFileSync(manifest, "utf8")) as { samples: Sample[] };
  return { dir, samples };
}

/** The sound of a sample. */
export function soundOf({ dir }: Corpus, sample: Sample): Int16Array {
  return readWav(readFileSync(join(dir, sample.file)));
}

function build(cacheDir: string, dir: string, seed: number, say: (text: string) => void): void {
  checkPrograms();
  const root = recordings(cacheDir, say);
  const voices = loadVoices(cacheDir, root, seed, say);
  const fresh = `${dir}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const samples: Sample[] = [];
  const hash = createHash("sha256");
  for (const half of ["tuning", "test"] as const) {
    const cast = castOf(half, voices, root);
    for (const [label, [count, recipes, durationMs]] of Object.entries(plan) as [Label, (typeof plan)[Label]][]) {
      mkdirSync(join(fresh, half, label), { recursive: true });
      const random = seededRandom(seed * 31 + (half === "test" ? 7 : 0) + label.length * 1013);
      for (const kind of quotas(recipes, count)) {
        const file = join(half, label, `${String(samples.length).padStart(3, "0")}-${kind}.wav`);
        const { sample, sound } = make(file, label, kind, recipes[kind]?.[1], durationMs, cast, random);
        const bytes = writeWav(sound);
        hash.update(bytes);
        writeFileSync(join(fresh, file), bytes);
        samples.push(sample);
      }
    }
    say(`${half} half: ${samples.filter((sample) => sample.half === half).length} samples`);
  }
  writeFileSync(join(fresh, "manifest.json"), JSON.stringify({ seed, edition, digest: hash.digest("hex"), samples }, undefined, 1));
  renameSync(fresh, dir);
}

function castOf(half: Half, voices: readonly Voice[], root: string): Cast {
  const own = voices.filter((voice) => voice.half === half);
  const music =
    half === "tuning"
      ? [
          ...filesUnder(join(root, "usr/share/asterisk/moh"), ".wav"),
          ...filesUnder(join(root, "usr/share/games/hedgewars/Data/Music"), ".ogg").slice(0, 6),
        ]
      : filesUnder(join(root, "usr/share/games/fillets-ng/music"), ".ogg");
  const loaded = music.map((path) => soxRead(path));
  return { half, people: own.filter(({ real }) => real), engines: own.filter(({ real }) => !real), music: loaded };
}

/** Names of recipes, as many of each as its weight asks for. */
function quotas(recipes: Readonly<Record<string, readonly [number, Recipe]>>, count: number): string[] {
  const entries = Object.entries(recipes);
  const total = entries.reduce((sum, [, [weight]]) => sum + weight, 0);
  let owed = 0;
  const names = entries.flatMap(([name, [weight]]) => {
    owed += (weight / total) * count;
    const times = Math.round(owed);
    owed -= times;
    return Array<string>(times).fill(name);
  });
  return names.slice(0, count);
}

function make(file: string, label: Label, kind: string, recipe: Recipe | undefined, durationMs: number, cast: Cast, random: Random) {
  if (!recipe) throw new RangeError(`no recipe ${kind}`);
  const voices = random.next() < realShare ? cast.people : cast.engines;
  for (let round = 0; round < 500; round++) {
    const voice = pick(random, voices);
    const scene = new Scene(durationMs, cast, voice, random);
    try {
      recipe(scene);
    } catch (error) {
      // This voice has nothing of that length: another one speaks.
      if (error instanceof RangeError) continue;
      throw error;
    }
    const { samples: sound, channel, clean } = throughNetwork(scene);
    const spoken = scene.speech.length > 0;
    const { speech, beep, toneMs, snrDb } = scene;
    const facts = {
      ...(spoken ? { voice: voice.name } : {}),
      ...(snrDb === undefined ? {} : { snrDb }),
      ...(beep ? { beep } : {}),
      ...(toneMs === undefined ? {} : { toneMs }),
    };
    const sample: Sample = {
      file,
      half: cast.half,
      label,
      kind,
      real: kind === "music" || (spoken && voice.real),
      clean,
      channel,
      durationMs,
      speech,
      ...facts,
    };
    return { sample, sound };
  }
  throw new RangeError(`none of ${voices.length} voices can play ${kind}`);
}
