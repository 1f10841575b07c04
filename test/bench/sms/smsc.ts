/* The SMSC of the sms benchmark, in a process of its own: takes every submit and reports it delivered a moment later. */
import { systemClock } from "../../../src/adapter/system/clock.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { LabSmsc } from "../../../src/lab/smsc/lab-smsc.ts";
import { serveSide } from "./protocol.ts";

const smsc = new LabSmsc({
  clock: systemClock,
  random: seededRandom(Number(process.argv[2])),
  host: "127.0.0.1",
  port: 0,
  keepBooks: false,
  // Reports are answered when they are stored, a batch of them at a time: an SMSC of this size lets many be under way.
  deliverWindow: 1000,
  pace: 0.1,
  personas: { numbers: {}, mix: { delivered: 1 } },
});
// Whatever a number ends in: everybody gets everything.
smsc.directory.setEverybody("delivered");
await smsc.listen();
serveSide(smsc.port, { run: () => Promise.reject(new Error("an SMSC runs nothing")), close: () => smsc.close() });
