import { pick } from "../../../src/kernel/random.ts";
import type { Scene } from "./scene.ts";
import { fromDb, noise, tone } from "./sound.ts";

/** Lays out one sample on an empty scene. */
export type Recipe = (scene: Scene) => void;

const start = (scene: Scene): number => scene.between(150, 900);
const hello: Recipe = (scene) => void scene.say(start(scene), 280, 1000);
const named: Recipe = (scene) => void scene.say(start(scene), 1000, 2100);

function noisy(recipe: Recipe): Recipe {
  return (scene) => {
    recipe(scene);
    scene.behind(pick(scene.random, [5, 10, 15, 20, 25]), pick(scene.random, ["white", "street", "vehicle", "hum", "babble"] as const));
  };
}

/** People. The number is how many of a hundred are made this way. */
export const humanRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  hello: [18, hello],
  "hello-name": [13, named],
  "hello-hello": [8, (scene) => void scene.say(scene.say(start(scene), 280, 900) + scene.between(300, 1600), 280, 900)],
  business: [
    11,
    (scene) => {
      const lengthMs = scene.between(2200, 4200);
      scene.say(start(scene), lengthMs - 200, lengthMs + 200, [60, 200]);
    },
  ],
  late: [6, (scene) => void scene.say(scene.between(1500, 3500), 280, 1500)],
  "hello-noise": [16, noisy(hello)],
  "name-noise": [9, noisy(named)],
  television: [
    5,
    (scene) => {
      hello(scene);
      scene.behind(pick(scene.random, [14, 18, 24]), "television");
    },
  ],
  "music-behind": [
    4,
    (scene) => {
      hello(scene);
      scene.behind(pick(scene.random, [14, 18, 24]), "music");
    },
  ],
  // A knock or a breath on the handset, then the person.
  handset: [
    4,
    (scene) => {
      scene.add(60, noise("street", scene.between(20, 60), scene.random), fromDb(-18));
      scene.say(scene.between(500, 900), 280, 1000);
      scene.clean = false;
    },
  ],
  "presses-key": [
    3,
    (scene) => {
      const end = scene.say(start(scene), 280, 1000);
      scene.add(end + scene.between(100, 350), tone([770, 1336], scene.between(100, 250), -16));
      scene.clean = false;
    },
  ],
  quiet: [
    3,
    (scene) => {
      hello(scene);
      for (let at = 0; at < scene.samples.length; at++) scene.samples[at] = (scene.samples[at] ?? 0) * 0.12;
    },
  ],
};

/** The beep of a machine: frequency, length and loudness of every kind that is in use; some are two tones, some fade. */
function beep(scene: Scene, atMs: number): void {
  const hz = pick(scene.random, [[400], [440], [480], [620], [800], [850], [1000], [1000], [1400], [1750], [2000], [620, 850], [900, 1350]]);
  const durationMs = pick(scene.random, [130, 180, 250, 300, 400, 500, 700, 1000, 1200]);
  const at = Math.round(atMs);
  scene.add(at, tone(hz, durationMs, pick(scene.random, [-12, -16, -20, -26]), pick(scene.random, [2, 10, 20])));
  scene.beep = [at, at + durationMs];
}

/** A greeting of a length, in phrases with pauses. */
function greeting(scene: Scene, atMs: number, fromMs: number, pauseMs: readonly [number, number]): number {
  let end = scene.say(atMs, 900, 3200);
  while (end - atMs < fromMs) end = scene.say(end + scene.between(pauseMs[0], pauseMs[1]), 700, 3500);
  return end;
}

const beforeBeepMs = (scene: Scene): number => scene.between(200, 1500);

export const machineRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  carrier: [
    20,
    (scene) => {
      const end = greeting(scene, start(scene), 5500, [120, 420]);
      beep(scene, end + beforeBeepMs(scene));
    },
  ],
  personal: [
    18,
    (scene) => {
      const end = scene.say(start(scene), 4500, 8500, [60, 350]);
      beep(scene, end + beforeBeepMs(scene));
    },
  ],
  // The hardest: a first phrase that could be a person's, and a pause.
  "phrase-pause": [
    12,
    (scene) => {
      const first = scene.say(start(scene), 900, 2000);
      const end = greeting(scene, first + scene.between(450, 900), 3000, [200, 500]);
      beep(scene, end + beforeBeepMs(scene));
    },
  ],
  short: [
    10,
    (scene) => {
      const end = scene.say(start(scene), 1800, 3400, [60, 300]);
      beep(scene, end + scene.between(150, 900));
    },
  ],
  "beep-alone": [4, (scene) => beep(scene, scene.between(800, 3000))],
  "mailbox-full": [6, (scene) => void scene.say(start(scene), 3500, 5000, [60, 300])],
  noisy: [
    10,
    (scene) => {
      const end = greeting(scene, start(scene), 5000, [120, 450]);
      beep(scene, end + beforeBeepMs(scene));
      scene.behind(pick(scene.random, [5, 10, 15, 20]), pick(scene.random, ["white", "street", "vehicle", "hum", "babble"] as const));
    },
  ],
  "on-music": [
    4,
    (scene) => {
      const end = greeting(scene, start(scene), 5000, [120, 450]);
      scene.behind(pick(scene.random, [10, 16]), "music");
      for (let at = Math.round((end + 100) * 8); at < scene.samples.length; at++) scene.samples[at] = 0;
      beep(scene, end + scene.between(300, 1000));
    },
  ],
  music: [
    4,
    (scene) => {
      scene.add(scene.between(0, 600), scene.excerpt(16_000), 1);
      scene.clean = false;
    },
  ],
  menu: [5, (scene) => void greeting(scene, start(scene), 9000, [150, 500])],
  // Screening by the telephone itself: it speaks for the person, and then waits.
  screening: [3, (scene) => void greeting(scene, start(scene), 4800, [150, 400])],
  late: [
    4,
    (scene) => {
      const end = greeting(scene, scene.between(1300, 2600), 5000, [120, 420]);
      beep(scene, end + beforeBeepMs(scene));
    },
  ],
};
