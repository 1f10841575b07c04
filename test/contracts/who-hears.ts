import { decode, encode } from "../../src/lab/media/g711.ts";
import { sines } from "../../src/lab/media/tone.ts";
import { until } from "../harness/far-side.ts";
import type { Telephone } from "../lab/telephone.ts";

/* Who hears whom: everybody says a tone of their own all the time, and the last third of a second tells which of them can be heard. */

/** Bins of a window of 320 ms, so that each fits whole into it and none is heard in another: 437.5 Hz, 625 Hz… */
const tonesHz = [437.5, 625, 812.5, 1000, 1187.5, 1375] as const;
const windowSamples = 2560;
/** Of a tone said at -20 dBm0; a mixer and two codecs leave most of it. */
const level = -20;

export interface Speaker {
  readonly name: string;
  readonly telephone: Telephone;
}

/** Lets everybody say their own tone from now on. */
export class Company {
  readonly #speakers: readonly Speaker[];

  constructor(speakers: readonly Speaker[]) {
    this.#speakers = speakers;
    speakers.forEach(({ telephone }, at) => {
      telephone.stream.play(encode("PCMU", sines([tonesHz[at] ?? 0], 1600, level)), () => {}, Number.POSITIVE_INFINITY);
    });
  }

  /** Whom everybody hears now, as "ann: bob cy". */
  get heard(): string {
    return this.#speakers.map((speaker) => `${speaker.name}:${this.#heardBy(speaker)}`).join("; ");
  }

  /** Resolves when they hear each other like that, and for a window's length nothing else. */
  async hear(expected: string): Promise<void> {
    await until(() => this.heard === expected, expected, 4000).catch(() => {
      throw new Error(`heard ${this.heard} and not ${expected}`);
    });
  }

  #heardBy({ telephone }: Speaker): string {
    const pcm = decode("PCMU", telephone.hearing.audio.slice(-windowSamples));
    return this.#speakers.flatMap(({ name }, at) => (has(pcm, tonesHz[at] ?? 0) ? [` ${name}`] : [])).join("");
  }
}

/** Whether most of a tone is in it (Goertzel), a quarter of its power at least. */
function has(pcm: Int16Array, frequencyHz: number): boolean {
  const [first = 0, ...rest] = [pcm, sines([frequencyHz], (windowSamples * 1000) / 8000, level)].map((sound) => power(sound, frequencyHz));
  return pcm.length === windowSamples && first > (rest[0] ?? 0) / 4;
}

function power(pcm: Int16Array, frequencyHz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * frequencyHz) / 8000);
  let [last, before] = [0, 0];
  for (const sample of pcm) [last, before] = [sample + turn * last - before, last];
  return last * last + before * before - turn * last * before;
}
