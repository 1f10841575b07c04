import { pick } from "../../../src/kernel/random.ts";
import type { Recipe } from "./recipes-speech.ts";
import type { Scene } from "./scene.ts";
import { fromDb, noise, tone } from "./sound.ts";

/* Answers and signals in which nobody speaks first. The number is how many of a hundred of that label. */

function repeat(scene: Scene, hz: readonly number[], onMs: number, offMs: number): void {
  const levelDb = pick(scene.random, [-14, -18, -24]);
  scene.toneMs = scene.between(0, 500);
  for (let at = scene.toneMs; at < scene.samples.length / 8; at += onMs + offMs) scene.add(at, tone(hz, onMs, levelDb));
}

/** ITU-T T.30: the answering tone, and after it what modems say in V.21. */
function answering(scene: Scene, amplitude: (second: number) => number): void {
  scene.toneMs = scene.between(100, 1800);
  const ced = tone([2100 + scene.between(-12, 12)], scene.between(2600, 4000), pick(scene.random, [-12, -16, -22]));
  scene.add(
    scene.toneMs,
    ced.map((sample, at) => sample * amplitude(at / 8000)),
  );
  let at = scene.toneMs + ced.length / 8 + 75;
  while (at < scene.samples.length / 8) at = scene.add(at, tone([scene.random.next() < 0.5 ? 1650 : 1850], 10 / 3, -16, 0.2));
}

export const faxRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  ced: [40, (scene) => answering(scene, () => 1)],
  // ANSam of ITU-T V.8: 15 Hz swell of a fifth, and the phase turned every 450 ms.
  ansam: [30, (scene) => answering(scene, (second) => (1 + 0.2 * Math.sin(2 * Math.PI * 15 * second)) * (Math.floor(second / 0.45) % 2 ? -1 : 1))],
  cng: [15, (scene) => repeat(scene, [1100 + scene.between(-30, 30)], 500, 3000)],
  "ced-noise": [
    15,
    (scene) => {
      answering(scene, () => 1);
      scene.behind(20, "street");
    },
  ],
};

/** First, second and third tone with their lengths (ITU-T E.180 §7; Telcordia GR-674). */
const sits = {
  itu: [950, 330, 1400, 330, 1800, 330],
  intercept: [913.8, 274, 1370.6, 274, 1776.7, 380],
  vacant: [985.2, 380, 1370.6, 274, 1776.7, 380],
  reorder: [913.8, 274, 1428.5, 380, 1776.7, 380],
  "no-circuit": [985.2, 380, 1428.5, 380, 1776.7, 380],
} as const;

const sit =
  (name: keyof typeof sits): Recipe =>
  (scene) => {
    const [one, oneMs, two, twoMs, three, threeMs] = sits[name];
    const levelDb = pick(scene.random, [-14, -18, -24]);
    const off = 1 + (scene.random.next() - 0.5) * 0.02;
    scene.toneMs = scene.between(0, 800);
    let at = scene.toneMs;
    const gapMs = pick(scene.random, [0, 0, 20, 30]);
    for (const [hz, lastsMs] of [
      [one, oneMs],
      [two, twoMs],
      [three, threeMs],
    ] as const)
      at = scene.add(at, tone([hz * off], lastsMs, levelDb, 2)) + gapMs;
    scene.say(at + scene.between(200, 700), 3000, 8000);
    if (scene.random.next() < 0.2) scene.behind(20, "white");
  };

export const sitRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  itu: [30, sit("itu")],
  intercept: [20, sit("intercept")],
  vacant: [20, sit("vacant")],
  reorder: [15, sit("reorder")],
  "no-circuit": [15, sit("no-circuit")],
};

const quiet =
  (kind: "white" | "street" | "vehicle" | "hum"): Recipe =>
  (scene) => {
    scene.add(0, noise(kind, scene.samples.length / 8, scene.random), fromDb(pick(scene.random, [-60, -52, -46])));
  };

export const silenceRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  digital: [20, () => undefined],
  white: [25, quiet("white")],
  street: [15, quiet("street")],
  vehicle: [20, quiet("vehicle")],
  hum: [20, quiet("hum")],
};

export const toneRecipes: Readonly<Record<string, readonly [number, Recipe]>> = {
  "ringback-us": [20, (scene) => repeat(scene, [440, 480], 2000, 4000)],
  "ringback-eu": [20, (scene) => repeat(scene, [425], 1000, 4000)],
  "busy-us": [20, (scene) => repeat(scene, [480, 620], 500, 500)],
  "busy-eu": [20, (scene) => repeat(scene, [425], 500, 500)],
  "reorder-us": [20, (scene) => repeat(scene, [480, 620], 250, 250)],
};
