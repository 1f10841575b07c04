import t from "tap";
import { recordArgument, spokenMs } from "../../src/adapter/freeswitch/recording.ts";
import type { RecordRequest } from "../../src/ivr/ports.ts";
import { writeWav } from "../../src/lab/media/wav.ts";

const request: RecordRequest = { name: "1-a-1", prompts: [], maxMs: 20_000, silenceMs: 1000, terminators: "#", beep: true };

t.test("how long somebody speaks in a file", async (t) => {
  const silent = new Int16Array(8000);
  const loud = Int16Array.from({ length: 8000 }, (_, at) => (at % 2 === 0 ? 3000 : -3000));
  t.equal(spokenMs(writeWav(silent)), 0);
  t.equal(spokenMs(writeWav(loud)), 1000);
  t.equal(spokenMs(writeWav(Int16Array.of(...silent, ...loud, ...silent))), 1000);
  t.equal(spokenMs(writeWav(new Int16Array(0))), 0);
  for (const odd of [Buffer.alloc(0), Buffer.from("RIFF"), Buffer.from("no wav at all, but long enough"), Buffer.alloc(100, "RIFF\xff\xff\xff\xff")])
    t.equal(spokenMs(odd), undefined);
  t.throws(() => recordArgument({ dir: "/", mediaDir: "/tmp/with a blank" }, request), { code: "recording-path" });
  const asked = { ...request, maxMs: 1001, silenceMs: 500 };
  t.equal(recordArgument({ dir: "/here is", mediaDir: "/there" }, asked), "/there/1-a-1.wav 2 200 1", "whole seconds");
});
