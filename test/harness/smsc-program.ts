import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabSmsc } from "../../src/lab/smsc/lab-smsc.ts";

export interface SmscOrder {
  readonly port: number;
  /** Another with each life: ids of messages begin somewhere else. */
  readonly seed: number;
  readonly mix: Readonly<Record<string, number>>;
  readonly pace: number;
  readonly booksFile: string;
}

/* An SMSC in a process of its own, to be killed. */

const { port, seed, mix, pace, booksFile }: SmscOrder = JSON.parse(process.argv[2] ?? "{}");
const smsc = new LabSmsc({ clock: systemClock, random: seededRandom(seed), host: "127.0.0.1", port, pace, personas: { mix }, booksFile });
await smsc.listen();
process.send?.("ready");
