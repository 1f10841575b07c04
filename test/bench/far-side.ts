/*
 * The far side of the calls benchmark, a process of its own: drachtio-server, FreeSWITCH and called parties that ring
 * shortly, answer, send nothing and listen until we hang up, so that nearly all the work there is the calls' own.
 */
import { systemClock } from "../../src/adapter/system/clock.ts";
import { openLog } from "../../src/adapter/system/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { runLab } from "../../src/lab/lab.ts";
import { labPassword, labSecret } from "./processes.ts";

const seed = Number(process.argv[2]);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.once("disconnect", () => stop.abort());
await runLab({
  clock: systemClock,
  random: seededRandom(seed),
  log: openLog("warn"),
  secret: labSecret,
  password: labPassword,
  quiet: true,
  keepAudio: false,
  personas: {
    seed,
    mix: { listens: 1 },
    personas: {
      listens: {
        about: "rings a moment, answers, listens",
        ringing: { status: 180, forMs: [50, 150] },
        ending: { kind: "answer", acts: [{ do: "stay" }] },
      },
    },
  },
  print: (line) => process.send?.(JSON.parse(line)),
  until: stop.signal,
});
if (process.connected) process.disconnect();
