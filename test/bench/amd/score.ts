import type { MessagePlace, Outcome, Span } from "../../../src/voice/amd/verdict.ts";
import { percentile } from "../gates.ts";
import type { Label, Sample } from "./scene.ts";

/** What a detector made of one sample. */
export interface Judged {
  readonly sample: Sample;
  readonly outcome: Outcome | "none";
  readonly cause: string;
  readonly atMs: number;
  readonly beep?: Span;
  readonly message?: MessagePlace;
}

export interface Score {
  readonly accuracy: number;
  /** Of the people, those who would be taken for a machine, a fax or a signal: hung up on. */
  readonly humanLost: number;
  readonly cleanHumansLost: number;
  readonly cleanHumans: number;
  /** Of the machines, those taken for a person. */
  readonly machineAsHuman: number;
  /** Of the machines, those that would be connected to somebody: taken for a person, for silence, or in doubt. */
  readonly machineConnected: number;
  readonly humanP50Ms: number;
  readonly humanP95Ms: number;
  readonly machineP50Ms: number;
  readonly signalP95Ms: number;
  /** Of the beeps before which nothing final was said, those found within 100 ms of their onset. */
  readonly beepRecall: number;
  readonly beeps: number;
  readonly falseBeeps: number;
  readonly beepErrorP95Ms: number;
}

const lostOutcomes: readonly string[] = ["machine", "machine-beep", "fax", "sit"];
const right: Readonly<Record<Label, readonly string[]>> = {
  human: ["human"],
  machine: ["machine", "machine-beep"],
  fax: ["fax"],
  sit: ["sit"],
  silence: ["silence"],
  tone: ["unknown"],
};
const onsetToleranceMs = 100;

export function isRight({ sample, outcome }: Judged): boolean {
  return right[sample.label].includes(outcome);
}

export function isLost({ sample, outcome }: Judged): boolean {
  return sample.label === "human" && lostOutcomes.includes(outcome);
}

/** Whether the file's beep was there to be found: nothing final had been said before it began. */
function wasListening({ sample, outcome, atMs }: Judged): boolean {
  return sample.beep !== undefined && (outcome === "machine" || outcome === "machine-beep" || atMs > sample.beep[0]);
}

function beepErrorMs({ sample, beep }: Judged): number {
  return sample.beep && beep ? beep.startMs - sample.beep[0] : Number.NaN;
}

/** From the end of the last word before the verdict. */
export function delayMs({ sample, atMs }: Judged): number {
  const ends = sample.speech.map(([, end]) => end).filter((end) => end <= atMs);
  return ends.length > 0 ? atMs - Math.max(...ends) : Number.NaN;
}

export function score(all: readonly Judged[]): Score {
  const of = (label: Label) => all.filter(({ sample }) => sample.label === label);
  const share = (some: readonly Judged[], whole: readonly Judged[]) => some.length / whole.length;
  const humans = of("human");
  const machines = of("machine");
  const clean = humans.filter(({ sample }) => sample.clean);
  const delays = humans.filter(isRight).map(delayMs).filter(Number.isFinite);
  const listening = all.filter(wasListening);
  const found = listening.filter((judged) => Math.abs(beepErrorMs(judged)) <= onsetToleranceMs);
  const beeps = all.filter(({ beep }) => beep !== undefined);
  return {
    accuracy: share(all.filter(isRight), all),
    humanLost: share(humans.filter(isLost), humans),
    cleanHumansLost: clean.filter(isLost).length,
    cleanHumans: clean.length,
    machineAsHuman: share(
      machines.filter(({ outcome }) => outcome === "human"),
      machines,
    ),
    machineConnected: share(
      machines.filter(({ outcome }) => !right.machine.includes(outcome)),
      machines,
    ),
    humanP50Ms: percentile(delays, 0.5),
    humanP95Ms: percentile(delays, 0.95),
    machineP50Ms: percentile(
      machines.filter(isRight).map(({ atMs }) => atMs),
      0.5,
    ),
    signalP95Ms: percentile(
      [...of("fax"), ...of("sit")].map((judged) => (isRight(judged) ? judged.atMs : Number.POSITIVE_INFINITY)),
      0.95,
    ),
    beepRecall: found.length / listening.length,
    beeps: listening.length,
    falseBeeps: beeps.filter((judged) => !(Math.abs(beepErrorMs(judged)) <= onsetToleranceMs)).length,
    beepErrorP95Ms: percentile(
      found.map((judged) => Math.abs(beepErrorMs(judged))),
      0.95,
    ),
  };
}
